package bench_test

import (
	"fmt"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// fill makes n people, 45 of 100 with a match, as a find Run leaves them.
func (s *service) fill(n int) {
	ctx := s.t.Context()
	all := make([]model.Person, n)
	for i := range all {
		all[i] = person(i)
	}
	check(s.t, s.store.SavePeople(ctx, s.move, all))
	found := map[string][]match.Match{}
	flush := func() {
		check(s.t, s.store.SaveMatchesOf(ctx, s.move, found))
		clear(found)
	}
	i := 0
	for p, err := range s.store.People(ctx, s.move) {
		check(s.t, err)
		if i++; i%20 >= 9 {
			continue
		}
		if found[p.ID] = s.matches(i, p); len(found) == 500 {
			flush()
		}
	}
	flush()
}

// claimMore gives n of the people a claimed match and no other.
func (s *service) claimMore(n int) {
	ctx := s.t.Context()
	found := map[string][]match.Match{}
	i := 0
	for p, err := range s.store.People(ctx, s.move) {
		check(s.t, err)
		if i++; i > n {
			break
		}
		found[p.ID] = []match.Match{s.match(i, p, match.Claimed)}
	}
	check(s.t, s.store.SaveMatchesOf(ctx, s.move, found))
}

var (
	given  = []string{"Someone", "Ada", "Émile", "Noor", "李", "Иван", "María José", "Jean-Baptiste Emmanuel", "עמוס", "Zoë"}
	family = []string{"Lovelace", "van der Berg", "Nakamura", "O’Neill", "Szczepańska", "Okonkwo", "Müller", "Haddad"}
)

func person(i int) model.Person {
	p := model.Person{
		TwitterID: fmt.Sprint(1_000_000 + i*7919%1_000_003), Name: fmt.Sprintf("%s %s %d", of(given, i), of(family, i/7), i*31%20_000),
		Interactions: i * 17 % 400, LastInteraction: time.Date(2022, 11, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(i*37%20_000) * time.Hour),
		Bio: "Writes, walks and sometimes answers. Views are of course my own.", Relations: []model.Relation{model.Following}, Archived: true,
	}
	if i%2 == 0 {
		p.Handle = model.Handle{Name: fmt.Sprintf("someone_%d", i), Source: "mention", SeenAt: p.LastInteraction}
	}
	if i%3 == 0 {
		p.Relations = append(p.Relations, model.Follower)
	}
	return p
}

// matches are one or, for every tenth, two.
func (s *service) matches(i int, p model.Person) []match.Match {
	all := []match.Match{s.match(i, p, match.Grade(4-i%4))}
	if i%10 == 0 {
		all = append(all, s.match(i+1, p, match.Guess))
	}
	return all
}

func (s *service) match(i int, p model.Person, g match.Grade) match.Match {
	a := model.Address{User: fmt.Sprintf("someone%d", i), Host: of(s.hosts, i)}
	m := match.Match{PersonID: p.ID, Address: a, Grade: g}
	m.Profile = model.Profile{
		Address: a, Existence: model.Exists, DisplayName: p.Name, URL: "https://" + a.Host + "/@" + a.User,
		Avatar: "https://" + a.Host + "/avatars/" + a.User + "@" + a.Host + ".png", FetchedAt: time.Now(), LastStatusAt: time.Now().AddDate(0, 0, -i%300),
		Note:   "Moved here from elsewhere. Cranes, trains and old maps; now and then a picture of the sea. He, she, they, whoever asks.",
		Fields: []model.ProfileField{{Name: "Website", Value: "https://example.org/" + a.User, Verified: i%2 == 0}, {Name: "Pronouns", Value: "any"}},
	}
	add := func(source string, side model.Side, tie model.Tie, text string) {
		m.Evidence = append(m.Evidence, model.Evidence{Address: a, Source: source, Side: side, Tie: tie, Text: text, At: p.LastInteraction})
	}
	if g >= match.Stated {
		add("list", model.TwitterSide, model.TieID, "🐘 @"+a.String()+" | views are my own")
	}
	if g == match.Proven || g == match.Claimed {
		add("profile", model.FediverseSide, model.TieHandle, "Twitter: https://twitter.com/"+a.User)
	}
	add("profile", model.FediverseSide, model.TieName, "The same name: "+p.Name)
	switch i % 9 {
	case 0:
		m.Marks = []match.Mark{match.Moved, match.Silent}
		m.Profile.MovedTo = model.Address{User: a.User, Host: of(s.hosts, i+7)}
	case 4:
		m.Marks = []match.Mark{match.Bot}
	}
	return m
}
