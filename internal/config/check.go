package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// check finds settings that are of the right kind and still cannot work. It
// brings PublicURL into its plain form.
func (c *Config) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if !validListen(c.Listen) {
		wrong(`SKEIN_LISTEN is %q but must be an address and a port such as "127.0.0.1:8080"`, c.Listen)
	}
	if public, err := plainURL("SKEIN_PUBLIC_URL", c.PublicURL); err != nil {
		errs = append(errs, err)
	} else {
		c.PublicURL = public
	}
	if !validContact(c.Contact) {
		wrong(`SKEIN_CONTACT is %q but must be an e-mail address or a URL`, c.Contact)
	}
	if c.Keep < time.Hour {
		wrong("SKEIN_KEEP is %s but must be at least 1h", c.Keep)
	}
	if c.ListRows < 0 {
		wrong("SKEIN_LIST_ROWS is %d but must not be negative; 0 switches lists off", c.ListRows)
	}
	if !(c.Reserve >= 0 && c.Reserve <= 0.9) {
		wrong("SKEIN_RESERVE is %v but must lie between 0 and 0.9", c.Reserve)
	}
	if !(c.WritesPerSecond > 0 && c.WritesPerSecond <= 1000) {
		wrong("SKEIN_WRITES_PER_SECOND is %v but must be more than 0 and at most 1000", c.WritesPerSecond)
	}
	if c.Workers < 1 || c.Workers > 1000 {
		wrong("SKEIN_WORKERS is %d but must lie between 1 and 1000", c.Workers)
	}
	if c.Log != "text" && c.Log != "json" {
		wrong("SKEIN_LOG is %q but must be text or json", c.Log)
	}
	errs = append(errs, c.checkServices()...)
	errs = append(errs, c.checkSources()...)
	return errors.Join(errs...)
}

// checkServices looks at the settings that go together: PostgreSQL and Redis
// come as a pair, and a shared database needs a key that all processes know.
func (c *Config) checkServices() []error {
	var errs []error
	switch {
	case c.DatabaseURL.IsSet() && !c.RedisURL.IsSet():
		errs = append(errs, errors.New("SKEIN_DATABASE_URL is set but SKEIN_REDIS_URL is not: set both, or neither to keep everything inside the process"))
	case c.RedisURL.IsSet() && !c.DatabaseURL.IsSet():
		errs = append(errs, errors.New("SKEIN_REDIS_URL is set but SKEIN_DATABASE_URL is not: set both, or neither to keep everything inside the process"))
	}
	if c.DatabaseURL.IsSet() && !c.SecretKey.IsSet() {
		errs = append(errs, errors.New("SKEIN_SECRET_KEY is missing: with SKEIN_DATABASE_URL all processes need the same key, for example from `openssl rand -base64 32`"))
	}
	if c.DatabaseURL.IsSet() && !hasScheme(c.DatabaseURL, "postgres", "postgresql") {
		errs = append(errs, errors.New("SKEIN_DATABASE_URL must be a PostgreSQL URL such as postgres://user:password@host:5432/name"))
	}
	if c.RedisURL.IsSet() && !hasScheme(c.RedisURL, "redis", "rediss", "unix") {
		errs = append(errs, errors.New("SKEIN_REDIS_URL must be a Redis URL such as redis://host:6379/0"))
	}
	return errs
}

// checkSources looks at what evidence is read from. It brings XAPI into its plain
// form.
func (c *Config) checkSources() []error {
	var errs []error
	for _, r := range c.Registries {
		if u, err := url.Parse(r); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
			errs = append(errs, fmt.Errorf(`SKEIN_REGISTRIES holds %q but must hold https addresses such as "https://skein.example/api/v1/registry", with commas between them`, r))
		}
	}
	if (c.XClientID == "") == c.XSecret.IsSet() {
		errs = append(errs, errors.New("SKEIN_X_CLIENT_ID and SKEIN_X_CLIENT_SECRET go together: set both, or neither"))
	}
	if c.XRights != "" && c.XRights != "confirmed" {
		errs = append(errs, fmt.Errorf(`SKEIN_X_RIGHTS is %q but must be "confirmed", or unset`, c.XRights))
	}
	if (c.XToken.IsSet() || c.XSecret.IsSet()) && c.XRights == "" {
		errs = append(errs, errors.New(`keys of X's API are set but SKEIN_X_RIGHTS is not "confirmed": read docs/operating.md, "X's API", first`))
	}
	if c.XDaily < 0 {
		errs = append(errs, fmt.Errorf("SKEIN_X_DAILY is %d but must not be negative; 0 asks X about nobody", c.XDaily))
	}
	api, err := plainURL("SKEIN_X_API", c.XAPI)
	if err != nil {
		errs = append(errs, err)
	}
	c.XAPI = api
	return errs
}

func hasScheme(s Secret, schemes ...string) bool {
	u, err := url.Parse(s.Reveal())
	if err != nil {
		return false
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return true
		}
	}
	return false
}

func validListen(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// validContact takes what can stand in a User-Agent's comment and lets the
// admin of a server reach somebody.
func validContact(s string) bool {
	if s == "" {
		return true
	}
	for _, r := range s {
		if r <= ' ' || r > '~' || strings.ContainsRune(`()\"`, r) {
			return false
		}
	}
	if user, host, ok := strings.Cut(strings.TrimPrefix(s, "mailto:"), "@"); ok && user != "" && strings.Contains(host, ".") {
		return len(s) <= 200
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 200
}

// plainURL returns the setting s as scheme://host[:port]. Plain http is for this
// computer alone: codes, cookies and tokens must not cross a network in the clear.
func plainURL(name, s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf(`%s is %q but must be a URL such as "https://skein.example"`, name, s)
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf(`%s must be scheme and host only, such as "https://skein.example", without a path`, name)
	}
	host := strings.ToLower(u.Host)
	if h := strings.ToLower(u.Hostname()); u.Scheme == "http" && h != "localhost" && h != "127.0.0.1" && h != "::1" {
		return "", fmt.Errorf("%s is %q but must begin with https:// for any host other than localhost", name, s)
	}
	return u.Scheme + "://" + host, nil
}
