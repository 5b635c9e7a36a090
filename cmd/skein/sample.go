package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/skein-migrate/skein/importer/sample"
)

type sampleCommand struct {
	Out        string `required:"" help:"The zip file to write." placeholder:"FILE.zip"`
	Tweets     int    `default:"3436" help:"How many tweets."`
	Following  int    `default:"185" help:"How many accounts are followed."`
	Followers  int    `default:"378" help:"How many followers there are."`
	MediaBytes int64  `help:"Size of all pictures and videos together, roughly."`
	Seed       int64  `default:"1" help:"The same seed writes the same archive."`
	Generation string `default:"G3" enum:"G2,G3,G4" help:"Format: G2 (2020 to 2022), G3 (2022 to 2024) or G4 (2025 on)."`
}

// Run writes the archive by streaming. A file that is not written to its end
// does not stay.
func (c sampleCommand) Run(ctx context.Context) (err error) {
	f, err := os.Create(c.Out)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", c.Out, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(c.Out))
		}
	}()
	bar := newProgress("writing")
	out := bufio.NewWriterSize(f, 1<<20)
	stats, err := sample.Write(ctx, out, sample.Options{
		Tweets: c.Tweets, Following: c.Following, Followers: c.Followers, Blocking: c.Following / 20, Muting: c.Following / 15,
		Likes: c.Tweets / 2, MediaBytes: c.MediaBytes, Seed: c.Seed, Generation: c.Generation, Progress: bar.set,
	})
	bar.finish()
	if err = errors.Join(err, out.Flush(), f.Close()); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: @%s, %d tweets, %d followed, %d MB\n", c.Out, stats.Owner.Handle, stats.Tweets, stats.Following, stats.Bytes>>20)
	return nil
}
