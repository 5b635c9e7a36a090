package fediverse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

// resolver answers every question from names, and that a name does not exist.
func resolver(names map[string]string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go serveDNS(theirs, names)
		return ours, nil
	}}
}

func serveDNS(conn net.Conn, names map[string]string) {
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
		q := m.Questions[0]
		m.Response, m.Additionals = true, nil
		ip, err := netip.ParseAddr(names[strings.TrimSuffix(q.Name.String(), ".")])
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type, TTL: 1}
		switch {
		case err != nil:
			m.RCode = dnsmessage.RCodeNameError
		case q.Type == dnsmessage.TypeA && ip.Is4():
			m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}}}
		case q.Type == dnsmessage.TypeAAAA && ip.Is6():
			m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}}
		}
		packed, err := m.Pack()
		if err != nil {
			return
		}
		if _, err := conn.Write(append([]byte{byte(len(packed) >> 8), byte(len(packed))}, packed...)); err != nil {
			return
		}
	}
}

var privateNames = map[string]string{
	"loopback.example": "127.0.0.1", "private.example": "10.1.2.3", "home.example": "192.168.1.1", "docker.example": "172.17.0.1",
	"metadata.example": "169.254.169.254", "shared.example": "100.64.0.1", "zero.example": "0.0.0.0", "broadcast.example": "255.255.255.255",
	"multicast.example": "224.0.0.1", "benchmark.example": "198.18.0.1", "loopback6.example": "::1", "local6.example": "fe80::1",
	"unique6.example": "fd00::1", "mapped.example": "::ffff:127.0.0.1", "mapped10.example": "::ffff:10.0.0.1",
	"nat64.example": "64:ff9b::7f00:1", "sixtofour.example": "2002:7f00:1::", "documentation.example": "2001:db8::1",
}

func TestGuard(t *testing.T) {
	urls := []string{
		"http://a.example/", "ftp://a.example/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
		"https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data/", "https://localhost/",
		"https://localhost./", "https://intranet/", "https://a.example:8443/", "https://a.example:80/", "https://user@a.example/",
		"https://a.example./", "https:///", "https://sim.example:8080/",
	}
	for name := range privateNames {
		urls = append(urls, "https://"+name+"/")
	}
	sim := newServer(t, "sim.example")
	o := options(sim)
	o.Resolver = resolver(privateNames)
	// The address of a simulated host is loopback or nothing, and no other name reaches it.
	o.Simulated["far.example"] = "10.0.0.1:80"
	o.Simulated["named.example"] = "localhost:80"
	c := fediverse.New(o)
	for _, u := range append(urls, "https://far.example/", "https://named.example/", "https://sub.sim.example/") {
		t.Run(u, func(t *testing.T) {
			_, err := c.Get(t.Context(), u, "*/*", 100)
			var not *fediverse.NotSentError
			if !errors.As(err, &not) {
				t.Fatalf("Get = %v; want NotSentError", err)
			}
			want := fediverse.ReasonBlocked
			if strings.Contains(u, "sub.sim") {
				want = fediverse.ReasonNoHost
			}
			if not.Reason != want || (want == fediverse.ReasonBlocked) != errors.Is(err, model.ErrInvalid) {
				t.Errorf("reason %q, %v; want %q", not.Reason, err, want)
			}
		})
	}
	if n := len(sim.seen); n != 0 {
		t.Errorf("the simulated server was asked %d times", n)
	}
}

func TestRedirects(t *testing.T) {
	other := newServer(t, "other.example")
	other.json("/ok", 200, `{}`)
	s := newServer(t, "s.example")
	s.json("/ok", 200, `{}`)
	s.mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/loop", http.StatusFound)
	})
	s.mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.FormValue("u"))
		w.WriteHeader(http.StatusFound)
	})
	s.mux.HandleFunc("/chain", func(w http.ResponseWriter, r *http.Request) {
		n := len(r.FormValue("n"))
		if n == 0 {
			return
		}
		http.Redirect(w, r, "/chain?n="+strings.Repeat("x", n-1), http.StatusFound)
	})
	o := options(s, other)
	o.Resolver = resolver(privateNames)
	c := fediverse.New(o)
	tests := []struct {
		path string
		want string // part of the error; empty for success
	}{
		{"/chain?n=xxx", ""},
		{"/chain?n=xxxx", "too many redirects"},
		{"/loop", "too many redirects"},
		{"/to?u=/ok", ""},
		{"/to?u=https://other.example/ok", ""},
		{"/to?u=https://other.example:443/ok", ""},
		{"/to?u=http://other.example/ok", "away from https"},
		{"/to?u=https://other.example:8443/ok", "port 8443 is not allowed"},
		{"/to?u=https://127.0.0.1/", "is not allowed"},
		{"/to?u=https://[::1]/", "is not allowed"},
		{"/to?u=https://localhost/", "is not allowed"},
		{"/to?u=https://private.example/", "its address is not allowed"},
		{"/to?u=https://metadata.example/latest", "its address is not allowed"},
		{"/to?u=https://mapped.example/", "its address is not allowed"},
		{"/to?u=file:///etc/passwd", "away from https"},
		{"/to?u=", "answered 302"},
		{"/to?u=https://%25zz/", "parse Location"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			_, err := c.Get(t.Context(), "https://s.example"+tt.path, "*/*", 100)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(fmt.Sprint(err), tt.want)) {
				t.Errorf("Get = %v; want %q", err, tt.want)
			}
		})
	}
}

// A Session's token goes to its own host only, and its calls follow no redirect.
func TestTokenStaysHome(t *testing.T) {
	other := newServer(t, "other.example")
	s := newServer(t, "s.example")
	s.mux.HandleFunc("/api/v1/statuses/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "https://other.example"+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := newClient(s, other)
	err := c.As("s.example", "secret", mastodon).Delete(t.Context(), "1")
	var status *fediverse.StatusError
	if !errors.As(err, &status) || status.Code != http.StatusTemporaryRedirect {
		t.Errorf("Delete = %v; want the redirect as a StatusError", err)
	}
	if len(other.seen) != 0 {
		t.Error("another host was asked")
	}
	if got := s.seen[0].Header.Get("Authorization"); got != "Bearer secret" {
		t.Errorf("Authorization = %q", got)
	}
}
