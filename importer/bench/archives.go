package main

import (
	"archive/zip"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/skein-migrate/skein/importer/sample"
)

// archives are the rows of the table. The first three are the median, the
// ninetieth percentile and the maximum of archives that people have.
var archives = []struct {
	name string
	make maker
}{
	{"3,436 tweets, 156 MB", written(sample.Options{Tweets: 3436, Following: 185, Followers: 378, Likes: 1784, MediaBytes: 154e6, Seed: 1})},
	{"25,150 tweets, 1.6 GB", written(sample.Options{Tweets: 25_150, Following: 1773, Followers: 7602, Likes: 20_377, MediaBytes: 1590e6, Seed: 2, Generation: "G4"})},
	{"130,000 tweets in 3 parts, 2.6 GB", written(sample.Options{Tweets: 130_000, Following: 4883, Followers: 20_000, Likes: 56_785, MediaBytes: 2550e6, Seed: 3})},
	{"672,588 followers, 70,000 tweets", nthCase(9)},
	{"100,000 entries", manyEntries},
	{"100,000 files, unpacked", unpacked(manyEntries)},
	{"3,436 tweets, unpacked", unpacked(written(sample.Options{Tweets: 3436, Following: 185, Followers: 378, Likes: 1784, MediaBytes: 154e6, Seed: 1}))},
}

type maker = func(ctx context.Context, path string, small bool) error

func written(o sample.Options) maker {
	return func(ctx context.Context, path string, small bool) error {
		o := o
		if small {
			o.Tweets, o.Followers, o.Likes, o.MediaBytes = o.Tweets/100, o.Followers/100, o.Likes/100, o.MediaBytes/100
		}
		return create(path, func(w io.Writer) error {
			_, err := sample.Write(ctx, w, o)
			return err
		})
	}
}

func nthCase(n int) maker {
	return func(ctx context.Context, path string, small bool) error {
		less := 1
		if small {
			less = 100
		}
		c, err := sample.NewCase(n, less)
		if err != nil {
			return err
		}
		return create(path, func(w io.Writer) error { return c.Write[0](ctx, w) })
	}
}

// manyEntries makes an archive of 100,000 entries, almost all of them pictures.
func manyEntries(ctx context.Context, path string, small bool) error {
	count := 99_997
	if small {
		count = 997
	}
	return create(path, func(w io.Writer) error {
		zw := zip.NewWriter(w)
		for i := range count {
			if _, err := zw.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("data/tweets_media/%d-AbCdEfGhIjKlMno.jpg", 1_600_000_000_000_000_000+i)}); err != nil {
				return errors.Join(err, ctx.Err())
			}
		}
		for _, name := range []string{"account", "following", "tweets"} {
			e, err := zw.Create("data/" + name + ".js")
			if err != nil {
				return err
			}
			fmt.Fprintf(e, "window.YTD.%s.part0 = [ ]", name)
		}
		return zw.Close()
	})
}

func create(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(write(out), out.Flush(), f.Close())
}

// unpacked makes a folder of what make makes.
func unpacked(make maker) maker {
	return func(ctx context.Context, path string, small bool) error {
		packed := path + ".zip"
		if err := make(ctx, packed, small); err != nil {
			return err
		}
		defer os.Remove(packed)
		zr, err := zip.OpenReader(packed)
		if err != nil {
			return err
		}
		defer zr.Close()
		return errors.Join(os.MkdirAll(path, 0o700), os.CopyFS(path, zr))
	}
}

// sizeOf returns the bytes of a file, or of all files in a folder.
func sizeOf(path string) int64 {
	var size int64
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error { // what cannot be read counts nothing
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}

// open returns how to open the entries of a zip or folder.
func open(path string) (fs.FS, func() error, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		return os.DirFS(path), func() error { return nil }, nil
	}
	zr, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	return zr, zr.Close, nil
}
