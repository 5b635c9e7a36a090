package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// Of tweets with the same id the later one counts, in one batch too.
func TestManyTweets(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		archive := must(f.AddArchive(f.ctx, store.Archive{MoveID: f.move.ID, Kind: "archive"}))(t)
		var tweets []model.Tweet
		for i := range 600 {
			tweets = append(tweets, model.Tweet{ID: fmt.Sprint(i), Text: "first", CreatedAt: f.now()})
		}
		tweets = append(tweets, model.Tweet{ID: "7", Text: "again", CreatedAt: f.now()}, model.Tweet{ID: "599", Text: "again", CreatedAt: f.now()})
		if err := f.SaveTweets(f.ctx, f.move.ID, archive.ID, "data/tweets.js", tweets); err != nil {
			t.Fatal(err)
		}
		if err := f.FileComplete(f.ctx, archive.ID, "data/tweets.js", 600); err != nil {
			t.Fatal(err)
		}
		if got := must(f.CountTweets(f.ctx, f.move.ID))(t); got != 600 {
			t.Errorf("%d tweets, want 600", got)
		}
		for _, id := range []string{"7", "599"} {
			if got := must(f.Tweet(f.ctx, f.move.ID, id))(t); got.Text != "again" {
				t.Errorf("tweet %s says %q, want what came last", id, got.Text)
			}
		}
	})
}

// However People are cut into batches, the same becomes of them.
func TestPeopleInBatches(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2020, 1, n, 0, 0, 0, 0, time.UTC) }
	person := func(id, handle string, seen int, relations ...model.Relation) model.Person {
		p := model.Person{TwitterID: id, Handle: model.Handle{Name: handle}, Relations: relations}
		if seen > 0 {
			p.Handle.SeenAt = day(seen)
		}
		return p
	}
	people := []model.Person{
		person("", "Ada", 0, model.Following),
		person("1", "ada", 2, model.Follower), // the one known by handle
		person("1", "lovelace", 3),            // has another name now
		person("", "ADA", 0, model.Blocking),  // somebody else has the handle
		person("1", "ada", 1),                 // an old name, seen late
		person("2", "grace", 4),               // 2 and 3 had the same handle:
		person("3", "grace", 5),               // ids of two people
		person("", "grace", 0, model.Muting),  // is taken for the greater id
		person("4", "", 0, model.Following),   // without a name
		person("4", "", 0, model.Following, model.Follower),
	}
	people[1].Bio, people[4].Name, people[2].Interactions, people[4].Interactions = "poet", "Ada L", 7, 3
	first := []string{
		"1 lovelace 2020-01-03 Ada L/poet/7 [follower following]",
		" ADA 0001-01-01 //0 [blocking]",
		"2 grace 2020-01-04 //0 []",
		"3 grace 2020-01-05 //0 [muting]",
		"4  0001-01-01 //0 [follower following]",
	}
	each(t, func(t *testing.T, f *fixture) {
		for _, size := range []int{1, 3, len(people)} {
			move, want := must(f.AddMove(f.ctx, f.owner))(t), slices.Clone(first)
			for again := range 2 {
				for part := range slices.Chunk(people, size) {
					if err := f.SavePeople(f.ctx, move.ID, part); err != nil {
						t.Fatalf("%d at a time: %v", size, err)
					}
				}
				var got []string
				for p, err := range f.People(f.ctx, move.ID) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, fmt.Sprintf("%s %s %s %s/%s/%d %v", p.TwitterID, p.Handle.Name, p.Handle.SeenAt.Format(time.DateOnly),
						p.Name, p.Bio, p.Interactions, p.Relations))
				}
				if again == 1 { // Ada without an id is now whoever has the handle
					want[1] = " ADA 0001-01-01 //0 [blocking following]"
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d at a time: %s", size, diff)
				}
			}
		}
	})
}

func TestMatchesOfMany(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada, bob, eve := f.person(t, "1"), f.person(t, "2"), f.person(t, "3")
		exists := model.Profile{Existence: model.Exists}
		one := func(a string, grade match.Grade) match.Match {
			return match.Match{Address: address(t, a), Grade: grade, Profile: exists}
		}
		save := func(found map[string][]match.Match) {
			t.Helper()
			if err := f.SaveMatchesOf(f.ctx, f.move.ID, found); err != nil {
				t.Fatal(err)
			}
		}
		check := func(want ...string) {
			t.Helper()
			var got []string
			for person, matches := range must(f.MatchesOf(f.ctx, []string{ada, bob, eve}))(t) {
				for _, m := range matches {
					got = append(got, strings.TrimSpace(fmt.Sprint(slices.Index([]string{ada, bob, eve}, person), " ", m.Address, " ", m.Grade, " ", m.Decision)))
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		save(map[string][]match.Match{
			ada: {one("ada@one.example", match.Stated), one("ada@two.example", match.Guess), one("Ada@one.example", match.Guess)},
			bob: {one("bob@one.example", match.Claimed)},
			eve: {one("eve@one.example", match.Proven)},
		})
		check("0 ada@one.example stated", "0 ada@two.example guess", "1 bob@one.example claimed", "2 eve@one.example proven")
		guess := must(f.Matches(f.ctx, ada))(t)[1]
		if err := f.Decide(f.ctx, f.move.ID, ada, guess.ID, match.Yes); err != nil {
			t.Fatal(err)
		}
		save(map[string][]match.Match{ada: nil, eve: {one("eve@two.example", match.Stated)}}) // bob, between them, is left alone
		check("0 ada@two.example claimed yes", "1 bob@one.example claimed", "2 eve@two.example stated")
		c := must(f.PeopleCounts(f.ctx, f.move.ID))(t)
		if c.Guess != 0 || c.Claimed != 2 || c.Stated != 1 || c.Proven != 0 || c.Chosen != 2 {
			t.Errorf("counts = %+v", c)
		}
	})
}
