package fediverse

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// authority signs certificates that a test's client trusts.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{}
	a.cert, a.key = sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}, a)
	return a
}

// sign makes a certificate, by itself where by is the zero authority.
func sign(t *testing.T, c *x509.Certificate, by authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := by.cert, by.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// serverOf starts a server with that certificate and returns how to reach it.
func serverOf(t *testing.T, cert *x509.Certificate, key *ecdsa.PrivateKey, newest uint16) func() (net.Conn, error) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}, MaxVersion: newest}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // that clients go away is what is tested
	s.StartTLS()
	t.Cleanup(s.Close)
	return func() (net.Conn, error) { return net.Dial("tcp", s.Listener.Addr().String()) }
}

// A server that cannot prove its name is not asked: no byte of a request leaves.
func TestCertificates(t *testing.T) {
	ca := newAuthority(t)
	hour := time.Hour
	leaf := func(host string, from, to time.Duration) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(2), DNSNames: []string{host}, NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
	}
	tests := []struct {
		name   string
		cert   *x509.Certificate
		by     authority
		newest uint16
		ok     bool
	}{
		{"right", leaf("s.example", -hour, hour), ca, 0, true},
		{"another name", leaf("other.example", -hour, hour), ca, 0, false},
		{"a name below", leaf("sub.s.example", -hour, hour), ca, 0, false},
		{"expired", leaf("s.example", -2*hour, -hour), ca, 0, false},
		{"not yet valid", leaf("s.example", hour, 2*hour), ca, 0, false},
		{"self-signed", leaf("s.example", -hour, hour), authority{}, 0, false},
		{"signed by nobody we know", leaf("s.example", -hour, hour), newAuthority(t), 0, false},
		{"old TLS", leaf("s.example", -hour, hour), ca, tls.VersionTLS11, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cert, key := sign(t, tt.cert, tt.by)
			dial := serverOf(t, cert, key, tt.newest)
			c := New(Options{Budget: Free{}, Timeout: 10 * time.Second})
			d := newDialer(Options{})
			d.tls = d.tls.Clone()
			d.tls.RootCAs = x509.NewCertPool()
			d.tls.RootCAs.AddCert(ca.cert)
			c.transport.DialTLSContext = func(ctx context.Context, _, addr string) (net.Conn, error) {
				conn, err := dial()
				if err != nil {
					return nil, err
				}
				host, _, _ := net.SplitHostPort(addr)
				return counted(d.handshake(ctx, conn, host))
			}
			_, err := c.Get(t.Context(), "https://s.example/", "*/*", 10)
			var not *NotSentError
			if tt.ok && err != nil || !tt.ok && (!errors.As(err, &not) || not.Reason != ReasonConnect) {
				t.Errorf("Get = %v; want success %t", err, tt.ok)
			}
		})
	}
}
