package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

// NewList is a list that the Owner brings, or what they read on their own X
// pages. Of those the page sends JSON that says no more than ids, handles, names,
// bios, locations, links and relations.
type NewList struct {
	Source  string   // directory.SourceList or directory.SourcePages
	Name    string   // of the file
	Text    string   // what importer.ReadList reads
	Columns []string // roles of the columns by position, "" where they are guessed
	Titles  string   // "yes" or "no" if it is said whether the first row holds titles
}

// ListPreview is how a list would be read.
type ListPreview struct {
	importer.Table
	People int // different ones
}

// kinds are the Archives that lists become, by where they come from.
var kinds = map[string]string{directory.SourceList: ListFile, directory.SourcePages: PagesFile}

// PreviewList reads a list without keeping anything of it. A list in which no
// account is found is shown all the same, so that its columns can be corrected.
func (w *Worker) PreviewList(l NewList) (ListPreview, error) {
	list, err := w.readNew(l)
	if err != nil && !errors.Is(err, importer.ErrNoAccounts) {
		return ListPreview{}, err
	}
	return ListPreview{Table: list.Table, People: len(list.People)}, nil
}

// AddList keeps a list as a file and starts the Run that reads it. What cannot be
// read, and more than a Move may take, is refused at once.
func (w *Worker) AddList(ctx context.Context, move string, l NewList) (store.Run, error) {
	list, err := w.readNew(l)
	if err != nil {
		return store.Run{}, err
	}
	if err := w.roomFor(ctx, move, len(list.People)); err != nil {
		return store.Run{}, err
	}
	key := moveFolder(move) + "/lists/" + store.NewID()
	if err := w.Files.Put(ctx, key, strings.NewReader(l.Text), int64(len(l.Text))); err != nil {
		return store.Run{}, err
	}
	r, err := w.startReading(ctx, store.Archive{MoveID: move, Kind: kinds[l.Source], FileName: l.Name, FileKey: key}, ReadOptions{Columns: l.Columns, Titles: l.Titles})
	if err != nil {
		return r, errors.Join(err, w.Files.Delete(ctx, key))
	}
	return r, nil
}

func (w *Worker) readNew(l NewList) (importer.List, error) {
	if err := w.takes(kinds[l.Source]); err != nil {
		return importer.List{}, err
	}
	roles, err := importer.ParseRoles(l.Columns)
	if err != nil {
		return importer.List{}, err
	}
	return importer.ReadListAs(strings.NewReader(l.Text), l.Name, w.ListRows, importer.Said{Roles: roles, Titles: l.Titles})
}

// takes refuses a kind of list that is switched off.
func (w *Worker) takes(kind string) error {
	switch {
	case kind == ListFile && (w.ListRows == 0 || !w.Sources.Use(directory.SourceList)):
		return fmt.Errorf("this service does not take lists: %w", model.ErrDenied)
	case kind == PagesFile && (w.ListRows == 0 || !w.Sources.Use(directory.SourcePages)):
		return fmt.Errorf("this service does not take what people read on their X pages: %w", model.ErrDenied)
	case kind == "":
		return fmt.Errorf("a list comes from a file or from X pages: %w", model.ErrInvalid)
	}
	return nil
}

// SourcesInUse returns the names of the sources that are used here.
func (w *Worker) SourcesInUse() []string {
	return slices.DeleteFunc(w.Sources.InUse(), func(name string) bool {
		kind := kinds[name]
		return kind != "" && w.takes(kind) != nil
	})
}

// roomFor refuses more people than lists and X pages together may bring.
func (w *Worker) roomFor(ctx context.Context, move string, people int) error {
	had, err := w.listed(ctx, move)
	if err != nil {
		return err
	}
	if had+people > w.ListRows {
		return fmt.Errorf("lists and X pages may bring %d people into one move; %d are here already, and these are %d: %w",
			w.ListRows, had, people, model.ErrInvalid)
	}
	return nil
}

// listed returns how many people lists and X pages have brought into a Move.
func (w *Worker) listed(ctx context.Context, move string) (int, error) {
	archives, err := w.Store.Archives(ctx, move)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, a := range archives {
		if a.Kind != ListFile && a.Kind != PagesFile {
			continue
		}
		r, err := readSummary(a)
		if err != nil {
			return 0, err
		}
		n += max(r.Rows, r.Counts.Following) // Rows came later
	}
	return n, nil
}

// readList brings the people of a list into the Move.
func (w *Worker) readList(ctx context.Context, h *holder, a store.Archive, o ReadOptions) error {
	if err := w.takes(a.Kind); err != nil {
		return err
	}
	roles, err := importer.ParseRoles(o.Columns)
	if err != nil {
		return err
	}
	file, err := w.Files.Open(ctx, a.FileKey)
	if err != nil {
		return err
	}
	defer file.Close()
	list, err := importer.ReadListAs(file, a.FileName, w.ListRows, importer.Said{Roles: roles, Titles: o.Titles})
	if err != nil {
		return err
	}
	if err := w.roomFor(ctx, a.MoveID, len(list.People)); err != nil {
		return err
	}
	if a.Kind == PagesFile {
		SeenOnPages(list.People, w.Now())
	}
	if err := w.Store.SavePeople(ctx, a.MoveID, list.People); err != nil {
		return err
	}
	if err := h.lease.SetProgress(ctx, len(list.People), len(list.People), "read"); err != nil {
		return err
	}
	return w.finishArchive(ctx, a.ID, summaryOf(a.Kind, list))
}

// SeenOnPages notes that X showed people like this at that time: what they call
// themselves today is worth more than what an archive saw years ago.
func SeenOnPages(people []model.Person, at time.Time) {
	for i := range people {
		p := &people[i]
		p.ProfileSource = directory.SourcePages
		if p.Handle.Name != "" {
			p.Handle.Source, p.Handle.SeenAt = directory.SourcePages, at
		}
	}
}

func summaryOf(kind string, list importer.List) Read {
	r := Read{Summary: importer.Summary{Generation: kind, Warnings: list.Warnings}, Rows: len(list.People)}
	for _, p := range list.People {
		for _, relation := range p.Relations {
			switch relation {
			case model.Following:
				r.Counts.Following++
				if r.Names.Following++; p.Handle.Name != "" {
					r.Names.FollowingNamed++
				}
			case model.Follower:
				r.Counts.Followers++
			case model.Blocking:
				r.Counts.Blocking++
			case model.Muting:
				r.Counts.Muting++
			}
		}
	}
	return r
}
