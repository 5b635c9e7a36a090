package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// parsing reads one file in batches of items. The batches come out of ready in
// the file's order, each with a channel that is closed once it is parsed. At
// most ahead of them exist at once, so that memory does not grow with the file.
type parsing[T any] struct {
	ctx   context.Context
	parse func(item []byte) (T, error)
	ready chan *batch[T]
	work  chan *batch[T]
	free  chan *batch[T]
	all   sync.WaitGroup
}

type batch[T any] struct {
	text   []byte // of all items
	items  []item[T]
	read   int64 // bytes of the file so far
	end    error // io.EOF or what else ended the file, in the last batch
	endAt  int64
	parsed chan struct{}
}

type item[T any] struct {
	at    int64 // of its first byte in the file
	to    int   // where it ends in the batch's text
	value T
	err   error
}

// Batches are as large as pays: a hundred and more tweets.
const (
	batchBytes = 256 << 10
	batchItems = 2000
	ahead      = 6
)

// startParsing begins; wait must be called after ctx has ended or ready was closed.
func startParsing[T any](ctx context.Context, in *meter, lim limits, parse func([]byte) (T, error)) *parsing[T] {
	p := &parsing[T]{
		ctx: ctx, parse: parse,
		ready: make(chan *batch[T], ahead), work: make(chan *batch[T], ahead), free: make(chan *batch[T], ahead),
	}
	for range ahead {
		p.free <- &batch[T]{}
	}
	p.all.Go(func() { p.cut(in, lim) })
	for range min(runtime.GOMAXPROCS(0), 4) {
		p.all.Go(p.parseBatches)
	}
	return p
}

func (p *parsing[T]) wait() { p.all.Wait() }

// reuse takes back a batch that is used up.
func (p *parsing[T]) reuse(b *batch[T]) { p.free <- b }

// cut fills batches until the file or ctx ends.
func (p *parsing[T]) cut(in *meter, lim limits) {
	defer close(p.work)
	defer close(p.ready)
	s, err := newScanner(in, lim)
	for {
		b, ok := p.empty()
		if !ok {
			return
		}
		for err == nil && len(b.text) < batchBytes && len(b.items) < batchItems {
			var text []byte
			var it item[T]
			text, it.at, it.err = s.next()
			if it.err != nil && !skipped(it.err) {
				err, b.endAt = it.err, it.at
				break
			}
			if it.err == nil {
				b.text = append(b.text, text...)
			}
			it.to = len(b.text)
			b.items = append(b.items, it)
		}
		b.end, b.read = err, in.n
		p.work <- b // both have room for all batches
		p.ready <- b
		if err != nil {
			return
		}
	}
}

func (p *parsing[T]) empty() (*batch[T], bool) {
	select {
	case b := <-p.free:
		clear(b.items)
		*b = batch[T]{text: b.text[:0], items: b.items[:0], parsed: make(chan struct{})}
		return b, true
	case <-p.ctx.Done():
		return nil, false
	}
}

func (p *parsing[T]) parseBatches() {
	for b := range p.work {
		from := 0
		for i := range b.items {
			it := &b.items[i]
			if it.err == nil && p.ctx.Err() == nil {
				it.value, it.err = p.parse(b.text[from:it.to:it.to])
			}
			from = it.to
		}
		close(b.parsed)
	}
}

// skipped tells whether a scanner's error is of one item alone.
func skipped(err error) bool {
	return errors.Is(err, errTooLong) || errors.Is(err, errTooDeep) || errors.Is(err, errNoObject) || errors.Is(err, errUnclosed)
}

// meter counts the bytes of a file, holds it to its limit, and ends when ctx does.
type meter struct {
	ctx context.Context
	in  io.Reader
	n   int64
	max int64
}

func (m *meter) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.in.Read(p)
	if m.n += int64(n); m.n > m.max { // a file that grew
		return 0, &readError{fmt.Errorf("it has more than %d bytes", m.max)}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, &readError{err}
	}
	return n, err
}
