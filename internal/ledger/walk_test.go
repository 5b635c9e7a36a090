package ledger

import (
	"fmt"
	"testing"
	"time"
)

// The walk plays every sequence of answers, cuts and crashes against the rules
// of this package: two Steps with the same text, one server, one Owner. It
// asserts what the package promises: no Step's post is there twice.

// script answers each question with the next choice, and counts through all.
type script struct {
	choices []int
	sizes   []int
	at      int
}

func (s *script) choose(n int) int {
	if s.at == len(s.choices) {
		s.choices, s.sizes = append(s.choices, 0), append(s.sizes, n)
	}
	s.at++
	return s.choices[s.at-1]
}

// next moves on to the next sequence; false after the last one.
func (s *script) next() bool {
	for n := len(s.choices) - 1; n >= 0; n-- {
		if s.choices[n]+1 < s.sizes[n] {
			s.choices, s.sizes = s.choices[:n+1], s.sizes[:n+1]
			s.choices[n]++
			s.at = 0
			return true
		}
	}
	return false
}

type post struct {
	id   string
	step int
	at   time.Time // when it becomes visible
}

// world is a server with posts, and our database.
type world struct {
	*script
	now     time.Time
	keys    bool // honoured for an hour after success
	app     bool // the application is shown
	posts   []post
	byKey   map[string]post
	steps   []record
	trouble int // how often something went wrong
	worst   int // at most so often
}

// record is what the database holds of a Step.
type record struct {
	state    State
	attempt  int
	sentAt   time.Time
	deadline time.Time
	noted    int // posts visible when it was sent
	seenID   string
}

const requestTime = 30 * time.Second

func (w *world) visible() []post {
	var list []post
	for _, p := range w.posts {
		if !p.at.After(w.now) {
			list = append(list, p)
		}
	}
	return list
}

func (w *world) move(i int, to State) {
	if !CanMove(w.steps[i].state, to) {
		panic(fmt.Sprintf("step %d cannot move from %s to %s", i, w.steps[i].state, to))
	}
	w.steps[i].state = to
}

// effect is the server carrying a request out, at once or later.
func (w *world) effect(i int, late time.Duration) string {
	key := Key(nil, fmt.Sprint(i), w.steps[i].attempt)
	if p, ok := w.byKey[key]; ok && w.keys && w.now.Sub(p.at) < time.Hour {
		return p.id
	}
	p := post{id: fmt.Sprint(len(w.posts) + 1), step: i, at: w.now.Add(late)}
	w.posts = append(w.posts, p)
	w.byKey[key] = p
	return p.id
}

// send commits sent and sends, with everything that may go wrong. again is a
// resend under the same key.
func (w *world) send(i int, again bool) {
	s := &w.steps[i]
	w.move(i, StateSent)
	if !again {
		s.attempt++
		s.sentAt, s.noted = w.now, len(w.visible())
	}
	s.deadline = w.now.Add(requestTime)
	kinds := 8
	if w.trouble >= w.worst {
		kinds = 1
	}
	kind := w.choose(kinds)
	if kind > 0 {
		w.trouble++
	}
	switch kind {
	case 0: // answered
		s.seenID = w.effect(i, 0)
		w.move(i, StateConfirmed)
	case 1: // 429, or it never left: nothing happened, unless an earlier sending did
		if !again {
			w.move(i, StatePlanned)
		}
	case 2: // crash before the first byte, or cut before the server read it
		w.down()
	case 3: // the effect, then a cut, a 5xx or a crash
		w.effect(i, 0)
		w.down()
	case 4: // cut, and the effect lands up to 60 s later
		w.effect(i, 30*time.Second)
		w.down()
	case 5:
		w.effect(i, time.Minute)
		w.down()
	case 6: // the Owner posts the same by hand, ours is lost
		w.posts = append(w.posts, post{id: fmt.Sprint(len(w.posts) + 1), step: -1, at: w.now})
		w.down()
	case 7: // refused; under an old key that says nothing of the first request
		if !again {
			w.move(i, StateRefused)
		}
	}
}

// down is how long nobody works after trouble.
func (w *world) down() {
	w.now = w.now.Add([]time.Duration{time.Second, 40 * time.Minute, 2 * time.Hour}[w.choose(3)])
}

