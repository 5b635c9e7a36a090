package fediverse

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// watched is a client of which every connection that the guard would let out to
// the network is noted, and not made.
type watched struct {
	*Client
	names *names

	mu      sync.Mutex
	dialled []string
}

var errNotMade = errors.New("the test makes no connection")

func watch(t *testing.T, zone map[string][]string, simulated map[string]string) *watched {
	t.Helper()
	w := &watched{names: newNames(zone)}
	o := Options{Budget: Free{}, Simulated: simulated, Resolver: w.names.resolver(), Timeout: 5 * time.Second}
	w.Client = New(o)
	d := newDialer(o)
	guard := d.guarded.Control
	d.guarded.Control = func(network, address string, c syscall.RawConn) error {
		if err := guard(network, address, c); err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.dialled = append(w.dialled, address)
		return errNotMade
	}
	w.transport.DialTLSContext = d.dialTLS
	return w
}

// sim serves a simulated host and counts its requests.
func sim(t *testing.T, h http.Handler) (addr string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// privateAddresses are those that no name may lead us to, by the network.
var privateAddresses = map[string]string{
	"loopback": "127.0.0.1", "loopback end": "127.255.255.254", "private 10": "10.1.2.3", "private 172": "172.16.0.1", "docker": "172.17.0.1",
	"private 172 end": "172.31.255.255", "private 192": "192.168.1.1", "link-local": "169.254.1.1", "metadata": "169.254.169.254",
	"metadata of ECS": "169.254.170.2", "CGNAT": "100.64.0.1", "metadata behind CGNAT": "100.100.100.200", "CGNAT end": "100.127.255.254",
	"this network": "0.0.0.0", "this network too": "0.1.2.3", "broadcast": "255.255.255.255", "multicast": "224.0.0.1", "multicast end": "239.255.255.255",
	"reserved": "240.0.0.1", "benchmark": "198.18.0.1", "benchmark end": "198.19.255.255", "IETF": "192.0.0.1", "documentation": "192.0.2.1",
	"documentation 2": "198.51.100.1", "documentation 3": "203.0.113.1", "6to4 relay": "192.88.99.1",
	"unspecified 6": "::", "loopback 6": "::1", "link-local 6": "fe80::1", "unique local": "fd00::1", "unique local fc": "fc00::1", "metadata 6": "fd00:ec2::254",
	"site-local": "fec0::1", "multicast 6": "ff02::1", "mapped loopback": "::ffff:127.0.0.1", "mapped private": "::ffff:10.0.0.1",
	"mapped metadata": "::ffff:169.254.169.254", "compatible loopback": "::7f00:1", "NAT64": "64:ff9b::7f00:1", "NAT64 of metadata": "64:ff9b::a9fe:a9fe",
	"local NAT64": "64:ff9b:1::1", "6to4 of loopback": "2002:7f00:1::", "6to4 of private": "2002:a00:1::", "Teredo": "2001:0:7f00:1::", "documentation 6": "2001:db8::1",
	"discard": "100::1", "ORCHID": "2001:20::1",
}

// privateZone names each of them.
func privateZone() (zone map[string][]string, hosts []string) {
	zone = map[string][]string{}
	for what, address := range privateAddresses {
		host := strings.ReplaceAll(strings.ToLower(what), " ", "-") + ".evil.example"
		zone[host] = []string{address}
		hosts = append(hosts, host)
	}
	zone["127.0.0.1.nip.example"] = []string{"127.0.0.1"}
	zone["metadata.google.internal"] = []string{"169.254.169.254"}
	zone["both.evil.example"] = []string{"127.0.0.1 10.0.0.1 ::1"}
	hosts = append(hosts, "127.0.0.1.nip.example", "metadata.google.internal", "both.evil.example")
	slices.Sort(hosts)
	return zone, hosts
}

// hostileURLs are refused before anything is resolved, or by the guard.
var hostileURLs = []string{
	// other schemes
	"http://a.example/", "ftp://a.example/", "file:///etc/passwd", "file://a.example/etc/passwd", "gopher://a.example:70/_x", "data:text/plain,x",
	"javascript:alert(1)", "ws://a.example/", "unix:///var/run/docker.sock", "//a.example/", "/etc/passwd", "", "https:a.example", "https:///etc",
	// addresses in every spelling
	"https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0x0.0x0.0x1/", "https://0x7f.1/",
	"https://0177.0.0.01/", "https://017700000001/", "https://127.0.0.1./", "https://127.000.000.001/", "https://0/", "https://0.0.0.0/", "https://10.0.0.1/",
	"https://169.254.169.254/latest/meta-data/", "https://100.100.100.200/", "https://255.255.255.255/", "https://8.8.8.8/", "https://%31%32%37.0.0.1/",
	"https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/",
	"https://[fd00::1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2606:4700::1111]/",
	// names of this machine and its network
	"https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://intranet/", "https://a.example./", "https://sim.example./",
	// ports, users
	"https://a.example:22/", "https://a.example:80/", "https://a.example:8443/", "https://a.example:6379/", "https://a.example:0443/", "https://a.example:0/",
	"https://sim.example:8080/", "https://user@a.example/", "https://user:password@a.example/", "https://a.example@127.0.0.1/", "https://127.0.0.1@a.example/",
	"https://sim.example@evil.example/", "https://a.example:443@127.0.0.1/", "https://a.example\\@127.0.0.1/",
	// other scripts
	"https://ⅿastodon.example/", "https://mаstodon.example/", "https://１２７.０.０.１/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
	"https://a\u200b.example/", "https://a\u202eelpmaxe.example/", "https://ｓim.example/",
	// no names at all
	"https://.example/", "https://a..example/", "https://-a.example/", "https://a_b.example/", "https://a example/", "https://a.example%00.evil.example/",
	"https://a.example%2f.evil.example/", "https://a.example\r\n.evil.example/", "https://A.EXAMPLE/", "https://" + strings.Repeat("a.", 130) + "example/",
	"https://" + strings.Repeat("a", 64) + ".example/",
}

// No URL of a stranger leads to an address of this machine or its network: not
// one is dialled, however it is spelled and whatever its name resolves to.
func TestGuard(t *testing.T) {
	zone, hosts := privateZone()
	urls := slices.Clone(hostileURLs)
	for _, host := range hosts {
		urls = append(urls, "https://"+host+"/", "https://"+host+":443/.well-known/webfinger?resource=acct:a@"+host)
	}
	var asked atomic.Int32
	addr := sim(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	w := watch(t, zone, map[string]string{
		// The address of a simulated host is loopback or nothing.
		"sim.example": addr, "far.example": "10.0.0.1:80", "named.example": "localhost:80",
	})
	urls = append(urls, "https://far.example/", "https://named.example/")
	for _, u := range urls {
		t.Run(u, func(t *testing.T) {
			_, err := w.Get(t.Context(), u, "*/*", 100)
			var not *NotSentError
			if !errors.As(err, &not) || not.Reason != ReasonBlocked && not.Reason != ReasonLocal {
				t.Errorf("Get = %v; want it blocked", err)
			}
			if not != nil && not.Reason == ReasonBlocked && !errors.Is(err, model.ErrInvalid) {
				t.Errorf("%v is no ErrInvalid", err)
			}
		})
	}
	t.Logf("%d hostile URLs", len(urls))
	if len(w.dialled) != 0 || asked.Load() != 0 {
		t.Errorf("dialled: %v; the simulated server was asked %d times", w.dialled, asked.Load())
	}
	// No other name reaches a simulated host, and a public one would be dialled.
	zone["public.example"] = []string{"93.184.216.34"}
	for u, reason := range map[string]Reason{"https://sub.sim.example/": ReasonNoHost, "https://public.example/": ReasonConnect} {
		_, err := w.Get(t.Context(), u, "*/*", 100)
		var not *NotSentError
		if !errors.As(err, &not) || not.Reason != reason {
			t.Errorf("%s: %v; want %s", u, err, reason)
		}
	}
	if want := []string{"93.184.216.34:443"}; !slices.Equal(w.dialled, want) || asked.Load() != 0 {
		t.Errorf("dialled %v, want %v", w.dialled, want)
	}
}

// The address that counts is the one that is dialled, each time anew, and of
// several addresses each.
func TestGuardSecondResolution(t *testing.T) {
	const public = "93.184.216.34"
	w := watch(t, map[string][]string{
		"rebound.example": {public, "127.0.0.1"}, "back.example": {"127.0.0.1", public},
		"mixed.example": {public + " 127.0.0.1"}, "reversed.example": {"127.0.0.1 " + public}, "families.example": {public + " ::1"},
	}, nil)
	tests := []struct {
		host    string
		dialled int // in all so far
		blocked bool
	}{
		{"rebound.example", 1, false}, {"rebound.example", 1, true}, {"back.example", 1, true}, {"back.example", 2, false},
		{"mixed.example", 3, false}, {"reversed.example", 4, false}, {"families.example", 5, false},
	}
	for i, tt := range tests {
		_, err := w.Get(t.Context(), "https://"+tt.host+"/", "*/*", 100)
		var not *NotSentError
		if !errors.As(err, &not) {
			t.Fatalf("%d %s: %v", i, tt.host, err)
		}
		if len(w.dialled) != tt.dialled || tt.blocked && not.Reason != ReasonBlocked {
			t.Errorf("%d %s: dialled %v, %v", i, tt.host, w.dialled, err)
		}
	}
	for _, address := range w.dialled {
		if address != public+":443" {
			t.Errorf("dialled %s", address)
		}
	}
}

// redirector answers /to?u=… with that Location, /chain?n=xxx with as many
// redirects, and /ok.
func redirector() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://other.example/pong", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/pong", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://s.example/ping", http.StatusPermanentRedirect)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.FormValue("u"))
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/chain", func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.FormValue("n")); n > 0 {
			http.Redirect(w, r, "/chain?n="+strings.Repeat("x", n-1), http.StatusFound)
		}
	})
	return mux
}

