//go:build torture && linux

package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/store"
)

// check compares what the server saw in a round with what had to happen. What is
// wrong is counted, and printed with the ledger; an error means that nothing can
// be said.
func (l *lane) check(ctx context.Context) error {
	if err := l.settle(ctx); err != nil {
		return err
	}
	runs, err := l.round.runs(ctx, l.store)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.State != store.RunDone {
			return fmt.Errorf("not done: %s", l.round.describe(ctx, l.store))
		}
	}
	if !l.within(ctx, patience, func() bool { return l.sim.Pending() == 0 }) { // nothing comes after the check
		return fmt.Errorf("the simulator does not come to rest")
	}
	if l.tooBusy() {
		l.pending = append(l.pending, l.round.kills...)
		l.count(l.name, func(y *tally) { y.void++ })
		return nil
	}
	found := l.look()
	l.count(l.name, func(y *tally) {
		for _, p := range l.round.kills {
			y.kills[p.name]++
		}
		y.rounds, y.posts, y.follows = y.rounds+1, y.posts+found.posts, y.follows+found.follows
		y.doubles, y.missing, y.misplaced = y.doubles+found.doubles, y.missing+found.missing, y.misplaced+found.misplaced
	})
	if found.doubles+found.missing+found.misplaced > 0 {
		fmt.Printf("torture: %s, %s: %d twice, %d missing, %d out of order\nthe server saw:\n%s\n%s\n", l.name, l.round.user,
			found.doubles, found.missing, found.misplaced, l.saw(), l.round.describe(ctx, l.store))
	}
	return nil
}

// settle says for the Owner of each unsure post whether it is there, as the server
// knows, and lets the Run go on to its end.
func (l *lane) settle(ctx context.Context) error {
	for {
		steps, err := l.round.unsure(ctx, l.store)
		if err != nil || len(steps) == 0 {
			return err
		}
		l.count(l.name, func(y *tally) { y.unsure += len(steps) })
		for _, step := range steps {
			there, known := 0, 0
			for _, e := range l.effects() {
				if e.Kind == fedisim.PostCreated && e.Text == step.Text() {
					there++
				}
			}
			confirmed, err := l.store.StepsPage(ctx, l.round.posts, ledger.StateConfirmed, 0, 1000)
			if err != nil {
				return err
			}
			for _, other := range confirmed {
				if other.Text() == step.Text() {
					known++
				}
			}
			if err := l.store.Settle(ctx, l.round.move, l.round.posts, step.ID, there > known); err != nil {
				return err
			}
		}
		c, err := l.start(point{})
		if err != nil {
			return err
		}
		over := l.within(ctx, patience, func() bool { return l.round.over(ctx, l.store) })
		c.kill()
		if !over {
			return fmt.Errorf("it does not go on after the Owner's word: %s", l.round.describe(ctx, l.store))
		}
	}
}

// effects returns what the round's account did.
func (l *lane) effects() []fedisim.Effect {
	var mine []fedisim.Effect
	for _, e := range l.home.Effects() {
		if e.Account == l.round.user {
			mine = append(mine, e)
		}
	}
	return mine
}

// saw writes down what the server saw, for failures.
func (l *lane) saw() string {
	var b strings.Builder
	for _, e := range l.effects() {
		if e.Kind != fedisim.MediaUploaded {
			fmt.Fprintf(&b, "  %s %s %s %s%.30q, %d media\n", e.At.Format("05.000"), e.Kind, e.ID, e.Target, e.Text, e.Media)
		}
	}
	return b.String()
}

// look compares from the outside: with what the server did, not with the ledger.
func (l *lane) look() (found tally) {
	var follows, posts []string
	ids := map[string][]string{} // of the posts, by text
	var made []fedisim.Effect
	for _, e := range l.effects() {
		switch e.Kind {
		case fedisim.Followed, fedisim.FollowRequested:
			follows = append(follows, e.Target)
		case fedisim.FollowRepeated:
			found.doubles++
		case fedisim.PostCreated:
			posts, made, ids[e.Text] = append(posts, e.Text), append(made, e), append(ids[e.Text], e.ID)
		}
	}
	found.follows, found.posts = len(follows), len(posts)
	found.compare(l.round.people, follows)
	found.compare(l.wanted(posts), posts)
	if found.doubles+found.missing == 0 {
		found.misplaced += l.misplaced(made)
	}
	return found
}

// compare counts what is there too often, too rarely, and elsewhere than wanted.
func (y *tally) compare(want, got []string) {
	left := map[string]int{}
	for _, text := range got {
		left[text]++
	}
	for _, text := range want {
		if left[text]--; left[text] < 0 {
			y.missing++
		}
	}
	same := len(want) == len(got)
	for text, n := range left {
		y.doubles += max(0, n)
		same = same && left[text] == 0
	}
	for i := range want {
		if same && want[i] != got[i] {
			y.misplaced++
		}
	}
}

// wanted is what has to be posted, in order. How the long tweet is cut is taken
// from what was posted; together its parts have to be the whole.
func (l *lane) wanted(posts []string) []string {
	var want []string
	for _, e := range l.round.tweets {
		if len(e.text) <= 500 {
			want = append(want, e.text)
			continue
		}
		want = append(want, parts(e.text, posts)...)
	}
	return want
}

// parts finds posts that one after the other make up the text; what no post goes
// on with is one part, which is then missing.
func parts(text string, posts []string) []string {
	var found []string
	for text != "" {
		next := ""
		for _, p := range posts {
			if p != "" && (text == p || strings.HasPrefix(text, p+" ")) {
				next = p
				break
			}
		}
		if next == "" {
			return append(found, text)
		}
		found, text = append(found, next), strings.TrimPrefix(strings.TrimPrefix(text, next), " ")
	}
	return found
}

// misplaced counts posts that answer another than they should, or lack pictures,
// or have another date than asked for. made are all that had to be, in order.
func (l *lane) misplaced(made []fedisim.Effect) (wrong int) {
	answers := map[string]string{}
	for _, p := range l.home.Posts(l.round.user) {
		answers[p.ID] = p.ReplyTo
	}
	last := make([]string, len(l.round.tweets)) // id of the last part of each tweet
	for i, e := range l.round.tweets {
		before := ""
		if e.parent >= 0 {
			before = last[e.parent]
		}
		for rest, media := e.text, e.media; rest != ""; media = 0 {
			p := made[0]
			made = made[1:]
			rest = strings.TrimPrefix(strings.TrimPrefix(rest, p.Text), " ")
			dated := l.home.Config().Software != "gotosocial" || p.CreatedAt.Truncate(time.Second).Equal(e.at)
			if answers[p.ID] != before || p.Media != media || !dated {
				wrong++
			}
			before = p.ID
		}
		last[i] = before
	}
	return wrong
}
