package jobs_test

import (
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/jobs"
)

// The page sends an archive's texts first, without any media: the plan names
// what a posts Run needs, and the Run takes it when it has been brought, also
// under another name that begins with the tweet's id.
func TestMediaBroughtLater(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{Software: "gotosocial", NoLimits: true})
	one, two := tweet(0, "one"), tweet(1, "two")
	name := picture(&one, "a")
	picture(&two, "b")
	one.Media[0].File, two.Media[0].File = "", "" // not in what was uploaded
	f.tweets(one, two)

	move, err := f.store.Move(t.Context(), f.move.ID)
	f.check(err)
	plan, err := f.worker.PlanPosts(t.Context(), move, f.account, fediverse.Capability{Backdates: true}, jobs.PostsOptions{}, 5)
	f.check(err)
	if plan.MediaMissing != 2 || len(plan.MediaFiles) != 2 || plan.MediaFiles[0] != name {
		t.Errorf("%d media missing (%v), want both", plan.MediaMissing, plan.MediaFiles)
	}
	run := f.start(jobs.KindPosts, nil)
	f.wantState(f.finish(run.ID), "failed")
	f.bring(name, two.ID+"-renamed.png")
	f.resume(run.ID)
	f.done(run.ID)
	f.wantPosted("one", "two")
	for _, p := range f.home.Posts("alex") {
		if len(p.Media) != 1 {
			t.Errorf("%q has %d media, want 1", p.Text, len(p.Media))
		}
	}
}
