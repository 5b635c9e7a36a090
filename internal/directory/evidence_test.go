package directory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// short writes evidence as "address tie: text".
func short(evidence []model.Evidence) []string {
	var out []string
	for _, e := range evidence {
		out = append(out, e.Address.String()+" "+string(e.Tie)+": "+e.Text)
	}
	return out
}

func TestFromPerson(t *testing.T) {
	p := model.Person{
		TwitterID: "12", Handle: model.Handle{Name: "ada"}, Name: "Ada 🐘 @ada@mas.to",
		Bio:      "Reads much.\nCEO of @corp@tusk.example, mail ada@gmail.com, also ada@corp.example\nBy @ADA@pond.example",
		Location: "https://mastodon.social/@ada", URLs: []string{"https://medium.com/@ada", "https://chaos.social/@ada"},
	}
	want := []string{
		"corp@tusk.example name: CEO of @corp@tusk.example, mail ada@gmail.com, also ada@corp.example",
		"ada@corp.example name: CEO of @corp@tusk.example, mail ada@gmail.com, also ada@corp.example",
		"ADA@pond.example id: By @ADA@pond.example",
		"ada@mas.to id: Ada 🐘 @ada@mas.to",
		"ada@mastodon.social id: https://mastodon.social/@ada",
		"ada@chaos.social id: https://chaos.social/@ada",
	}
	got := directory.FromPerson(p)
	if diff := cmp.Diff(want, short(got)); diff != "" {
		t.Error(diff)
	}
	for _, e := range got {
		if e.Side != model.TwitterSide || e.Source != directory.SourceList {
			t.Errorf("got %+v", e)
		}
	}
	p.ProfileSource = directory.SourcePages
	if got := directory.FromPerson(p); got[0].Source != directory.SourcePages {
		t.Errorf("from X pages: got %+v", got[0])
	}
	p.TwitterID = ""
	if got := directory.FromPerson(p); got[3].Tie != model.TieHandle {
		t.Errorf("a Person without an id: got %+v", got[3])
	}
}

func TestFromTweet(t *testing.T) {
	tests := []struct{ name, text, link, handle, want string }{
		{"own address", "RT @ada: I am moving: @ada@mastodon.social &lt;3", "", "ada", "ada@mastodon.social"},
		{"other case", "RT @Ada: find me at ADA@mastodon.social", "", "Ada", "ADA@mastodon.social"},
		{"by link", "RT @ada: I am moving https://t.co/x", "https://mastodon.social/@ada", "ada", "ada@mastodon.social"},
		{"cut", "RT @ada: I am moving to the fediverse, you will find me as @ada@mastodon.so…", "", "ada", ""},
		{"cut elsewhere", "RT @ada: I am @ada@mastodon.social and more of th…", "", "ada", "ada@mastodon.social"},
		{"somebody else's", "RT @ada: follow @bob@mastodon.social", "", "ada", ""},
		{"e-mail", "RT @ada: write to ada@corp.example", "", "ada", ""},
		{"impersonator", "RT @ada: @ada@mastodon.social is not me!", "", "ada", ""},
		{"fake", "RT @ada: Somebody runs a fake account: @ada@mastodon.social", "", "ada", ""},
		{"no retweet", "I am @ada@mastodon.social", "", "", ""},
		{"nothing in it", "RT @ada: hello", "", "ada", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tweet := model.Tweet{Text: tt.text, CreatedAt: day}
			if tt.link != "" {
				tweet.Links = []model.Link{{Short: "https://t.co/x", Expanded: tt.link}}
			}
			handle, evidence := directory.FromTweet(tweet)
			var got []string
			for _, e := range evidence {
				got = append(got, e.Address.String())
				if e.Source != match.SourceRetweet || e.Side != model.TwitterSide || e.Tie != model.TieHandle || !e.At.Equal(day) {
					t.Errorf("got %+v", e)
				}
			}
			if handle != tt.handle || strings.Join(got, " ") != tt.want {
				t.Errorf("got %q of %q, want %q of %q", got, handle, tt.want, tt.handle)
			}
		})
	}
}

func TestFromProfile(t *testing.T) {
	ada := model.Person{Handle: model.Handle{Name: "ada_b"}, Name: "Ada Byron ✨"}
	at := func(change func(*model.Profile)) model.Profile {
		p := model.Profile{Address: model.Address{User: "countess", Host: "tusk.example"}, Existence: model.Exists, FetchedAt: day}
		change(&p)
		return p
	}
	tests := []struct {
		name    string
		person  model.Person
		profile model.Profile
		want    []string
	}{
		{"note", ada, at(func(p *model.Profile) { p.Note = "Hello\nI was @Ada_B on Twitter\nBye" }), []string{"handle: I was @Ada_B on Twitter"}},
		{"field with a link", ada, at(func(p *model.Profile) {
			p.Fields = []model.ProfileField{{Name: "Blog", Value: "x.example"}, {Name: "Twitter", Value: "@ada_b (https://twitter.com/ada_b)"}}
		}), []string{"handle: Twitter: @ada_b (https://twitter.com/ada_b)"}},
		{"field with a bare handle", ada, at(func(p *model.Profile) { p.Fields = []model.ProfileField{{Name: "X", Value: "ada_b"}} }), []string{"handle: X: ada_b"}},
		{"own and another", ada, at(func(p *model.Profile) { p.Note = "https://x.com/ada_b and https://x.com/lab" }), []string{"handle: https://x.com/ada_b and https://x.com/lab"}},
		{"another", ada, at(func(p *model.Profile) { p.Note = "https://x.com/eve" }), []string{"other: https://x.com/eve"}},
		{"nothing", ada, at(func(*model.Profile) {}), nil},
		{"same user name", ada, at(func(p *model.Profile) { p.Address.User = "Ada_B" }), []string{"name: The same user name: @Ada_B"}},
		{"same name", ada, at(func(p *model.Profile) { p.DisplayName = "🐘 ada  byron" }), []string{"name: The same name: ada byron"}},
		{"same name, but another handle", ada, at(func(p *model.Profile) { p.DisplayName, p.Note = "Ada Byron", "https://x.com/eve" }), []string{"other: https://x.com/eve", "name: The same name: Ada Byron"}},
		{"a short name says nothing", model.Person{Name: "Ada"}, at(func(p *model.Profile) { p.DisplayName = "Ada" }), nil},
		{"no handle known", model.Person{TwitterID: "12"}, at(func(p *model.Profile) { p.Note = "https://x.com/eve" }), nil},
		{"gone", ada, at(func(p *model.Profile) { p.Note, p.Existence = "https://x.com/ada_b", model.Gone }), nil},
		{"no address", ada, at(func(p *model.Profile) { p.Note, p.Address = "https://x.com/ada_b", model.Address{} }), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, e := range directory.FromProfile(tt.person, tt.profile) {
				got = append(got, string(e.Tie)+": "+e.Text)
				if e.Side != model.FediverseSide || e.Source != directory.SourceProfile || e.Address != tt.profile.Address || !e.At.Equal(day) {
					t.Errorf("got %+v", e)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
