package api_test

import (
	"strings"
	"testing"

	"github.com/skein-migrate/skein/api"
)

// An unsure Step comes with the post that it may have become, as text, until the
// Owner has said whether it is that one.
func TestSettleStep(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	of := furnish(t, b)
	run := "/api/v1/moves/" + of["move"] + "/runs/" + of["run"]
	steps := read[api.Steps](b.get(run + "/steps?state=unsure").want(200)).Steps
	if len(steps) != 1 || steps[0].Text == "" || steps[0].SentAt == nil || !strings.HasSuffix(steps[0].URL, "/@ada/9") {
		t.Fatalf("unsure: %+v", steps)
	}
	if f := steps[0].Found; f == nil || f.Text != "<b>"+steps[0].Text || f.At == nil || f.At.Year() != 2017 {
		t.Errorf("found: %+v", f)
	}
	v := read[api.Step](b.post(run+"/steps/"+of["step"]+"/settle", map[string]any{"posted": true}).want(200))
	if v.State != "confirmed" || v.Found != nil || v.SentAt != nil || v.URL == "" {
		t.Errorf("settled: %+v", v)
	}
}
