package plan

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

func address(t testing.TB, s string) model.Address {
	t.Helper()
	a, err := model.ParseAddress(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// town is a handful of people with one match each, changed by the test.
type town struct {
	people  map[string]model.Person
	matches []match.Match
}

func newTown() *town { return &town{people: map[string]model.Person{}} }

func (w *town) add(t testing.TB, id string, interactions int, grade match.Grade, to string, change ...func(*model.Person, *match.Match)) {
	t.Helper()
	p := model.Person{ID: id, Relations: []model.Relation{model.Following}, Interactions: interactions}
	m := match.Match{PersonID: id, Address: address(t, to), Grade: grade, Profile: model.Profile{Existence: model.Exists}}
	for _, c := range change {
		c(&p, &m)
	}
	w.people[id] = p
	if grade != match.None || m.Decision != match.Undecided {
		w.matches = append(w.matches, m)
	}
}

func decided(d match.Decision) func(*model.Person, *match.Match) {
	return func(_ *model.Person, m *match.Match) { m.Decision = d }
}

func is(r ...model.Relation) func(*model.Person, *match.Match) {
	return func(p *model.Person, _ *match.Match) { p.Relations = r }
}

func exists(e model.Existence) func(*model.Person, *match.Match) {
	return func(_ *model.Person, m *match.Match) { m.Profile.Existence = e }
}

func (w *town) fill(t testing.TB) {
	t.Helper()
	w.add(t, "p01", 5, match.Proven, "proven@a.example")
	w.add(t, "p02", 9, match.Stated, "Stated@A.example")
	w.add(t, "p03", 7, match.Claimed, "claimed@a.example")
	w.add(t, "p04", 7, match.Claimed, "yes@a.example", decided(match.Yes))
	w.add(t, "p05", 99, match.Guess, "guess@a.example")
	w.add(t, "p06", 99, match.Guess, "guessyes@a.example", decided(match.Yes))
	w.add(t, "p07", 9, match.Proven, "no@a.example", decided(match.No))
	w.add(t, "p08", 9, match.Stated, "gone@a.example", exists(model.Gone), decided(match.Yes))
	w.add(t, "p09", 9, match.Stated, "unchecked@a.example", exists(model.Unknown), decided(match.Yes))
	w.add(t, "p10", 1, match.Stated, "old@a.example", func(_ *model.Person, m *match.Match) {
		m.Profile.MovedTo, m.Marks = model.Address{User: "new", Host: "b.example"}, []match.Mark{match.Moved}
	})
	w.add(t, "p11", 1, match.Proven, "blocked@a.example", is(model.Blocking, model.Following))
	w.add(t, "p12", 1, match.Proven, "follower@a.example", is(model.Follower))
	w.add(t, "p13", 1, match.Proven, "already@a.example")
	w.add(t, "p14", 1, match.Proven, "me@a.example")
	w.add(t, "p15", 0, match.Proven, "PROVEN@a.example")
	w.add(t, "p16", 0, match.None, "none@a.example")
	w.add(t, "p17", 3, match.Stated, "muted@a.example", is(model.Following, model.Muting))
	w.add(t, "p18", 0, match.Stated, "onlyblocked@a.example", is(model.Blocking))
	w.add(t, "p19", 0, match.Claimed, "mirror@a.example", func(_ *model.Person, m *match.Match) { m.Marks = []match.Mark{match.Mirror} })
	w.add(t, "p20", 0, match.Stated, "suspended@a.example", decided(match.Yes), func(_ *model.Person, m *match.Match) { m.Profile.Suspended = true })
	// An address that did not come through ParseAddress.
	w.add(t, "p21", 0, match.Proven, "x@a.example", func(_ *model.Person, m *match.Match) { m.Address.User = "=cmd()" })
	// A second account of p02, and two accounts that the Owner said yes to.
	w.matches = append(w.matches, match.Match{
		PersonID: "p02", Address: address(t, "second@a.example"), Grade: match.Stated, Profile: model.Profile{Existence: model.Exists},
	})
	w.add(t, "p22", 0, match.Stated, "first@c.example", decided(match.Yes))
	w.matches = append(w.matches, match.Match{
		PersonID: "p22", Address: address(t, "other@c.example"), Grade: match.Claimed, Profile: model.Profile{Existence: model.Exists}, Decision: match.Yes,
	})
}

func TestFollows(t *testing.T) {
	w := newTown()
	w.fill(t)
	steps, left := Follows(w.matches, w.people, map[string]bool{"already@a.example": true}, FollowLimit{Self: address(t, "me@a.example")})
	var got []string
	for i, s := range steps {
		got = append(got, s.Address.String())
		if s.Seq != i+1 || s.Kind != KindFollow || s.State != "planned" || s.PersonID == "" {
			t.Errorf("step %d is %+v", i, s)
		}
	}
	want := []string{"Stated@a.example", "yes@a.example", "proven@a.example", "muted@a.example", "new@b.example", "first@c.example", "other@c.example"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	counts := map[string]int{}
	for _, l := range left {
		counts[l.Reason] = l.Count
		if l.Count != len(l.PersonIDs) {
			t.Errorf("%s: %d, but %v", l.Reason, l.Count, l.PersonIDs)
		}
	}
	wantLeft := map[string]int{
		LeftNoMatch: 5, LeftGuess: 1, LeftGone: 1, LeftUnchecked: 1, LeftSuspended: 1, LeftBlocked: 1, LeftAlready: 1, LeftSelf: 1, LeftSame: 1, LeftBadAddress: 1,
	}
	if diff := cmp.Diff(wantLeft, counts); diff != "" {
		t.Error(diff)
	}
}

// Who does not want to be found is followed only where the Owner said yes.
func TestFollowsLeavesOutOptOuts(t *testing.T) {
	w := newTown()
	w.add(t, "p1", 5, match.Proven, "out@a.example")
	w.add(t, "p2", 4, match.Proven, "Known@a.example", decided(match.Yes))
	w.add(t, "p3", 3, match.Proven, "old@a.example", func(_ *model.Person, m *match.Match) { m.Profile.MovedTo = address(t, "new@b.example") })
	w.add(t, "p4", 2, match.Proven, "left@a.example", func(_ *model.Person, m *match.Match) { m.Profile.MovedTo = address(t, "other@b.example") })
	w.add(t, "p5", 1, match.Proven, "stays@a.example")
	out := map[string]bool{"out@a.example": true, "known@a.example": true, "new@b.example": true, "left@a.example": true}
	steps, left := Follows(w.matches, w.people, nil, FollowLimit{OptedOut: out})
	if len(steps) != 2 || steps[0].PersonID != "p2" || steps[1].PersonID != "p5" {
		t.Errorf("steps %+v", steps)
	}
	for i := range left {
		left[i].Named = nil
	}
	if want := []Left{{Reason: LeftOptedOut, Count: 3, PersonIDs: []string{"p1", "p3", "p4"}}}; !cmp.Equal(want, []Left(left)) {
		t.Errorf("left %+v", left)
	}
}

func TestFollowsStopsAtTheLimit(t *testing.T) {
	tests := []struct {
		limit FollowLimit
		want  int
	}{
		{FollowLimit{}, 7500},
		{FollowLimit{Following: 7000}, 500},
		{FollowLimit{Following: 7500}, 0},
		{FollowLimit{Following: 9000, Followers: 100}, 0},
		{FollowLimit{Following: 100, Followers: 6000}, 7400},
		{FollowLimit{Following: 7500, Followers: 7000}, 200},
		{FollowLimit{Following: 10, Followers: 1_000_000}, 7600},
		{FollowLimit{Following: 9000, Unlimited: true}, 7600},
	}
	w := newTown()
	for i := range 7600 {
		w.add(t, fmt.Sprintf("p%05d", i), i, match.Proven, fmt.Sprintf("u%d@a.example", i))
	}
	for _, tt := range tests {
		steps, left := Follows(w.matches, w.people, nil, tt.limit)
		if len(steps) != tt.want {
			t.Errorf("%+v: %d steps, want %d", tt.limit, len(steps), tt.want)
		}
		if n := 7600 - tt.want; n > 0 && (len(left) != 1 || left[0].Reason != LeftOverLimit || left[0].Count != n) {
			t.Errorf("%+v: left %d kinds", tt.limit, len(left))
		}
		if len(steps) > 0 && steps[0].Address.User != "u7599" {
			t.Errorf("%+v: the closest comes not first: %s", tt.limit, steps[0].Address)
		}
	}
}

func TestCSV(t *testing.T) {
	w := newTown()
	w.fill(t)
	tests := []struct {
		name  string
		write func(*bytes.Buffer) error
		want  string
	}{
		{name: FollowingFile, write: func(b *bytes.Buffer) error { return FollowingCSV(b, w.matches, w.people, false) },
			want: `Account address,Show boosts,Notify on new posts,Languages
Stated@a.example,true,false,
yes@a.example,true,false,
proven@a.example,true,false,
muted@a.example,true,false,
new@b.example,true,false,
already@a.example,true,false,
me@a.example,true,false,
first@c.example,true,false,
other@c.example,true,false,
`},
		{name: "with claimed", write: func(b *bytes.Buffer) error { return FollowingCSV(b, w.matches, w.people, true) },
			want: `Account address,Show boosts,Notify on new posts,Languages
Stated@a.example,true,false,
claimed@a.example,true,false,
yes@a.example,true,false,
proven@a.example,true,false,
muted@a.example,true,false,
new@b.example,true,false,
already@a.example,true,false,
me@a.example,true,false,
first@c.example,true,false,
other@c.example,true,false,
`},
		{name: BlocksFile, write: func(b *bytes.Buffer) error { return BlocksCSV(b, w.matches, w.people) },
			want: "Account address\nblocked@a.example\nonlyblocked@a.example\n"},
		{name: MutesFile, write: func(b *bytes.Buffer) error { return MutesCSV(b, w.matches, w.people) },
			want: "Account address,Hide notifications\nmuted@a.example,true\n"},
		{name: "nobody", write: func(b *bytes.Buffer) error { return MutesCSV(b, nil, nil) },
			want: "Account address,Hide notifications\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(b.String(), "guess") {
				t.Error("a guess was written")
			}
		})
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = errors.New("broken pipe")

func TestCSVReportsAFailedWrite(t *testing.T) {
	if err := FollowingCSV(brokenPipe{}, nil, nil, false); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

func TestDefuse(t *testing.T) {
	for _, bad := range []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1+1", "＋1", "－1", "＠x"} {
		if got := Defuse(bad); got != "'"+bad {
			t.Errorf("Defuse(%q) = %q", bad, got)
		}
	}
	// Where a semicolon divides cells, as in much of Europe, one within a name does too.
	if got, want := Defuse("a;=1;+2; b"), "a;'=1;'+2; b"; got != want {
		t.Errorf("Defuse gave %q, want %q", got, want)
	}
	for _, good := range []string{"", "ada@example.org", "1-1", "'=1", "a;b=1;"} {
		if got := Defuse(good); got != good {
			t.Errorf("Defuse(%q) = %q", good, got)
		}
	}
}

func TestFollowEstimate(t *testing.T) {
	tests := []struct {
		n        int
		software string
		days     int
		atMost   time.Duration
	}{
		{0, "mastodon", 0, 0},
		{1, "mastodon", 1, 5 * time.Second},
		{300, "mastodon", 1, 21 * time.Minute},
		{301, "mastodon", 2, 25 * time.Hour},
		{3000, "mastodon", 10, 217 * time.Hour},
		{3000, "unheard-of", 10, 217 * time.Hour},
		{3000, "gotosocial", 1, 4 * time.Hour},
	}
	for _, tt := range tests {
		e := usual(tt.software).Follows(tt.n)
		if e.Steps != tt.n || e.Days != tt.days || e.Duration > tt.atMost || e.Reason == "" {
			t.Errorf("%d on %s: %+v", tt.n, tt.software, e)
		}
	}
	if text := FollowCSVText(3120, "mastodon"); !strings.Contains(text, "3,120") || !strings.Contains(text, FollowingFile) {
		t.Error(text)
	}
}

func TestPostEstimate(t *testing.T) {
	tests := []struct {
		name string
		pace Pace
		want time.Duration
		says string
	}{
		{"nothing", Pace{}, 0, "nothing"},
		{"quiet, one window", Pace{Statuses: 225, Quiet: true}, 45 * time.Second, "a few things a second"},
		{"quiet", Pace{Statuses: 2250, Quiet: true}, 9*301*time.Second + 45*time.Second, "300 requests"},
		{"quiet with media", Pace{Statuses: 1000, Media: 1250, Quiet: true}, 9*301*time.Second + 45*time.Second, "300 requests"},
		{"loud", Pace{Statuses: 97}, 24 * time.Hour, "4 posts an hour"},
		{"loud, own pace", Pace{Statuses: 97, PerHour: 12}, 8 * time.Hour, "12 posts an hour"},
		{"as fast as the server allows", Pace{Statuses: 226, PerHour: 3600}, 3*time.Hour + time.Second, "300 posts in 3 hours"},
		{"media", Pace{Statuses: 10, Media: 440, PerHour: 60}, 9*time.Hour + 30*time.Minute, "half an hour"},
		{"quiet at a chosen pace", Pace{Statuses: 121, Quiet: true, PerHour: 60}, 2 * time.Hour, "60 posts an hour"},
		{"media elsewhere", Pace{Statuses: 10, Media: 450, PerHour: 60, Software: "akkoma"}, 9 * time.Minute, "60 posts an hour"},
		{"no limits", Pace{Statuses: 501, PerHour: 3600, Software: "snac"}, 100 * time.Second, "a few things a second"},
		{"one", Pace{Statuses: 1}, time.Second, "about a minute"},
	}
	for _, tt := range tests {
		e := usual(tt.pace.Software).Posts(tt.pace)
		if (e.Duration-tt.want).Abs() > tt.want/100 || e.Steps != tt.pace.Statuses || !strings.Contains(e.Reason, tt.says) {
			t.Errorf("%s: %+v, want %s and %q", tt.name, e, tt.want, tt.says)
		}
	}
}
