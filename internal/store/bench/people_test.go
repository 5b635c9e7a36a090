package bench_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skein-migrate/skein/internal/compose"
	"github.com/skein-migrate/skein/internal/ledger"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/plan"
	"github.com/skein-migrate/skein/internal/queue"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

const insertPerson = `INSERT INTO people (id, move_id, twitter_id, handle, handle_lower, name, interactions) VALUES ($1, $2, $3, $4, $4, $5, $6)`

func personRow(d *database, i int) []any {
	p := person(i)
	return []any{store.NewID(), d.move.ID, p.TwitterID, p.Handle.Name, p.Name, p.Interactions}
}

func person(i int) model.Person {
	return model.Person{
		TwitterID: fmt.Sprint(1_000_000 + i*7919%1_000_003), Handle: model.Handle{Name: fmt.Sprintf("somebody%d", i), Source: "mention", Count: 3},
		Name: "Some Body", Interactions: i % 50, Relations: []model.Relation{model.Following},
	}
}

func savePeople(ctx context.Context, d *database, n int) error {
	for part := range parts(n, 500, person) { // as the importer brings them
		if err := d.SavePeople(ctx, d.move.ID, part); err != nil {
			return err
		}
	}
	return nil
}

const insertDirectory = `INSERT INTO directory_rows (source, generation, twitter_id, handle_lower, address, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`

func directoryValues(_ *database, i int) []any {
	r := directoryRow(i)
	return []any{"wikidata", 1, r.TwitterID, r.Handle, r.Address.String(), r.Text, int64(0)}
}

// directoryRow is a row of the index; every twentieth is about one of the first People.
func directoryRow(i int) store.DirectoryRow {
	r := store.DirectoryRow{TwitterID: fmt.Sprint(9_000_000_000 + i*7919%1_000_003), Handle: fmt.Sprintf("entity%d", i), Text: "Wikidata Q42: P4033"}
	r.Address = model.Address{User: r.Handle, Host: fmt.Sprintf("server%d.example", i%300)}
	if i%20 == 0 {
		p := person(i / 2)
		r.TwitterID, r.Handle = p.TwitterID, p.Handle.Name
	}
	return r
}

func swapDirectory(ctx context.Context, d *database, n int) error {
	_, err := d.SwapDirectory(ctx, "wikidata", func(yield func(store.DirectoryRow, error) bool) {
		for i := range n {
			if !yield(directoryRow(i), nil) {
				return
			}
		}
	})
	return err
}

// indexed is how many rows the index holds when People are looked for.
const indexed = 2_000_000

// prepareFind leaves a find Run that asks no server, of 5,000 People of whom one
// in ten is in the index.
func prepareFind(ctx context.Context, d *database) error {
	if err := swapDirectory(ctx, d, indexed); err != nil {
		return err
	}
	if err := savePeople(ctx, d, 5000); err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	q, err := queue.Open(queue.Options{Logger: log, Workers: 1})
	if err != nil {
		return err
	}
	d.worker = &jobs.Worker{Store: d.Store, Queue: q, Log: log, Now: time.Now, Keep: time.Hour}
	options, err := json.Marshal(jobs.FindOptions{Offline: true})
	if err != nil {
		return err
	}
	d.run, err = d.worker.Start(ctx, store.Run{MoveID: d.move.ID, Kind: jobs.KindFind, Options: string(options)})
	return err
}

func find(ctx context.Context, d *database) error {
	defer d.worker.Queue.Close()
	if err := d.worker.Advance(ctx, d.run.ID); err != nil {
		return err
	}
	run, err := d.RunByID(ctx, d.run.ID)
	if err != nil {
		return err
	}
	counts, err := d.PeopleCounts(ctx, d.move.ID)
	if err == nil && (run.State != store.RunDone || counts.Unresolved != 4500) {
		err = fmt.Errorf("the run is %s (%s), %d people have no match", run.State, run.Error, counts.Unresolved)
	}
	return err
}

// lookUp is the plain way to ask the index about the same People: two queries for
// each, without grading or keeping anything.
func lookUp(ctx context.Context, c *sql.DB) error {
	for _, key := range []string{"twitter_id", "handle_lower"} {
		stmt, err := c.PrepareContext(ctx, `SELECT d.source, d.address, d.text, d.at FROM directory_rows d
			JOIN directory_sources s ON s.source = d.source AND s.generation = d.generation WHERE d.`+key+` = $1 AND d.`+key+` <> ''`)
		if err != nil {
			return err
		}
		for i := range 5000 {
			rows, err := stmt.QueryContext(ctx, map[string]string{"twitter_id": person(i).TwitterID, "handle_lower": person(i).Handle.Name}[key])
			if err != nil {
				return err
			}
			for rows.Next() {
				continue
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return err
			}
		}
		if err := stmt.Close(); err != nil {
			return err
		}
	}
	return nil
}

func preparePlan(ctx context.Context, d *database) error {
	run, err := d.AddRun(ctx, store.Run{MoveID: d.move.ID, Kind: jobs.KindPosts, AccountID: "account"})
	if err != nil {
		return err
	}
	for i := range 130_000 {
		t := tweet(i)
		d.steps = append(d.steps, plan.Step{
			ID: store.NewID(), Seq: i + 1, Kind: plan.KindPost, TweetID: t.ID, Part: 1, State: ledger.StatePlanned,
			Status: &compose.Status{TweetIDs: []string{t.ID}, Part: 1, Parts: 1, Text: t.Text, CreatedAt: t.CreatedAt, Visibility: "unlisted"},
		})
	}
	d.lease, err = d.Lease(ctx, run.ID, time.Hour)
	return err
}

func addSteps(ctx context.Context, d *database) error {
	return d.lease.AddSteps(ctx, "alex@goose.example", d.steps)
}
