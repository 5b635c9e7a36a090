package fediverse_test

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fediverse"
)

// A machine that slept between our decision to send and the write sends nothing
// when it wakes up too late, on a new connection or on a kept one.
func TestWallDeadline(t *testing.T) {
	for _, kept := range []bool{false, true} {
		name := map[bool]string{false: "new connection", true: "kept connection"}[kept]
		t.Run(name, func(t *testing.T) {
			s := newServer(t, "s.example")
			s.json("/api/v1/statuses", 200, `{"id":"5"}`)
			s.json("/api/v1/accounts/1/follow", 200, `{"following":true}`)
			now := time.Date(2026, 3, 14, 13, 0, 0, 0, time.UTC)
			o := options(s)
			o.Now = func() time.Time { return now }
			session := fediverse.New(o).As("s.example", "t", snac)
			post := fediverse.Post{Text: "x", Visibility: "public", Key: "k"}
			made := 0
			if kept {
				if _, err := session.Post(t.Context(), post); err != nil {
					t.Fatal(err)
				}
				made++
			}
			ctx := fediverse.WithDeadline(t.Context(), now.Add(10*time.Second))
			now = now.Add(time.Hour)
			_, err := session.Post(ctx, post)
			if got := classOf(err); got != "not sent: connect" {
				t.Errorf("a post that woke up late: %s (%v)", got, err)
			}
			_, err = session.Follow(ctx, "1")
			if got := classOf(err); got != "not sent: connect" {
				t.Errorf("a follow that woke up late: %s (%v)", got, err)
			}
			if n := len(s.requests("POST", "/api/v1/statuses")); n != made {
				t.Errorf("%d posts arrived, want %d", n, made)
			}
			if n := len(s.requests("POST", "/api/v1/accounts/1/follow")); n != 0 {
				t.Errorf("%d follows arrived", n)
			}
			if _, err := session.Post(fediverse.WithDeadline(t.Context(), now.Add(time.Second)), post); err != nil {
				t.Errorf("in time: %v", err)
			}
			if _, err := session.Post(t.Context(), post); err != nil {
				t.Errorf("without a deadline: %v", err)
			}
		})
	}
}
