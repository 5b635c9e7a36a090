package plan

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/compose"
)

func status(id string, part, second int, parent string, parentPart int) compose.Status {
	s := compose.Status{TweetIDs: []string{id}, Part: part, CreatedAt: time.Unix(1e9+int64(second), 0).UTC()}
	if parent != "" {
		s.InReplyTo = &compose.Ref{TweetID: parent, Part: parentPart}
	}
	return s
}

// ids returns a maker of ids: s1, s2 …
func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprint("s", n) }
}

// told writes steps as tweet.part<parent.
func told(steps []Step) string {
	name, words := map[string]string{}, []string{}
	for _, s := range steps {
		word := fmt.Sprintf("%s.%d", s.TweetID, s.Part)
		name[s.ID] = word
		if s.ParentID != "" {
			word += "<" + name[s.ParentID]
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestPosts(t *testing.T) {
	tests := []struct {
		name     string
		statuses []compose.Status
		want     string
	}{
		{name: "none"},
		{name: "newest first", statuses: []compose.Status{status("2", 1, 2, "", 0), status("1", 1, 1, "", 0)}, want: "1.1 2.1"},
		{name: "same time, by id as a number", statuses: []compose.Status{status("10", 1, 1, "", 0), status("9", 1, 1, "", 0)}, want: "9.1 10.1"},
		{name: "parts", statuses: []compose.Status{status("1", 2, 1, "1", 1), status("1", 1, 1, "", 0)}, want: "1.1 1.2<1.1"},
		{name: "parent later than its answer", statuses: []compose.Status{status("1", 1, 1, "2", 2), status("2", 1, 5, "", 0), status("2", 2, 6, "2", 1)},
			want: "2.1 2.2<2.1 1.1<2.2"},
		{name: "last part of the parent", statuses: []compose.Status{status("1", 1, 1, "", 0), status("1", 2, 1, "1", 1), status("2", 1, 2, "1", 0)},
			want: "1.1 1.2<1.1 2.1<1.2"},
		{name: "parent not here", statuses: []compose.Status{status("2", 1, 2, "1", 1)}, want: "2.1"},
		{name: "twice", statuses: []compose.Status{status("1", 1, 1, "", 0), status("1", 1, 1, "", 0)}, want: "1.1"},
		{name: "circle", statuses: []compose.Status{status("1", 1, 1, "2", 1), status("2", 1, 2, "1", 1)}, want: "2.1 1.1<2.1"},
		{name: "itself", statuses: []compose.Status{status("1", 1, 1, "1", 1)}, want: "1.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, told(Posts(tt.statuses, ids()))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPostsLeavesItsInputAlone(t *testing.T) {
	in := []compose.Status{status("2", 1, 2, "1", 0), status("1", 1, 1, "", 0)}
	steps := Posts(in, ids())
	if *in[0].InReplyTo != (compose.Ref{TweetID: "1"}) || in[0].TweetIDs[0] != "2" {
		t.Errorf("the input was changed: %+v", in[0])
	}
	if got := *steps[1].Status.InReplyTo; got != (compose.Ref{TweetID: "1", Part: 1}) {
		t.Errorf("part 0 became %+v", got)
	}
}

// Whatever the order and the answers, every status is planned once and nothing
// before what it answers.
func TestPostsParentsFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n := 1 + rng.IntN(40)
		var in []compose.Status
		for i := range n {
			parent := ""
			if rng.IntN(2) == 0 {
				parent = fmt.Sprint(rng.IntN(n)) // circles too
			}
			in = append(in, status(fmt.Sprint(i), 1, rng.IntN(20), parent, 1))
		}
		steps := Posts(in, ids())
		seen := map[string]bool{}
		for i, s := range steps {
			if s.ParentID != "" && !seen[s.ParentID] {
				t.Fatalf("step %d comes before its parent: %s", i, told(steps))
			}
			if s.Seq != i+1 || seen[s.ID] {
				t.Fatalf("step %d: %+v", i, s)
			}
			seen[s.ID] = true
		}
		if len(steps) != n {
			t.Fatalf("%d steps for %d statuses", len(steps), n)
		}
	}
}

func BenchmarkPosts(b *testing.B) {
	var in []compose.Status
	for i := range 130_000 {
		parent := ""
		if i%1000 != 0 {
			parent = fmt.Sprint(i - 1)
		}
		in = append(in, status(fmt.Sprint(i), 1, 130_000-i, parent, 1))
	}
	for b.Loop() {
		Posts(in, ids())
	}
}
