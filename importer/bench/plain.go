package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// plainly reads the entries of an archive one after the other and returns how
// many bytes they have.
func plainly(ctx context.Context, path string, names []string, read func(io.Reader) error) (int64, error) {
	files, done, err := open(path)
	if err != nil {
		return 0, err
	}
	var total int64
	for _, name := range names {
		f, err := files.Open(name)
		if err != nil {
			return 0, errors.Join(err, done())
		}
		count := &counter{r: f}
		if err := errors.Join(ctx.Err(), read(count), f.Close()); err != nil {
			return 0, fmt.Errorf("%s: %w", name, errors.Join(err, done()))
		}
		total += count.n
	}
	return total, done()
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// decode decodes item by item, as a program would that has no package for it.
func decode(r io.Reader) error {
	b := bufio.NewReader(r)
	for {
		c, err := b.ReadByte()
		if err != nil {
			return err
		}
		if c == '[' || c == '{' {
			if err := b.UnreadByte(); err != nil {
				return err
			}
			d := json.NewDecoder(b)
			if c == '{' {
				var one map[string]any
				return d.Decode(&one)
			}
			return items(d)
		}
	}
}

func items(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var item map[string]any
		if err := d.Decode(&item); err != nil {
			return err
		}
	}
	return nil
}