func TestRedirects(t *testing.T) {
	zone, hosts := privateZone()
	tests := []struct {
		path string
		want string // part of the error; empty for success
	}{
		{"/chain?n=xxx", ""},
		{"/chain?n=xxxx", "too many redirects"},
		{"/loop", "too many redirects"},
		{"/ping", "too many redirects"},
		{"/to?u=/ok", ""},
		{"/to?u=//other.example/ok", ""},
		{"/to?u=https://other.example/ok", ""},
		{"/to?u=https://other.example:443/ok", ""},
		{"/to?u=http://other.example/ok", "away from https"},
		{"/to?u=http://s.example/ok", "away from https"},
		{"/to?u=https://other.example:8443/ok", "port 8443 is not allowed"},
		{"/to?u=https://other.example:22/", "port 22 is not allowed"},
		{"/to?u=https://user@other.example/ok", "a user name in a URL is not allowed"},
		{"/to?u=https://other.example./ok", "is not allowed"},
		{"/to?u=https://127.0.0.1/", "is not allowed"},
		{"/to?u=https://2130706433/", "is not allowed"},
		{"/to?u=https://0x7f.0.0.1/", "is not allowed"},
		{"/to?u=https://0177.0.0.1/", "is not allowed"},
		{"/to?u=https://[::1]/", "is not allowed"},
		{"/to?u=https://[::ffff:169.254.169.254]/", "is not allowed"},
		{"/to?u=https://localhost/", "is not allowed"},
		{"/to?u=//localhost/", "is not allowed"},
		{"/to?u=file:///etc/passwd", "away from https"},
		{"/to?u=gopher://other.example:70/_x", "away from https"},
		{"/to?u=data:text/plain,x", "away from https"},
		{"/to?u=javascript:alert(1)", "away from https"},
		{"/to?u=ftp://other.example/", "away from https"},
		{"/to?u=", "answered 302"},
		{"/to?u=https://%25zz/", "parse Location"},
		{"/to?u=https://m%D0%B0stodon.example/", "is not allowed"},
	}
	for _, host := range hosts {
		tests = append(tests, struct{ path, want string }{"/to?u=https://" + host + "/", "its address is not allowed"})
	}
	w := watch(t, zone, map[string]string{"s.example": sim(t, redirector()), "other.example": sim(t, redirector())})
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			_, err := w.Get(t.Context(), "https://s.example"+tt.path, "*/*", 100)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(fmt.Sprint(err), tt.want)) {
				t.Errorf("Get = %v; want %q", err, tt.want)
			}
		})
	}
	if len(w.dialled) != 0 {
		t.Errorf("dialled %v", w.dialled)
	}
}
