package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"sort"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/skein-migrate/skein/importer"
)

type inspectCommand struct {
	Archive string `arg:"" help:"A zip file, an unpacked folder or a .js file of an archive."`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

// Run reads the archive once and prints what is in it.
func (c inspectCommand) Run(ctx context.Context) error {
	start := time.Now()
	archive, err := importer.Open(c.Archive)
	if err != nil {
		return err
	}
	defer archive.Close()
	bar := newProgress("reading")
	summary, err := archive.Read(ctx, importer.Sink{Sofar: printSofar, Progress: func(read, total int64) {
		// What stays is ids; what comes and goes is text. Where there is much of
		// it, collecting it more often costs little and keeps the peak low.
		if total > largeArchive {
			collectOften()
		}
		bar.set(read, total)
	}})
	bar.finish()
	if err != nil {
		return err
	}
	summary.Seconds = time.Since(start).Seconds()
	summary.PeakMemoryBytes = peakMemory()
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(summary)
	}
	return printSummary(summary)
}

// largeArchive is from how many bytes to read on memory matters more than time.
const largeArchive = 32 << 20

var collectOften = sync.OnceFunc(func() { debug.SetGCPercent(30) })

// printSofar says whose archive it is while the rest is read.
func printSofar(s importer.Summary) {
	fmt.Fprintf(os.Stderr, "%s: %d followed; reading the rest\n", ownerText(s.Owner), s.Counts.Following)
}

func ownerText(o importer.Owner) string {
	if o.ID == "" {
		return "an unknown account"
	}
	return fmt.Sprintf("@%s (%s), id %s", o.Handle, o.Name, o.ID)
}

func printSummary(s importer.Summary) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	exported := "unknown"
	if !s.ExportedAt.IsZero() {
		exported = s.ExportedAt.Format(time.DateOnly)
	}
	fmt.Fprintf(w, "owner\t%s\nexported\t%s (%s)\n", ownerText(s.Owner), exported, s.Generation)
	n := s.Counts
	for _, row := range []struct {
		name  string
		count int
		more  string
	}{
		{"tweets", n.Tweets, fmt.Sprintf("%d retweets, %d replies (%d to yourself), %d quotes", n.Retweets, n.Replies, n.SelfReplies, n.Quotes)},
		{"long posts", n.NoteTweets, fmt.Sprintf("%d joined", n.NoteTweetsJoined)},
		{"media", n.Media, fmt.Sprintf("%d missing", n.MediaMissing)},
		{"following", n.Following, fmt.Sprintf("%d named by your tweets", s.Names.FollowingNamed)},
		{"followers", n.Followers, ""},
		{"blocked", n.Blocking, ""},
		{"muted", n.Muting, ""},
		{"lists", n.Lists, ""},
		{"likes", n.Likes, "counted, never stored"},
		{"left out", s.LeftOut.Community + s.LeftOut.Circle + s.LeftOut.Deleted, fmt.Sprintf("%d of communities, %d of your Circle, %d deleted; never opened", s.LeftOut.Community, s.LeftOut.Circle, s.LeftOut.Deleted)},
	} {
		fmt.Fprintf(w, "%s\t%d\t%s\n", row.name, row.count, row.more)
	}
	fmt.Fprintf(w, "read\t%d files\tin %.1f s, peak memory %d MB\n", len(s.Opened), s.Seconds, s.PeakMemoryBytes>>20)
	if err := w.Flush(); err != nil {
		return err
	}
	sort.SliceStable(s.Warnings, func(i, j int) bool { return s.Warnings[i].File < s.Warnings[j].File })
	for _, warning := range s.Warnings {
		of := warning.File
		if of == "" {
			of = "the archive"
		}
		fmt.Fprintf(os.Stderr, "warning: %s: %s\n", of, warning.Message)
	}
	return nil
}
