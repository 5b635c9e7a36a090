package queue

import (
	"context"
	"fmt"
	"testing"
)

func TestTopics(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		api, worker := b.connect(), b.connect()
		ctx, cancel := context.WithCancel(t.Context())
		a, err := api.Subscribe(ctx, "move:1")
		if err != nil {
			t.Fatal(err)
		}
		again, err := api.Subscribe(t.Context(), "move:1")
		if err != nil {
			t.Fatal(err)
		}
		other, err := api.Subscribe(t.Context(), "move:2")
		if err != nil {
			t.Fatal(err)
		}
		publish(t, worker, "move:1", "changed")
		publish(t, worker, "move:2", "changed too")
		for ch, want := range map[<-chan string]string{a: "changed", again: "changed", other: "changed too"} {
			if got := next(t, ch, "payload"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		cancel()
		if got, open := <-a; open {
			t.Errorf("after the end came %q", got)
		}
		publish(t, worker, "move:1", "after")
		if got := next(t, again, "payload"); got != "after" {
			t.Errorf("got %q", got)
		}
	})
}

// Nobody waits for a subscriber that does not read, and it finds the oldest.
func TestSlowSubscriber(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		slow, err := q.Subscribe(t.Context(), "slow")
		if err != nil {
			t.Fatal(err)
		}
		quick, err := q.Subscribe(t.Context(), "quick")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 200 {
			publish(t, q, "slow", fmt.Sprint(i))
		}
		publish(t, q, "quick", "x")
		next(t, quick, "payload")
		if got := next(t, slow, "payload"); got != "0" {
			t.Errorf("got %q, want the oldest", got)
		}
	})
}

func TestSubscribersHearOfLostConnection(t *testing.T) {
	onBoth(t, func(t *testing.T, b *backend) {
		q := b.connect()
		ch, err := q.Subscribe(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if err := q.rdb.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err(); err != nil {
			t.Skip("the embedded server loses no connections")
		}
		if got := next(t, ch, "payload"); got != "" {
			t.Errorf("got %q, want an empty payload", got)
		}
		publish(t, q, "a", "b")
		if got := next(t, ch, "payload"); got != "b" {
			t.Errorf("got %q", got)
		}
	})
}

func publish(t testing.TB, q *Queue, topic, payload string) {
	t.Helper()
	if err := q.Publish(t.Context(), topic, payload); err != nil {
		t.Fatal(err)
	}
}
