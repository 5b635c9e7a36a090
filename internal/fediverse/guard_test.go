package fediverse_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/skein-migrate/skein/internal/fediverse"
)

// A Session's token goes to its own host only, and its calls follow no redirect.
func TestTokenStaysHome(t *testing.T) {
	other := newServer(t, "other.example")
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/statuses/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://other.example"+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := newClient(s, other)
	err := c.As("s.example", "secret", mastodon).Delete(t.Context(), "1")
	var status *fediverse.StatusError
	if !errors.As(err, &status) || status.Code != http.StatusTemporaryRedirect {
		t.Errorf("Delete = %v; want the redirect as a StatusError", err)
	}
	if len(other.seen) != 0 {
		t.Error("another host was asked")
	}
	if got := s.seen[0].Header.Get("Authorization"); got != "Bearer secret" {
		t.Errorf("Authorization = %q", got)
	}
}
