package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
)

func TestReadList(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             []string // id|handle|name|bio|location|urls
		warnings         int
	}{
		{
			name: "handles, one a line", file: "list.txt", text: "@ada\n\n@Grace_H\r\n# a comment\n@ada\n",
			want: []string{"|ada||||", "|Grace_H||||"},
		},
		{name: "bare words", text: "ada\ngrace\n12345\n", want: []string{"|ada||||", "|grace||||", "12345|||||"}},
		{
			name: "links", text: "https://twitter.com/ada\nhttps://x.com/Grace_H/status/123?s=20\ntwitter.com/intent/user?user_id=12\nhttps://twitter.com/intent/user?screen_name=cara\nhttps://netflix.com/nobody\n",
			want: []string{"|ada||||", "|Grace_H||||", "12|||||", "|cara||||"}, warnings: 1,
		},
		{
			name: "text around it is kept", text: "Ada Lovelace (@ada), now at @ada@tusk.example\n@grace\nFollowing\nmail@tusk.example\n",
			want: []string{"|ada||Ada Lovelace (@ada), now at @ada@tusk.example||", "|grace||||"}, warnings: 2,
		},
		{name: "several in a line", text: "@ada, @grace; @linus_t", want: []string{"|ada||||", "|grace||||", "|linus_t||||"}},
		{
			name: "CSV with titles", file: "x.csv",
			text: "ID,Screen Name,Name,Description,Location,URL\n12,ada,\"Lovelace, Ada\",\"I am @ada@tusk.example\nnow\",London,https://ada.example\n,@grace,Grace,,,\n,,Nobody,,,\n",
			want: []string{"12|ada|Lovelace, Ada|I am @ada@tusk.example\nnow|London|https://ada.example", "|grace|Grace|||"}, warnings: 1,
		},
		{
			name: "semicolons, a byte order mark and ids kept from rounding", file: "x.csv",
			text: "\ufeffusername;user_id\nada;\"=\"\"900000000000000123\"\"\"\n2020198;34\n",
			want: []string{"900000000000000123|ada||||", "34|2020198||||"},
		},
		{name: "a spreadsheet's Unicode text", file: "x.txt", text: utf16le("\ufeffhandle\tbio\r\nada\tMüller 🐘\r\n"), want: []string{"|ada||Müller 🐘||"}},
		{name: "UTF-16, the other way round", file: "x.txt", text: "\xfe\xff\x00@\x00a\x00d\x00a", want: []string{"|ada||||"}},
		{name: "TSV", text: "handle\tbio\nada\thttps://tusk.example/@ada\n", want: []string{"|ada||https://tusk.example/@ada||"}},
		{name: "CSV without titles", file: "x.csv", text: "12,@ada,ada@tusk.example,https://ada.example\n", want: []string{"12|ada||ada@tusk.example||https://ada.example"}},
		{name: "links as the only account", file: "x.csv", text: "name,url\nAda,https://twitter.com/ada\n", want: []string{"|ada|Ada|||https://twitter.com/ada"}},
		{name: "id and handle are learnt apart", file: "x.csv", text: "id,handle\n,ada\n12,ada\n12,\n", want: []string{"12|ada||||"}},
		{name: "JSON of texts and numbers", text: `["ada", "@grace", 12, "34", "https://x.com/cara"]`, want: []string{"|ada||||", "|grace||||", "12|||||", "34|||||", "|cara||||"}},
		{
			name: "JSON of objects", text: `[{"id_str":"900000000000000123","screen_name":"ada","name":"Ada","description":"bio","location":"London","entities":{},"url":"https://ada.example"}]`,
			want: []string{"900000000000000123|ada|Ada|bio|London|https://ada.example"},
		},
		{name: "an answer of X's API", text: `{"data":[{"id":"12","username":"ada","name":"Ada"}],"meta":{"result_count":1}}`, want: []string{"12|ada|Ada|||"}},
		{name: "JSON lines", text: "{\"handle\":\"ada\"}\n{\"handle\":\"grace\"}\n", want: []string{"|ada||||", "|grace||||"}},
		{name: "following.js", file: "following.js", text: "window.YTD.following.part0 = [ {\n  \"following\" : { \"accountId\" : \"12\", \"userLink\" : \"https://twitter.com/intent/user?user_id=12\" }\n} ];\n", want: []string{"12|||||"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := importer.ReadList(strings.NewReader(tt.text), tt.file, 100)
			if err != nil {
				t.Fatal(err)
			}
			var rows []string
			for _, p := range got.People {
				rows = append(rows, strings.Join([]string{p.TwitterID, p.Handle.Name, p.Name, p.Bio, p.Location, strings.Join(p.URLs, " ")}, "|"))
				if len(p.Relations) != 1 || p.Relations[0] != model.Following {
					t.Errorf("relations %v", p.Relations)
				}
			}
			if d := cmp.Diff(tt.want, rows); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if len(got.Warnings) != tt.warnings {
				t.Errorf("warnings: %v", got.Warnings)
			}
		})
	}
}

func utf16le(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

func TestReadListRefuses(t *testing.T) {
	var many strings.Builder
	for i := range 101 {
		fmt.Fprintf(&many, "@user_%d\n", i)
	}
	tests := []struct{ name, text, want string }{
		{"too many", many.String(), "more than 100 rows"},
		{"too many in JSON", `[` + strings.Repeat(`"a",`, 101) + `"a"]`, "more than 100 rows"},
		{"empty", "", "no Twitter account"},
		{"a fediverse list", "Account address,Show boosts\nada@tusk.example,true\n", "no Twitter account"},
		{"a zip", "PK\x03\x04....", "choose it as an archive"},
		{"binary", "\x89PNG\x00\x00", "not UTF-8 text"},
		{"binary, with the mark of UTF-16", "\xff\xfe\x00\x00\x01\x00", "not UTF-8 text"},
		{"broken JSON", `[{"handle":"ada"`, "cannot be read"},
		{"JSON without accounts", `{"a":{"b":[1.5,true,null]}}`, "no Twitter account"},
		{"one long line", strings.Repeat("x", 1<<20+9), "million characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := importer.ReadList(strings.NewReader(tt.text), "x", 100)
			if !errors.Is(err, model.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v and %v; want %q", got, err, tt.want)
			}
		})
	}
}