func (w *world) look(i int) {
	s := &w.steps[i]
	claimed := map[string]bool{}
	for n := range w.steps {
		if n != i && w.steps[n].seenID != "" {
			claimed[w.steps[n].seenID] = true
		}
	}
	complete := w.trouble >= w.worst || w.choose(2) == 0
	var seen []Seen
	for n, p := range w.visible() {
		if n < s.noted {
			continue
		}
		found := Seen{ID: p.id, Text: "same"}
		if w.app {
			found.Application = map[bool]string{true: "Web", false: "Skein"}[p.step < 0]
		}
		seen = append(seen, found)
	}
	if !complete {
		w.trouble++
		seen = nil
	}
	v := Judge(Expected{Text: "same", Application: "Skein"}, seen, complete, claimed, func(a, b string) bool { return a == b })
	w.move(i, v.State)
	s.seenID = v.SeenID
}

// work is a worker until every Step rests in a final state or is unsure. Sent
// Steps come first.
func (w *world) work(t *testing.T) {
	for range 60 {
		i := -1
		for _, state := range []State{StatePlanned, StateSent} {
			for n := len(w.steps) - 1; n >= 0; n-- {
				if w.steps[n].state == state {
					i = n
				}
			}
		}
		if i < 0 {
			return
		}
		s := &w.steps[i]
		if s.state == StatePlanned {
			w.send(i, false)
			continue
		}
		action, until := Recover(Sent{Attempt: s.attempt, At: s.sentAt, Deadline: s.deadline, KeyHonoured: w.keys}, w.now)
		switch action {
		case Wait:
			w.now = until
		case Resend:
			w.send(i, true)
		case Look:
			w.look(i)
		}
	}
	t.Fatalf("no end: %v %+v", w.choices, w.steps)
}

func TestNeverTwice(t *testing.T) {
	for _, kind := range []struct {
		name      string
		keys, app bool
		steps     int
	}{
		{"keys", true, true, 1}, {"no keys, application shown", false, true, 1}, {"no keys", false, false, 1},
		{"two, keys", true, true, 2}, {"two, no keys, application shown", false, true, 2}, {"two, no keys", false, false, 2},
	} {
		t.Run(kind.name, func(t *testing.T) {
			s, sequences, unsure := &script{}, 0, 0
			for more := true; more; more = s.next() {
				sequences++
				w := &world{
					script: s, keys: kind.keys, app: kind.app, byKey: map[string]post{}, worst: 5 - kind.steps,
					steps: make([]record, kind.steps),
					now:   time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
				}
				for i := range w.steps {
					w.steps[i].state = StatePlanned
				}
				w.work(t)
				w.now = w.now.Add(time.Hour)
				if w.check(t) {
					unsure++
				}
				if t.Failed() {
					return
				}
			}
			t.Logf("%d sequences, %d end unsure", sequences, unsure)
		})
	}
}

// check asserts that there are not more posts of ours than Steps that were not
// refused: with equal texts that is all that anybody can tell. It returns whether
// a Step is unsure.
func (w *world) check(t *testing.T) (unsure bool) {
	t.Helper()
	ours, want, owners, allowed, seen := 0, 0, 0, 0, map[string]bool{}
	for _, p := range w.visible() {
		if p.step >= 0 {
			ours++
		} else {
			owners++
		}
	}
	for i, s := range w.steps {
		if s.state == StateConfirmed {
			want++
			if seen[s.seenID] {
				t.Errorf("%v: two Steps are confirmed by post %s", w.choices, s.seenID)
			}
			seen[s.seenID] = true
		}
		if s.state != StateRefused && s.state != StateSkipped {
			allowed++
		}
		unsure = unsure || s.state == StateUnsure
		if !s.state.Final() && s.state != StateUnsure {
			t.Errorf("%v: step %d ends %s", w.choices, i, s.state)
		}
	}
	if ours > allowed {
		t.Errorf("%v: %d posts of ours for %d Steps", w.choices, ours, allowed)
	}
	if !unsure && ours+owners < want {
		t.Errorf("%v: %d Steps confirmed, %d posts", w.choices, want, ours)
	}
	return unsure
}
