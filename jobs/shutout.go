package jobs

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// shutOut finds out, after a server refused something as not allowed, whether
// it is the Account itself that may do nothing any more, since it moved away or
// was suspended. Then it returns what pauses the Run, so that no Step is used up
// on that. Whether a Step alone was refused is for the caller.
func (a *actor) shutOut(ctx context.Context, e *fediverse.StatusError) error {
	if e.Code != http.StatusForbidden {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // of the five that the caller has
	defer cancel()
	self, err := a.session.Self(ctx)
	var refused *fediverse.StatusError
	switch {
	case errors.As(err, &refused) && refused.Code == http.StatusForbidden: // Mastodon says no more than that
		return pause("%s lets your account do nothing any more (%s). It may be suspended, or have moved away. Look there; once it works again, resume here. Nothing already done is lost.",
			a.account.Server, refusal(refused))
	case err == nil && self.MovedTo != (model.Address{}):
		return pause("Your account %s has moved to %s, and %s lets it do nothing new. Connect the account that you use now and start again with it, or resume here if you move back.",
			a.account.Address, self.MovedTo, a.account.Server)
	}
	return nil
}
