package ledger

import (
	"testing"
	"time"
)

var states = []State{StatePlanned, StateSent, StateConfirmed, StateRefused, StateSkipped, StateUnsure, StateUndone}

func TestCanMove(t *testing.T) {
	// Rows from, columns to, in the order of states.
	want := map[State]string{
		StatePlanned:   ".x..x..",
		StateSent:      "xxxxxx.",
		StateConfirmed: "......x",
		StateRefused:   ".......",
		StateSkipped:   ".......",
		StateUnsure:    "x.x.x..",
		StateUndone:    ".......",
	}
	for _, from := range states {
		got := ""
		for _, to := range states {
			if CanMove(from, to) {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != want[from] {
			t.Errorf("moves from %s: %s, want %s", from, got, want[from])
		}
	}
	if CanMove("", StatePlanned) || CanMove(StatePlanned, "") {
		t.Error("an unknown state moves")
	}
}

// A state is open, and something may happen, or final: never both, never neither.
func TestFinalOrOpen(t *testing.T) {
	for _, s := range states {
		if s.Final() == s.Open() {
			t.Errorf("%s: final %v, open %v", s, s.Final(), s.Open())
		}
	}
}

func TestRecover(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	deadline := at.Add(60 * time.Second)
	tests := []struct {
		name     string
		honoured bool
		rest     time.Duration
		deadline time.Time
		now      time.Time
		want     Action
		until    time.Time
	}{
		{name: "before the deadline", honoured: true, now: at.Add(time.Second), want: Wait, until: deadline.Add(90 * time.Second)},
		{name: "rests after the deadline", honoured: true, now: deadline.Add(89 * time.Second), want: Wait, until: deadline.Add(90 * time.Second)},
		{name: "rests without keys too", now: deadline.Add(89 * time.Second), want: Wait, until: deadline.Add(90 * time.Second)},
		{name: "rested, key honoured", honoured: true, now: deadline.Add(90 * time.Second), want: Resend},
		{name: "rested, no keys", now: deadline.Add(90 * time.Second), want: Look},
		{name: "key just under 50 minutes", honoured: true, now: at.Add(50*time.Minute - time.Millisecond), want: Resend},
		{name: "key of 50 minutes", honoured: true, now: at.Add(50 * time.Minute), want: Look},
		{name: "key of a day", honoured: true, now: at.Add(24 * time.Hour), want: Look},
		{name: "resent lately, key old", honoured: true, deadline: at.Add(49 * time.Minute), now: at.Add(50 * time.Minute), want: Wait,
			until: at.Add(49*time.Minute + 90*time.Second)},
		{name: "resent lately, rested, key old", honoured: true, deadline: at.Add(49 * time.Minute), now: at.Add(51 * time.Minute), want: Look},
		{name: "the clock went back", honoured: true, now: at.Add(-time.Hour), want: Wait, until: deadline.Add(90 * time.Second)},
		{name: "sent in the future", honoured: true, deadline: at.Add(-2 * time.Hour), now: at.Add(-time.Hour), want: Look},
		{name: "short rest", rest: time.Second, now: deadline.Add(time.Second), want: Look},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Sent{At: at, Deadline: deadline, KeyHonoured: tt.honoured, Rest: tt.rest}
			if !tt.deadline.IsZero() {
				s.Deadline = tt.deadline
			}
			got, until := Recover(s, tt.now)
			if got != tt.want || !until.Equal(tt.until) {
				t.Errorf("Recover = %s, %v; want %s, %v", got, until, tt.want, tt.until)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	post := Seen{ID: "1", Text: "hello", ParentID: "p", MediaCount: 2}
	with := func(change func(*Seen)) Seen {
		s := post
		change(&s)
		return s
	}
	ours := with(func(s *Seen) { s.Application = "Skein" })
	second := with(func(s *Seen) { s.ID = "2" })
	want := Expected{Text: "hello", ParentID: "p", MediaCount: 2, Application: "Skein"}
	tests := []struct {
		name    string
		seen    []Seen
		partly  bool // the list is not complete
		claimed []string
		noApp   bool
		want    Verdict
	}{
		{name: "none", want: Verdict{State: StatePlanned}},
		{name: "none, not complete", partly: true, want: Verdict{State: StateUnsure}},
		{name: "one", seen: []Seen{post}, want: Verdict{State: StateConfirmed, SeenID: "1", Adopted: true}},
		{name: "one, not complete", seen: []Seen{post}, partly: true, want: Verdict{State: StateConfirmed, SeenID: "1", Adopted: true}},
		{name: "one of ours", seen: []Seen{ours}, want: Verdict{State: StateConfirmed, SeenID: "1"}},
		{name: "an application, ours unknown", seen: []Seen{ours}, noApp: true, want: Verdict{State: StateConfirmed, SeenID: "1", Adopted: true}},
		{name: "shown twice", seen: []Seen{ours, ours}, want: Verdict{State: StateConfirmed, SeenID: "1"}},
		{name: "two", seen: []Seen{second, post}, want: Verdict{State: StateUnsure, SeenID: "1"}},
		{name: "two, the first one younger", seen: []Seen{with(func(s *Seen) { s.CreatedAt = time.Unix(5, 0) }), second}, want: Verdict{State: StateUnsure, SeenID: "2"}},
		{name: "two, one claimed", seen: []Seen{post, second}, claimed: []string{"1"}, want: Verdict{State: StateConfirmed, SeenID: "2", Adopted: true}},
		{name: "all claimed", seen: []Seen{post, second}, claimed: []string{"1", "2"}, want: Verdict{State: StatePlanned}},
		{name: "all claimed, not complete", seen: []Seen{post}, claimed: []string{"1"}, partly: true, want: Verdict{State: StateUnsure}},
		{name: "another text", seen: []Seen{with(func(s *Seen) { s.Text = "hello!" })}, want: Verdict{State: StatePlanned}},
		{name: "another parent", seen: []Seen{with(func(s *Seen) { s.ParentID = "q" })}, want: Verdict{State: StatePlanned}},
		{name: "top level", seen: []Seen{with(func(s *Seen) { s.ParentID = "" })}, want: Verdict{State: StatePlanned}},
		{name: "other media", seen: []Seen{with(func(s *Seen) { s.MediaCount = 1 })}, want: Verdict{State: StatePlanned}},
		{name: "another application", seen: []Seen{with(func(s *Seen) { s.Application = "Web" })}, want: Verdict{State: StatePlanned}},
		{name: "ours and the owner's own", seen: []Seen{ours, with(func(s *Seen) { s.ID, s.Application = "2", "Web" })},
			want: Verdict{State: StateConfirmed, SeenID: "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			claimed := map[string]bool{}
			for _, id := range tt.claimed {
				claimed[id] = true
			}
			want := want
			if tt.noApp {
				want.Application = ""
			}
			got := Judge(want, tt.seen, !tt.partly, claimed, func(a, b string) bool { return a == b })
			if got != tt.want {
				t.Errorf("Judge = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestRelationJudge(t *testing.T) {
	tests := []struct {
		name                    string
		before, there, readable bool
		want                    Verdict
	}{
		{name: "not there", readable: true, want: Verdict{State: StatePlanned}},
		{name: "was there, is gone", before: true, readable: true, want: Verdict{State: StatePlanned}},
		{name: "there", there: true, readable: true, want: Verdict{State: StateConfirmed}},
		{name: "there before", before: true, there: true, readable: true, want: Verdict{State: StateConfirmed, Adopted: true}},
		{name: "unreadable", there: true, want: Verdict{State: StatePlanned}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := RelationJudge(tt.before, tt.there, tt.readable); got != tt.want {
				t.Errorf("RelationJudge = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestKey(t *testing.T) {
	secret := []byte("secret")
	key := Key(secret, "step", 1)
	if len(key) != 64 || key != Key(secret, "step", 1) {
		t.Errorf("key %q is not 64 digits, or not stable", key)
	}
	others := map[string]string{
		"attempt": Key(secret, "step", 2), "step": Key(secret, "step2", 1), "secret": Key([]byte("other"), "step", 1),
		"digits move": Key(secret, "step1", 1), "digits moved": Key(secret, "step", 11),
	}
	seen := map[string]string{key: "itself"}
	for what, k := range others {
		if seen[k] != "" {
			t.Errorf("%s and %s give the same key", what, seen[k])
		}
		seen[k] = what
	}
}
