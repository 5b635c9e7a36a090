package jobs_test

import (
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

// A Move of which something cannot be deleted keeps no other from going, and is
// no failure for the Owner of another.
func TestOneMoveDoesNotKeepOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true})
	owner, err := f.store.AddOwner(t.Context())
	f.check(err)
	stuck, err := f.store.AddMove(t.Context(), owner)
	f.check(err)
	_, err = f.store.AddArchive(t.Context(), store.Archive{MoveID: stuck.ID, Kind: jobs.ArchiveFile, FileKey: "../no/key"})
	f.check(err)
	f.check(f.store.EndMove(t.Context(), stuck.ID))
	other, err := f.store.AddMove(t.Context(), owner)
	f.check(err)
	key := "moves/" + other.ID + "/media/1-a.jpg"
	f.check(f.worker.Files.Put(t.Context(), key, strings.NewReader("x"), 1))
	f.check(f.worker.EndMove(t.Context(), owner, other.ID))
	f.wantGone(key)
	left, err := f.store.EndedMoves(t.Context())
	f.check(err)
	if len(left) != 1 || left[0] != stuck.ID {
		t.Errorf("left to be removed: %v, want only the one that cannot be", left)
	}
	if err := f.worker.RemoveEnded(t.Context()); err == nil || !strings.Contains(err.Error(), stuck.ID) {
		t.Errorf("the operator is told %v", err)
	}
}
