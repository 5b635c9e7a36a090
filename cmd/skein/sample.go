package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/skein-migrate/skein/importer/sample"
)

type sampleCommand struct {
	Out        string `required:"" help:"The zip file to write." placeholder:"FILE.zip"`
	Tweets     int    `default:"3436" help:"How many tweets."`
	Following  int    `default:"185" help:"How many accounts are followed."`
	Followers  int    `default:"378" help:"How many followers there are."`
	MediaBytes int64  `help:"Size of all pictures and videos together, roughly."`
	Seed       int64  `default:"1" help:"The same seed writes the same archive."`
	Generation string `default:"G3" enum:"G0,G1,G2,G3,G4" help:"Format: G0 (2012 to 2019, tweets alone), G1 (2018 to 2020), G2 (to 2022), G3 (to 2024) or G4 (2025 on)."`
	Case       int    `help:"Write this one of the forty nasty cases of docs/archive-format.md instead; one that takes two archives writes FILE-2.zip, too." placeholder:"N"`
}

// Run writes the archive by streaming. A file that is not written to its end
// does not stay.
func (c sampleCommand) Run(ctx context.Context) error {
	if c.Case != 0 {
		return c.writeCase(ctx)
	}
	var stats sample.Stats
	bar := newProgress("writing")
	err := writeOut(c.Out, func(w io.Writer) (err error) {
		stats, err = sample.Write(ctx, w, sample.Options{
			Tweets: c.Tweets, Following: c.Following, Followers: c.Followers, Blocking: c.Following / 20, Muting: c.Following / 15,
			Likes: c.Tweets / 2, MediaBytes: c.MediaBytes, Seed: c.Seed, Generation: c.Generation, Progress: bar.set,
		})
		return err
	})
	bar.finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: @%s, %d tweets, %d followed, %d MB\n", c.Out, stats.Owner.Handle, stats.Tweets, stats.Following, stats.Bytes>>20)
	return nil
}

func (c sampleCommand) writeCase(ctx context.Context) error {
	one, err := sample.NewCase(c.Case, 1)
	if err != nil {
		return err
	}
	for i, write := range one.Write {
		name := c.Out
		if i > 0 {
			ext := filepath.Ext(name)
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), i+1, ext)
		}
		if err := writeOut(name, func(w io.Writer) error { return write(ctx, w) }); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: case %d: %s\n", name, one.Number, one.Title)
	}
	return nil
}

// writeOut makes a file of what write writes, or none if that fails.
func writeOut(name string, write func(io.Writer) error) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(name))
		}
	}()
	out := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(write(out), out.Flush(), f.Close())
}
