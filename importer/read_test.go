package importer_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/model"
)

// Each fixture is read as a zip and as a folder, with the same result.
func TestRead(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("fixtures: %v, %v", fixtures, err)
	}
	for _, name := range fixtures {
		t.Run(filepath.Base(name), func(t *testing.T) {
			files := txtarFiles(t, name)
			zipped := readAll(t, openBytes(t, zipFiles(t, files...)))
			golden(t, strings.TrimSuffix(name, ".txtar")+".json", zipped)
			folder, err := importer.Open(unpack(t, files))
			if err != nil {
				t.Fatal(err)
			}
			defer folder.Close()
			if d := cmp.Diff(zipped, readAll(t, folder), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("the folder is read otherwise (-zip +folder):\n%s", d)
			}
			text, _ := json.Marshal(zipped)
			if strings.Contains(string(text), "must-never-be-read") {
				t.Error("something private was kept")
			}
		})
	}
}

// What editors and file systems do to a file does not matter.
func TestReadEnvelopes(t *testing.T) {
	items := `[{"following":{"accountId":"12"}},{"following":{"accountId":"34"}}]`
	tests := []struct {
		name, content string
		want          int
		warnings      int
	}{
		{name: "as X writes it", content: "window.YTD.following.part0 = " + items, want: 2},
		{name: "semicolon and newline", content: "window.YTD.following.part0 = " + items + ";\n", want: 2},
		{name: "byte order mark", content: "\ufeffwindow.YTD.following.part0 = " + items, want: 2},
		{name: "CRLF", content: "window.YTD.following.part0 = \r\n" + strings.ReplaceAll(items, ",", ",\r\n") + ";\r\n", want: 2},
		{name: "head lost", content: items, want: 2},
		{name: "two values", content: items + items, want: 2},
		{name: "empty", content: "window.YTD.following.part0 = [ ]", want: 0},
		{name: "empty with semicolon", content: "window.YTD.following.part0 = [];\n", want: 0},
		{name: "one object", content: `window.YTD.following.part0 = {"following":{"accountId":"12"}}`, want: 1},
		{name: "not closed", content: `window.YTD.following.part0 = [{"following":{"accountId":"12"}},`, want: 1, warnings: 1},
		{name: "nothing", content: "", want: 0, warnings: 1},
		{name: "no bracket", content: "window.YTD.following.part0 = null", want: 0, warnings: 1},
		{name: "UTF-16", content: "\xff\xfew\x00i\x00n\x00=\x00", want: 0, warnings: 1},
		{name: "bad UTF-8 in a text", content: `[{"following":{"accountId":"12","x":"` + "\xff" + `"}}]`, want: 1},
		{name: "escaped unicode", content: `[{"following":{"accountId":"\u0031\u0032","x":"\ud83e\udebf\/"}}]`, want: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := zipFiles(t, file{"data/following.js", tt.content}, file{"data/tweets.js", "x = []"}, file{"data/account.js", `[{"account":{"accountId":"1"}}]`})
			got, err := openBytes(t, b).Read(t.Context(), importer.Sink{})
			if err != nil || got.Counts.Following != tt.want || len(got.Warnings) != tt.warnings {
				t.Errorf("got %d people, warnings %v, error %v; want %d and %d", got.Counts.Following, got.Warnings, err, tt.want, tt.warnings)
			}
		})
	}
}

// The object that inspect prints has exactly these members.
func TestSummaryJSON(t *testing.T) {
	sum := readAll(t, openBytes(t, zipFiles(t, txtarFiles(t, "testdata/g3.txtar")...))).Summary
	b, err := json.Marshal(sum)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	members := func(v any) []string {
		var keys []string
		for k := range v.(map[string]any) {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		return keys
	}
	for _, tt := range []struct {
		of   any
		want string
	}{
		{got, "counts exported_at generation names opened owner peak_memory_bytes seconds warnings"},
		{got["owner"], "handle id name"},
		{got["names"], "by_source following following_named"},
		{got["counts"], "blocking followers following likes lists media media_missing muting note_tweets note_tweets_joined quotes replies retweets self_replies tweets"},
		{got["warnings"].([]any)[0], "file message"},
	} {
		if d := cmp.Diff(strings.Fields(tt.want), members(tt.of)); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
	}
}

// An archive may be read again, with the same result, and batches are small.
func TestReadAgain(t *testing.T) {
	b, _ := writeSample(t, sampleOptions)
	a := openBytes(t, b)
	first := readAll(t, a)
	if d := cmp.Diff(first, readAll(t, a), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("-first +again:\n%s", d)
	}
	_, err := a.Read(t.Context(), importer.Sink{
		Tweets: func(_ string, batch []model.Tweet) error {
			if len(batch) == 0 || len(batch) > 500 {
				t.Errorf("a batch of %d tweets", len(batch))
			}
			return nil
		},
		Progress: func(read, total int64) {
			if read > total || total == 0 {
				t.Errorf("%d of %d bytes", read, total)
			}
		},
	})
	if err != nil {
		t.Error(err)
	}
}
