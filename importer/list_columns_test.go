package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
)

func roles(names string) []importer.Role {
	var all []importer.Role
	for _, name := range strings.Split(names, " ") {
		if name == "?" {
			name = ""
		}
		all = append(all, importer.Role(name))
	}
	return all
}

// Columns are guessed by their titles and cells, and taken as the caller says.
func TestListColumns(t *testing.T) {
	tests := []struct {
		name, file, text string
		say, titles      string // roles by the caller, ? is none; whether there are titles
		want             string // kind, separator, header, title=role …
		people           string // id|handle|name|bio|location|urls, each on a line
	}{
		{
			name: "titles", file: "x.csv", text: "ID,Screen Name,Followers,Bio\n12,ada,5,poet\n13,grace,6,\n",
			want: `table "," header ID=id Screen Name=handle Followers=none Bio=bio`, people: "12|ada||poet||\n13|grace||||",
		},
		{
			name: "titles in another language", file: "x.csv", text: "Nutzername;Anzeigename;Beschreibung\nada;Ada;Dichterin @ada@tusk.example\n",
			want: `table ";" header Nutzername=handle Anzeigename=name Beschreibung=bio`, people: "|ada|Ada|Dichterin @ada@tusk.example||",
		},
		{
			name: "titles that nobody knows", file: "x.csv", text: "Kto,Jak,O sobie\n@ada,Ada,@ada@tusk.example\n@grace,Grace,\n",
			want: `table "," header Kto=handle Jak=none O sobie=bio`, people: "|ada||@ada@tusk.example||\n|grace||||",
		},
		{
			name: "they are corrected", file: "x.csv", text: "Kto,Jak,O sobie\n@ada,Ada,@ada@tusk.example\n@grace,Grace,\n", say: "? name ?",
			want: `table "," header Kto=handle Jak=name O sobie=bio`, people: "|ada|Ada|@ada@tusk.example||\n|grace|Grace|||",
		},
		{
			name: "no titles", file: "x.csv", text: "Ada Lovelace,@ada,Mathematician and writer of the first programs,https://ada.example\nGrace,@grace,,\n",
			want: `table "," =name =handle =bio =url`,
			people: "|ada|Ada Lovelace|Mathematician and writer of the first programs||https://ada.example\n" +
				"|grace|Grace|||",
		},
		{
			name: "pasted from a spreadsheet", text: "Ada\t@ada\t12345\nGrace\t@grace\t\n\t@hedy\t777\n",
			want: `table "\t" =name =handle =id`, people: "12345|ada|Ada|||\n|grace|Grace|||\n777|hedy||||",
		},
		{
			name: "ranks are no ids", file: "x.csv", text: "1,@ada\n2,@grace\n3,@hedy\n",
			want: `table "," =none =handle`, people: "|ada||||\n|grace||||\n|hedy||||",
		},
		{
			name: "counts are no ids", file: "x.csv", text: "@ada,100\n@grace,100\n", want: `table "," =handle =none`, people: "|ada||||\n|grace||||",
		},
		{
			name: "links and handles mixed", file: "x.csv", text: "https://x.com/ada,1\n@grace,1\n12345,1\n",
			want: `table "," =account =none`, people: "|ada||||\n|grace||||\n12345|||||",
		},
		{
			name: "bare words need a hint", file: "x.csv", text: "ada_l,Ada\ngrace_h,Grace\n",
			want: `table "," =handle =name`, people: "|ada_l|Ada|||\n|grace_h|Grace|||",
		},
		{name: "bare words without one", file: "x.csv", text: "ada,Ada\ngrace,Grace\n", want: `table "," =name =none`, people: ""},
		{
			name: "which is then given", file: "x.csv", text: "ada,Ada\ngrace,Grace\n", say: "handle name",
			want: `table "," =handle =name`, people: "|ada|Ada|||\n|grace|Grace|||",
		},
		{
			name: "a column that is said to hold what another was guessed to", file: "x.csv", text: "handle,old,bio,more\nada,ada_old,a,b\n", say: "? handle ? bio",
			want: `table "," header handle=none old=handle bio=none more=bio`, people: "|ada_old||b||",
		},
		{
			name: "both, if both are said", file: "x.csv", text: "handle,bio,more\nada,a,b\n", say: "? bio bio",
			want: `table "," header handle=handle bio=bio more=bio`, people: "|ada||a\nb||",
		},
		{
			name: "more roles than columns", file: "x.csv", text: "handle\nada\n", say: "handle name bio",
			want: `table "," header handle=handle`, people: "|ada||||",
		},
		{
			name: "titles that look like everything else", file: "x.csv", text: "Kto,O sobie\nada_l,hi\n", titles: "yes",
			want: `table "," header Kto=handle O sobie=none`, people: "|ada_l||||",
		},
		{
			name: "no titles, though they look so", file: "x.csv", text: "handle,bio\nada,poet\n", titles: "no", say: "handle bio",
			want: `table "," =handle =bio`, people: "|handle||bio||\n|ada||poet||",
		},
		{
			name: "relations", file: "x.csv", text: "handle,relation\nada,Following\ngrace,\"blocked, follower\"\nhedy,\n",
			want: `table "," header handle=handle relation=relation`, people: "|ada||||\n|grace|||| blocking follower\n|hedy||||",
		},
		{
			name: "JSON by its keys", text: `{"next_cursor":"5","users":[{"xh":"@ada","t":"poet, at @ada@tusk.example","n":5},{"xh":"@grace","u":["https://a.example","https://b.example"]}],"meta":{"count":2}}`,
			want: `json "" header xh=handle t=bio n=none u=url`, people: "|ada||poet, at @ada@tusk.example||\n|grace||||https://a.example https://b.example",
		},
		{
			name: "JSON lines, corrected", text: "{\"a\":\"ada\",\"b\":\"x\"}\n{\"b\":\"y\",\"a\":\"grace\"}\n", say: "handle bio",
			want: `json "" header a=handle b=bio`, people: "|ada||x||\n|grace||y||",
		},
		{name: "text", text: "@ada\n\nGrace (@grace)\n", want: `text "" =account`, people: "|ada||||\n|grace||Grace (@grace)||"},
		{name: "JSON of texts", text: `["ada","@grace"]`, want: `text "" =account`, people: "|ada||||\n|grace||||"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, err := importer.ReadListAs(strings.NewReader(tt.text), tt.file, 100, importer.Said{Roles: roles(tt.say), Titles: tt.titles})
			if err != nil && !errors.Is(err, importer.ErrNoAccounts) || (err != nil) != (tt.people == "") {
				t.Fatal(err)
			}
			table := list.Table
			got := fmt.Sprintf("%s %q", table.Kind, table.Separator)
			if table.Header {
				got += " header"
			}
			for _, c := range table.Columns {
				got += fmt.Sprintf(" %s=%s", c.Title, c.Role)
			}
			if got != tt.want {
				t.Errorf("columns\n%s, want\n%s", got, tt.want)
			}
			var people []string
			for _, p := range list.People {
				row := strings.Join([]string{p.TwitterID, p.Handle.Name, p.Name, p.Bio, p.Location, strings.Join(p.URLs, " ")}, "|")
				for _, r := range p.Relations {
					if r != model.Following {
						row += " " + string(r)
					}
				}
				people = append(people, row)
			}
			if diff := cmp.Diff(tt.people, strings.Join(people, "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// The first rows are shown as they are, empty cells too.
func TestListSamples(t *testing.T) {
	list, err := importer.ReadList(strings.NewReader("handle,bio\nada,\"two\nlines\"\n\n,x\ngrace\nhedy,\x07"+strings.Repeat("y", 300)+"\na1,b\na2,b\n"), "x.csv", 100)
	if err != nil {
		t.Fatal(err)
	}
	want := []importer.Column{
		{Title: "handle", Role: importer.HandleRole, Samples: []string{"ada", "", "grace", "hedy", "a1"}},
		{Title: "bio", Role: importer.BioRole, Samples: []string{"two\nlines", "x", "", strings.Repeat("y", 200), "b"}},
	}
	if diff := cmp.Diff(want, list.Table.Columns); diff != "" || list.Table.Rows != 6 {
		t.Errorf("%d rows\n%s", list.Table.Rows, diff)
	}
}

func TestParseRoles(t *testing.T) {
	got, err := importer.ParseRoles([]string{"", "handle", "none"})
	if err != nil || len(got) != 3 || got[1] != importer.HandleRole {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range [][]string{{"password"}, make([]string, 101)} {
		if _, err := importer.ParseRoles(bad); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
