package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fediverse"
)

// noBudget stands for the budget of all workers while Redis is down.
type noBudget struct{}

func (noBudget) Acquire(context.Context, string) (func(), error) {
	return nil, errors.New("redis is down")
}

// Without the queue, which keeps the pace, no server is asked, and no server is
// blamed for that.
func TestConnectWithoutQueue(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(a *api.Server) {
		a.Client = fediverse.New(fediverse.Options{Simulated: map[string]string{"tusk.example": "127.0.0.1:1"}, Budget: noBudget{}})
		a.Worker.Client = a.Client
	})
	b := s.browser(t)
	a := b.connect(b.begin().ID, "tusk.example").want(http.StatusServiceUnavailable)
	if detail := a.detail(); !strings.HasPrefix(detail, "The queue cannot be reached just now") {
		t.Errorf("connect answers %q", detail)
	}
}
