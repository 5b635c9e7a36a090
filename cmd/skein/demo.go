package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/importer/sample"
	"github.com/skein-migrate/skein/internal/config"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/fediverse"
)

type demoCommand struct{}

// Run starts the service with a simulated fediverse, so that the whole way can
// be walked without an account and without a network.
func (demoCommand) Run(ctx context.Context) error {
	c, log, err := readConfig()
	if err != nil {
		return err
	}
	if !c.Embedded() {
		return errors.New("the demo keeps everything inside itself; unset SKEIN_DATABASE_URL and SKEIN_REDIS_URL")
	}
	return demo(ctx, c, log, nil)
}

// demoSeed makes every demo the same.
const demoSeed = 7

func demo(ctx context.Context, c config.Config, log *slog.Logger, ready func(string)) error {
	sim := fedisim.New(fedisim.Options{Seed: demoSeed})
	defer sim.Close()
	world := fedisim.Demo(sim)
	archive := filepath.Join(c.Data, "demo-archive.zip")
	if err := writeDemoArchive(ctx, archive, world); err != nil {
		return err
	}
	c.Contact = "the demo reaches nobody" // lets the crawling jobs read the simulated lists
	return serve(ctx, c, log, partAPI|partWorker, extras{
		simulated: sim.Hosts(),
		budget:    fediverse.Free{},
		listURL:   serverList(world),
		sparqlURL: sparql(world),
		demo:      &api.Demo{Archive: archive, Server: world.Homes[0].Host},
		ready:     ready,
	})
}

// serverList and sparql are where the simulated fediverse publishes what the
// real one has at joinmastodon.org and Wikidata.
func serverList(w fedisim.DemoWorld) string { return "https://" + w.ServerListHost + "/servers" }
func sparql(w fedisim.DemoWorld) string     { return "https://" + w.WikidataHost + "/sparql" }

// writeDemoArchive writes the archive of somebody who follows the people of the
// simulated fediverse.
func writeDemoArchive(ctx context.Context, name string, world fedisim.DemoWorld) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("demo archive: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	known, blocked, muted := demoKnown(world)
	_, err = sample.Write(ctx, f, sample.Options{
		Tweets: 240, Following: len(known) * 3 / 2, Followers: 300, Blocking: 6, Muting: 9, Likes: 150, MediaBytes: 4 << 20, Seed: demoSeed,
		Generation: "G4", Owner: sample.Owner{ID: world.OwnerID, Handle: world.OwnerHandle, Name: world.OwnerName}, People: known,
		Blocked: blocked, Muted: muted,
	})
	return err
}

// demoKnown divides the people of the simulated fediverse into those whom the
// owner follows and those whom they block. Some of the followed are muted. Of
// each there are two who can be found by their number, all that an archive says.
func demoKnown(world fedisim.DemoWorld) (followed, blocked, muted []sample.Known) {
	for _, p := range world.People {
		k := sample.Known{ID: p.TwitterID, Handle: p.Handle, Name: p.Name}
		numbered := p.How == "wikidata-id" && p.Mark == ""
		if numbered && len(blocked) < 2 {
			blocked = append(blocked, k)
			continue
		}
		if numbered && len(muted) < 2 {
			muted = append(muted, k)
		}
		followed = append(followed, k)
	}
	return followed, blocked, muted
}
