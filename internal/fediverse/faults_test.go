package fediverse_test

import (
	"errors"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// Whatever a server answers when it is asked about an account, the check comes to
// an end and says no more than what is known.
func TestCheckFaults(t *testing.T) {
	const finger, lookup, actor = "/.well-known/webfinger", "/api/v1/accounts/lookup", "/users/*"
	tests := []struct {
		path, kind string
		want       model.Existence
		fails      bool // with an error
		named      bool // the profile was read
	}{
		{finger, fedisim.Endless, model.Unknown, true, false},
		{finger, fedisim.SlowBody, model.Unknown, true, false},
		{finger, fedisim.Latency, model.Unknown, true, false},
		{finger, fedisim.Malformed, model.Unknown, true, false},
		{finger, fedisim.WrongAnswer, model.Unknown, true, false},
		{finger, fedisim.ServerError, model.Unknown, true, false},
		{finger, fedisim.TooMuch, model.Unknown, true, false},
		{finger, fedisim.CutBefore, model.Unknown, true, false},
		{finger, fedisim.LostAnswer, model.Unknown, true, false},
		// Where the API fails the actor tells.
		{lookup, fedisim.Endless, model.Exists, false, true},
		{lookup, fedisim.SlowBody, model.Exists, false, true},
		{lookup, fedisim.Malformed, model.Exists, false, true},
		{lookup, fedisim.WrongAnswer, model.Exists, false, true},
		{lookup, fedisim.ServerError, model.Exists, false, true},
		{lookup, fedisim.CutBefore, model.Exists, false, true},
		{lookup, fedisim.TooMuch, model.Exists, true, false}, // not asked any more
		// The actor is not needed where the API answers.
		{actor, fedisim.Endless, model.Exists, false, true},
		{actor, fedisim.ServerError, model.Exists, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			sim := fedisim.New(fedisim.Options{Seed: 1})
			t.Cleanup(sim.Close)
			v := sim.AddServer(fedisim.Config{Host: "home.example"})
			v.AddAccount(fedisim.Account{User: "ada", DisplayName: "Ada"})
			v.Fault(fedisim.Fault{Path: tt.path, Kind: tt.kind, Delay: time.Minute, Times: -1})
			o := fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}}
			if tt.kind != fedisim.Endless { // that one ends by its size
				o.Timeout = 500 * time.Millisecond
			}
			p, err := fediverse.New(o).Check(t.Context(), address(t, "ada@home.example"))
			if p.Existence != tt.want || (err != nil) != tt.fails || (p.DisplayName == "Ada") != tt.named {
				t.Errorf("Check = %+v, %v; want %q, an error: %t, a name: %t", p, err, tt.want, tt.fails, tt.named)
			}
		})
	}
}

// Where a host and its API both fail, the account exists all the same: WebFinger
// said so.
func TestCheckBothFail(t *testing.T) {
	for _, kind := range []string{fedisim.Endless, fedisim.Malformed, fedisim.WrongAnswer, fedisim.ServerError} {
		v, c := simulate(t, "mastodon")
		for _, path := range []string{"/api/v1/accounts/lookup", "/users/*"} {
			v.Fault(fedisim.Fault{Path: path, Kind: kind, Times: -1})
		}
		if p, err := c.Check(t.Context(), address(t, "ada@home.example")); p.Existence != model.Exists || err == nil || p.Note != "" {
			t.Errorf("%s: %+v, %v", kind, p, err)
		}
	}
}

// Who moved in a circle, or to themselves, is told where; nobody runs after them.
func TestCheckCircle(t *testing.T) {
	for _, closed := range []bool{false, true} { // the API, or the actor, tells
		sim := fedisim.New(fedisim.Options{Seed: 1})
		t.Cleanup(sim.Close)
		v := sim.AddServer(fedisim.Config{Host: "home.example", APINeedsToken: closed})
		v.AddAccount(fedisim.Account{User: "one", MovedTo: "two@home.example"})
		v.AddAccount(fedisim.Account{User: "two", MovedTo: "one@home.example"})
		v.AddAccount(fedisim.Account{User: "self", MovedTo: "self@home.example"})
		c := fediverse.New(fediverse.Options{Simulated: sim.Hosts(), Budget: fediverse.Free{}})
		for user, to := range map[string]string{"one": "two@home.example", "two": "one@home.example", "self": "self@home.example"} {
			p, err := c.Check(t.Context(), address(t, user+"@home.example"))
			// Mastodon does not nest moves: who moved to somebody that moved is shown without.
			if err != nil || p.Existence != model.Exists || closed && p.MovedTo.String() != to {
				t.Errorf("%s (closed %t): %+v, %v", user, closed, p, err)
			}
		}
		if n := v.Requests()["GET /.well-known/webfinger"]; n > 6 {
			t.Errorf("asked WebFinger %d times", n)
		}
	}
}

// Names are shown as what they are: nothing turns the writing around, breaks the
// line or hides, and a host in another script stands in ASCII.
func TestCheckNames(t *testing.T) {
	const name = "Ada\u202e moc.elpmaxe\u2066 \u0000(verified)\r\n\u0007\u202a✓\ufffd"
	v, c := simulate(t, "mastodon")
	v.AddAccount(fedisim.Account{User: "eve", DisplayName: name, Note: name, Fields: []fedisim.Field{{Name: name, Value: name}}})
	p, err := c.Check(t.Context(), address(t, "eve@home.example"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{p.DisplayName, p.Note, p.Fields[0].Name, p.Fields[0].Value} {
		for _, r := range text {
			if r != '\n' && r < ' ' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfffd {
				t.Errorf("%q holds %U", text, r)
			}
		}
	}
	if p.DisplayName != "Ada moc.elpmaxe (verified) ✓" {
		t.Errorf("name %q", p.DisplayName)
	}
	for _, s := range []string{"ada@mаstodon.example", "ada@\u202emastodon.example", "аda@mastodon.example"} {
		if a, err := model.ParseAddress(s); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%q is taken for %v", s, a)
		}
	}
}
