// Package fediverse is the client for fediverse servers: it checks addresses,
// asks servers what they are and can do, connects accounts by OAuth and acts
// for them. It sends one request and says what became of it; pacing, waiting
// and trying again are the caller's (package jobs), and so is the ledger.
//
// Hosts are strangers': every request passes one chain with a guarded dialer,
// caps on time and size, and one polite budget per host (DESIGN.md,
// "Strangers' input"). Which failure means "nothing happened" and which "it may
// have happened" is in errors.go; exactly-once rests on it.
package fediverse

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options says how a Client behaves. The zero value is usable.
type Options struct {
	UserAgent string // an honest name with a contact; "Skein" if empty
	Website   string // shown by servers beside the name of our application; may be empty

	// Simulated maps a host to the loopback address (127.0.0.1:port) of a
	// simulated server. Those hosts, exactly as written, are spoken to in plain
	// HTTP; everything above the dialer sees https. It is a constructor argument
	// for the demo and for tests, never a setting.
	Simulated map[string]string

	Budget   Budget           // nil: 1 request a second and burst 5 for each host, in this process
	Resolver *net.Resolver    // nil: the system's
	Now      func() time.Time // nil: time.Now

	Timeout     time.Duration // one discovery request, body included; 10 s if 0
	SlowTimeout time.Duration // one API request that may be slow on the server; 35 s if 0 (GoToSocial cuts after 30 s)
	MediaWait   time.Duration // how long Upload waits for the server to process media; 5 min if 0
	MediaPoll   time.Duration // the first pause between two looks at media that is processed; 1 s if 0
}

// Client talks to any server. It is safe for concurrent use.
type Client struct {
	o         Options
	hosts     *hostTable
	transport *http.Transport
	polite    *http.Client // discovery: budget, redirects as the request's policy says
}

// New returns a Client.
func New(o Options) *Client {
	if o.UserAgent == "" {
		o.UserAgent = "Skein"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.SlowTimeout = cmp.Or(o.SlowTimeout, 35*time.Second)
	o.MediaWait = cmp.Or(o.MediaWait, 5*time.Minute)
	o.MediaPoll = cmp.Or(o.MediaPoll, time.Second)
	c := &Client{o: o, hosts: newHostTable(maxHosts)}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true) // one request at a time on a connection: see sending in dial.go
	c.transport = &http.Transport{
		Proxy:               nil, // the guard has to see the server's own address
		DialContext:         refusePlain,
		DialTLSContext:      newDialer(o).dialTLS,
		Protocols:           protocols,
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: perHost,
		// Short: a connection that the server closes while a POST is on its way
		// leaves an unknown outcome. Servers keep idle ones for 5 s or longer.
		IdleConnTimeout:        4 * time.Second,
		MaxResponseHeaderBytes: 128 << 10,
		ExpectContinueTimeout:  time.Second,
	}
	c.polite = &http.Client{Transport: polite{c}, CheckRedirect: checkRedirect}
	return c
}

// BrowserURL returns u as a browser has to ask for it: a URL of a simulated
// host becomes plain HTTP on loopback, any other stays as it is.
func (c *Client) BrowserURL(u string) string {
	parsed, err := url.Parse(u)
	if err != nil || parsed.Scheme != "https" || parsed.User != nil {
		return u
	}
	addr, ok := c.o.Simulated[parsed.Host]
	if !ok {
		return u
	}
	return "http://" + addr + strings.TrimPrefix(u, "https://"+parsed.Host)
}

func refusePlain(context.Context, string, string) (net.Conn, error) {
	return nil, errBlocked("plain HTTP")
}

var tlsConfig = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
