package fediverse

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a DNS of the test's own: what a name resolves to the first time, the
// second time and so on, addresses of one answer with spaces between; the last
// one stays. A name that is not in it does not exist.
type names struct {
	mu    sync.Mutex
	zone  map[string][]string
	asked map[string]int
}

func newNames(zone map[string][]string) *names { return &names{zone: zone, asked: map[string]int{}} }

// ResolverOf is what asks it, for tests outside the package.
func ResolverOf(zone map[string][]string) *net.Resolver { return newNames(zone).resolver() }

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go n.serve(theirs)
		return ours, nil
	}}
}

// serve answers questions as DNS over TCP does: with their length before them.
func (n *names) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		question := make([]byte, int(size[0])<<8|int(size[1]))
		if _, err := io.ReadFull(conn, question); err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(question) != nil || len(m.Questions) == 0 {
			return
		}
		n.answer(&m)
		packed, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append([]byte{byte(len(packed) >> 8), byte(len(packed))}, packed...)); err != nil {
			return
		}
	}
}

func (n *names) answer(m *dnsmessage.Message) {
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	addresses, ok := n.lookup(strings.TrimSuffix(q.Name.String(), "."), q.Type)
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
		return
	}
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type, TTL: 1}
	for _, ip := range addresses {
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}})
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
}

// lookup returns the answer of this time. Questions for both kinds of address
// come as one: those for IPv4 count.
func (n *names) lookup(name string, kind dnsmessage.Type) (addresses []netip.Addr, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	answers, ok := n.zone[name]
	if !ok {
		return nil, false
	}
	at := min(n.asked[name], len(answers)-1)
	if kind == dnsmessage.TypeA {
		n.asked[name]++
	}
	for _, text := range strings.Fields(answers[at]) {
		addresses = append(addresses, netip.MustParseAddr(text))
	}
	return addresses, true
}
