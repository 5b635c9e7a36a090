package jobs_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/jobs"
)

// said are the sentences that the page knows in other languages, {1} and {2}
// standing for what differs.
var said = sync.OnceValues(func() (*regexp.Regexp, error) {
	b, err := os.ReadFile("../frontend/src/lib/messages/said.de.json")
	if err != nil {
		return nil, err
	}
	var sentences map[string]string
	if err := json.Unmarshal(b, &sentences); err != nil {
		return nil, err
	}
	var all []string
	for english := range sentences {
		all = append(all, regexp.MustCompile(`\\\{\d\\\}`).ReplaceAllString(regexp.QuoteMeta(english), ".+"))
	}
	return regexp.Compile(`(?s)^(` + strings.Join(all, "|") + `)$`)
})

// saysWhatThePageKnows fails for what the Runs of this fixture say and the page
// would show in English to everybody.
func (f *fixture) saysWhatThePageKnows() {
	known, err := said()
	f.check(err)
	say := func(text string) {
		if text != "" && !known.MatchString(text) {
			f.t.Errorf("not in said.de.json, or changed there: %q", text)
		}
	}
	ctx := context.Background() // that of the test has ended
	runs, err := f.store.Runs(ctx, f.move.ID)
	f.check(err)
	for _, r := range runs {
		if r.Kind == jobs.KindRead { // what an archive has wrong is told in English
			continue
		}
		say(r.Error)
		steps, err := f.store.StepsPage(ctx, r.ID, "", 0, 10000)
		f.check(err)
		for _, s := range steps {
			say(s.Reason)
		}
	}
}

// The reasons of plans, the estimates and what servers can are known as well.
func TestSaid(t *testing.T) {
	known, err := said()
	if err != nil {
		t.Fatal(err)
	}
	texts := append(reasons(t, ".", "../internal/plan", "../internal/compose"), plan.FollowCSVText(1234, ""), plan.FollowCSVText(1, "gotosocial"))
	for _, software := range []string{"mastodon", "gotosocial", "snac", "pleroma", "pixelfed", "misskey", "something"} {
		for _, version := range []string{"0.17.0", "0.20.0"} {
			c := fediverse.CapabilityOf(fediverse.NodeInfo{Software: software, Version: version}, fediverse.Instance{})
			texts = append(texts, c.Words...)
		}
		for _, reserve := range []float64{plan.Quarter, 0.1} {
			l := plan.Limits{Software: software, Reserve: reserve}
			for _, n := range []int{0, 1, 200, 5000, 1_000_000} {
				for _, e := range []plan.Estimate{
					l.Follows(n), l.Relations(n), l.Undo(n, 0), l.Undo(0, n), l.Posts(plan.Pace{Statuses: n}),
					l.Posts(plan.Pace{Statuses: n, PerHour: 3600}), l.Posts(plan.Pace{Statuses: n, Media: 4 * n, PerHour: 3600}),
				} {
					texts = append(texts, e.Reason)
				}
			}
		}
	}
	for _, text := range texts {
		if text == "" { // there is nothing to say
			continue
		}
		_, why, both := strings.Cut(text, ": ")
		if !known.MatchString(text) || both && strings.HasPrefix(text, "about ") && !known.MatchString(why) {
			t.Errorf("not in said.de.json: %q", text)
		}
	}
	for _, text := range []string{"", "a retwet", "no answer for days", "a retweet and more"} {
		if known.MatchString(text) {
			t.Errorf("%q is known", text)
		}
	}
}

// reasons are the constants of packages that say why somebody or something stays out.
func reasons(t *testing.T, dirs ...string) (texts []string) {
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no sources in %s: %v", dir, err)
		}
		for _, name := range names {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				v, ok := n.(*ast.ValueSpec)
				if !ok || !strings.HasPrefix(v.Names[0].Name, "Left") && !strings.HasPrefix(v.Names[0].Name, "Skipped") {
					return true
				}
				for _, value := range v.Values {
					if text, err := strconv.Unquote(value.(*ast.BasicLit).Value); err == nil {
						texts = append(texts, text)
					}
				}
				return true
			})
		}
	}
	if len(texts) < 30 {
		t.Errorf("found only %q", texts)
	}
	return texts
}
