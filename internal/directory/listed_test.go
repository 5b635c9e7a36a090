package directory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
)

func TestListable(t *testing.T) {
	good := model.Profile{Address: model.Address{User: "ada", Host: "s.example"}, Existence: model.Exists, Discoverable: true}
	tests := []struct {
		name   string
		change func(*model.Profile)
		want   bool
	}{
		{"chose to be found", func(*model.Profile) {}, true},
		{"a bot", func(p *model.Profile) { p.Bot = true }, true},
		{"locked", func(p *model.Profile) { p.Locked = true }, true},
		{"not discoverable", func(p *model.Profile) { p.Discoverable = false }, false},
		{"asks not to be indexed", func(p *model.Profile) { p.NoIndex = true }, false},
		{"suspended", func(p *model.Profile) { p.Suspended = true }, false},
		{"moved", func(p *model.Profile) { p.MovedTo = model.Address{User: "ada", Host: "new.example"} }, false},
		{"gone", func(p *model.Profile) { p.Existence = model.Gone }, false},
		{"not known to exist", func(p *model.Profile) { p.Existence = model.Unknown }, false},
	}
	for _, tt := range tests {
		p := good
		tt.change(&p)
		if got := directory.Listable(p); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

func TestNamedHandles(t *testing.T) {
	field := func(name, value string) model.Profile {
		return model.Profile{Fields: []model.ProfileField{{Name: name, Value: value}}}
	}
	var many []string
	for _, c := range "abcdefgh" {
		many = append(many, "https://twitter.com/person_"+string(c))
	}
	tests := []struct {
		name string
		p    model.Profile
		want []directory.Named
	}{
		{"a URL in the note", model.Profile{Note: "Maths.\nOn Twitter: https://twitter.com/Ada_L\nCats."}, []directory.Named{{"ada_l", "On Twitter: https://twitter.com/Ada_L"}}},
		{"a field of X", field("X", "me (https://x.com/ada)"), []directory.Named{{"ada", "X: me (https://x.com/ada)"}}},
		{"a handle in a field", field("Twitter", "@ada"), []directory.Named{{"ada", "Twitter: @ada"}}},
		{"once", model.Profile{Note: "@ada on Twitter, https://twitter.com/ADA"}, []directory.Named{{"ada", "@ada on Twitter, https://twitter.com/ADA"}}},
		{"two", model.Profile{Note: "https://twitter.com/ada\nhttps://x.com/ada_work"}, []directory.Named{{"ada", "https://twitter.com/ada"}, {"ada_work", "https://x.com/ada_work"}}},
		{"the display name alone", model.Profile{DisplayName: "Ada (@ada on Twitter)"}, nil},
		{"none", model.Profile{DisplayName: "Ada", Note: "I am @ada@s.example. See https://ada.example/@ada"}, nil},
		{"a tweet by somebody", model.Profile{Note: "https://twitter.com/somebody/status/1"}, nil},
		{"a long line", model.Profile{Note: "https://twitter.com/ada " + strings.Repeat("x", 1000)}, []directory.Named{{"ada", "https://twitter.com/ada " + strings.Repeat("x", 175) + "…"}}},
		{"many", model.Profile{Note: strings.Join(many, "\n")}, []directory.Named{
			{"person_a", many[0]}, {"person_b", many[1]}, {"person_c", many[2]}, {"person_d", many[3]}, {"person_e", many[4]}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, directory.NamedHandles(tt.p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever a profile says, what is kept of it is short, one line, and a handle.
func FuzzNamedHandles(f *testing.F) {
	f.Add("https://twitter.com/ada", "X", "@ada\n")
	f.Add("twitter: ada\x00\u202e", "", "https://x.com/intent/user?screen_name=ada")
	f.Fuzz(func(t *testing.T, note, name, value string) {
		named := directory.NamedHandles(model.Profile{Note: note, Fields: []model.ProfileField{{Name: name, Value: value}}})
		if len(named) > 5 {
			t.Errorf("%d handles", len(named))
		}
		for _, n := range named {
			if h, err := model.ParseHandle(n.Handle); err != nil || h != n.Handle || strings.ToLower(h) != h {
				t.Errorf("handle %q: %v", n.Handle, err)
			}
			if strings.ContainsAny(n.Text, "\n\r\t") || len([]rune(n.Text)) > 200 {
				t.Errorf("text %q", n.Text)
			}
		}
	})
}
