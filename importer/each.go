package importer

import (
	"context"
	"errors"
	"io"
)

// each opens e and gives its items to take. An item or file that cannot be read
// is a warning; what take returns, other than a badItem, ends the reading.
// An item is take's until it returns.
func (r *reader) each(e entry, take func(item []byte) error) error {
	return eachParsed(r, e, func(item []byte) ([]byte, error) { return item, nil }, take)
}

// eachParsed is each for items that are worth parsing beside one another: one
// goroutine inflates the file and cuts it into items, some others call parse,
// and take gets what came of it here, in the file's order.
func eachParsed[T any](r *reader, e entry, parse func(item []byte) (T, error), take func(T) error) error {
	if reason := r.tooBig(e); reason != "" {
		r.warn.add(e.name, "this file was not read: %s", reason)
		return nil
	}
	rc, err := r.a.source.open(e)
	if err != nil {
		r.warn.add(e.name, "this file cannot be opened: %v", err)
		return nil
	}
	r.sum.Opened = append(r.sum.Opened, e.raw)
	r.items[e.name] = 0
	ctx, stop := context.WithCancel(r.ctx)
	in := &meter{ctx: ctx, in: rc, max: r.a.limits.file}
	p := startParsing(ctx, in, r.a.limits, parse)
	before := r.read
	defer func() {
		stop()
		p.wait()
		_ = rc.Close() // only read
		r.read = before + in.n
	}()
	n := 0
	for b := range p.ready {
		select {
		case <-b.parsed:
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range b.items {
			n++
			if err := takeParsed(r, e, n, &b.items[i], take); err != nil {
				return err
			}
		}
		r.read = before + b.read
		r.tellProgress(false)
		if b.end != nil {
			return r.warnOfEnd(e, b.end, b.endAt, n)
		}
		p.reuse(b)
	}
	return r.ctx.Err()
}

// takeParsed gives the n-th item of e to take, or warns of it.
func takeParsed[T any](r *reader, e entry, n int, it *item[T], take func(T) error) error {
	err := it.err
	if err == nil {
		err = take(it.value)
	}
	var bad *badItem
	switch {
	case err == nil:
		r.items[e.name]++
	case skipped(err) || errors.As(err, &bad):
		r.warn.add(e.name, "item %d, at byte %d, cannot be read: %s", n, it.at, plain(err))
	default:
		return err
	}
	return nil
}

// warnOfEnd warns of a file that ended with an error after n items.
func (r *reader) warnOfEnd(e entry, err error, at int64, n int) error {
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errNoJSON) || at == 0 && fromFile(err):
		r.warn.add(e.name, "this file cannot be read: %s", plain(err))
		return nil
	case fromFile(err):
		r.warn.add(e.name, "the file is damaged from byte %d on: %s; %d items before it were read", at, plain(err), n)
		return nil
	}
	return err
}
