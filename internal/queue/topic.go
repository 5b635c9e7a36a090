package queue

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

const topicPrefix = "skein:topic:"

// Publish tells all processes that have subscribed to topic. Nobody waits for
// it and it may get lost: it says that something is new, not what.
func (q *Queue) Publish(ctx context.Context, topic, payload string) error {
	if err := q.rdb.Publish(ctx, topicPrefix+topic, payload).Err(); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// Subscribe returns what is published to topic from now on, until ctx ends and
// the channel is closed. Who reads too slowly misses the newest, but always
// finds an older one to read, so that looking into the database after each
// payload misses nothing. After a lost connection every subscriber gets an
// empty payload: look, something may have been missed.
//
// All subscribers of a process share one connection.
func (q *Queue) Subscribe(ctx context.Context, topic string) (<-chan string, error) {
	if err := q.topics.start(ctx, q.rdb); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	return q.topics.add(ctx, topic), nil
}

// hub hands messages on to the subscribers of this process.
type hub struct {
	mu     sync.Mutex
	pubsub *redis.PubSub
	done   chan struct{} // closed when the reader of pubsub has ended
	subs   map[string]map[chan string]struct{}
}

// start subscribes to all topics, once, and returns when Redis has confirmed.
func (h *hub) start(ctx context.Context, rdb *redis.Client) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pubsub != nil {
		return nil
	}
	pubsub := rdb.PSubscribe(ctx, topicPrefix+"*")
	if _, err := pubsub.Receive(ctx); err != nil {
		_ = pubsub.Close()
		return err
	}
	h.pubsub, h.done, h.subs = pubsub, make(chan struct{}), map[string]map[chan string]struct{}{}
	messages := pubsub.ChannelWithSubscriptions()
	go func() {
		defer close(h.done)
		for m := range messages {
			switch m := m.(type) {
			case *redis.Message:
				h.deliver(strings.TrimPrefix(m.Channel, topicPrefix), m.Payload)
			case *redis.Subscription: // connected anew
				h.deliverAll("")
			}
		}
	}()
	return nil
}

func (h *hub) add(ctx context.Context, topic string) <-chan string {
	ch := make(chan string, 16)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs[topic] == nil {
		h.subs[topic] = map[chan string]struct{}{}
	}
	h.subs[topic][ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs[topic], ch)
		if len(h.subs[topic]) == 0 {
			delete(h.subs, topic)
		}
		close(ch) // nobody sends any more: sending holds the lock
	})
	return ch
}

func (h *hub) deliver(topic, payload string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	send(h.subs[topic], payload)
}

func (h *hub) deliverAll(payload string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, subs := range h.subs {
		send(subs, payload)
	}
}

func send(subs map[chan string]struct{}, payload string) {
	for ch := range subs {
		select {
		case ch <- payload:
		default:
		}
	}
}

func (h *hub) close() {
	h.mu.Lock()
	pubsub, done := h.pubsub, h.done
	h.mu.Unlock()
	if pubsub != nil {
		_ = pubsub.Close()
		<-done
	}
}
