package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/internal/directory"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// listFlags say how a list is to be read.
type listFlags struct {
	Columns []string `help:"Which columns of a list hold what, by number or title: handle=2,bio=4. There are id, handle, account (whichever of the two it looks like, or a link), name, bio, location, url, relation and none." placeholder:"WHAT=COLUMN"`
	Titles  string   `help:"Whether the first row of a list holds titles." enum:"guess,yes,no" default:"guess"`
	Pages   bool     `help:"Read a file as your own page of X: a network log (HAR), or its copied text. Known by itself in most cases."`
}

// isList tells by its name whether a file is a list or a page of X, and not an
// archive.
func isList(name string) bool {
	return slices.Contains([]string{".csv", ".tsv", ".txt", ".json", ".jsonl", ".har"}, strings.ToLower(filepath.Ext(name)))
}

// readList reads a list, or a saved page of X, into the Move.
func (t *temporary) readList(ctx context.Context, input string) error {
	f, err := os.Open(input)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", input, err)
	}
	defer f.Close()
	pages := t.lists.Pages || strings.EqualFold(filepath.Ext(input), ".har") || importer.LooksLikePages(f)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("cannot read %s: %w", input, err)
	}
	var list importer.List
	if pages {
		list, err = t.readPages(f, filepath.Base(input))
	} else {
		list, err = t.readColumns(f, filepath.Base(input))
	}
	if err != nil {
		return err
	}
	t.warn(list.Warnings)
	return t.store.SavePeople(ctx, t.move.ID, list.People)
}

func (t *temporary) readPages(r io.Reader, name string) (importer.List, error) {
	if err := t.takes(directory.SourcePages, "X pages"); err != nil {
		return importer.List{}, err
	}
	list, err := importer.ReadPages(r, name, t.config.ListRows)
	jobs.SeenOnPages(list.People, time.Now())
	return list, err
}

// takes refuses a source that the settings switch off.
func (t *temporary) takes(source, what string) error {
	if slices.Contains(t.worker.SourcesInUse(), source) {
		return nil
	}
	return fmt.Errorf("%s are switched off by SKEIN_LIST_ROWS or SKEIN_SOURCES: %w", what, model.ErrDenied)
}

func (t *temporary) readColumns(r io.ReadSeeker, name string) (importer.List, error) {
	if err := t.takes(directory.SourceList, "lists"); err != nil {
		return importer.List{}, err
	}
	var said importer.Said
	if t.lists.Titles != "guess" {
		said.Titles = t.lists.Titles
	}
	list, err := importer.ReadListAs(r, name, t.config.ListRows, said)
	if err != nil && !errors.Is(err, importer.ErrNoAccounts) {
		return list, err
	}
	if len(t.lists.Columns) > 0 {
		if said.Roles, err = saidRoles(t.lists.Columns, list.Table.Columns); err != nil {
			return list, err
		}
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return list, fmt.Errorf("read list again: %w", err)
		}
		if list, err = importer.ReadListAs(r, name, t.config.ListRows, said); err != nil {
			return list, noAccounts(err, list.Table)
		}
	} else if err != nil {
		return list, noAccounts(err, list.Table)
	}
	if list.Table.Kind != importer.KindText {
		fmt.Fprintln(os.Stderr, "columns: "+columnsTaken(list.Table))
	}
	return list, nil
}

// noAccounts adds to the refusal of a list what its columns were taken for.
func noAccounts(err error, table importer.Table) error {
	if table.Kind == importer.KindText || len(table.Columns) == 0 {
		return err
	}
	return fmt.Errorf("%w (columns: %s; --columns handle=1 would say that the first one holds it)", err, columnsTaken(table))
}

// columnsTaken says which columns were taken for what: handle = 2 "Screen Name".
func columnsTaken(table importer.Table) string {
	var taken, left []string
	for i, c := range table.Columns {
		name := strconv.Itoa(i + 1)
		if c.Title != "" {
			name += " " + strconv.Quote(c.Title)
		}
		if c.Role == importer.NoRole {
			left = append(left, name)
		} else {
			taken = append(taken, string(c.Role)+" = "+name)
		}
	}
	if len(left) > 0 {
		taken = append(taken, "left out "+strings.Join(left, ", "))
	}
	return strings.Join(taken, ", ")
}

// saidRoles reads words such as handle=2 and bio=Notes.
func saidRoles(said []string, columns []importer.Column) ([]importer.Role, error) {
	roles := make([]importer.Role, len(columns))
	for _, word := range said {
		what, which, ok := strings.Cut(word, "=")
		role, err := importer.ParseRoles([]string{strings.TrimSpace(what)})
		if err != nil || !ok || role[0] == importer.Guessed {
			return nil, fmt.Errorf("--columns %s: it wants words such as handle=2, with id, handle, account, name, bio, location, url, relation or none: %w", word, model.ErrInvalid)
		}
		at, err := columnOf(strings.TrimSpace(which), columns)
		if err != nil {
			return nil, fmt.Errorf("--columns %s: %w", word, err)
		}
		roles[at] = role[0]
	}
	return roles, nil
}

func columnOf(name string, columns []importer.Column) (int, error) {
	for i, c := range columns {
		if c.Title != "" && strings.EqualFold(c.Title, name) {
			return i, nil
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(columns) {
		return n - 1, nil
	}
	return 0, fmt.Errorf("there is no column %q among the %d of this list: %w", name, len(columns), model.ErrInvalid)
}
