// Package config holds the settings. They are read from the environment once,
// in cmd, and handed on field by field; no other package looks at the
// environment. Every setting is described in docs/operating.md.
package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is what an operator can set. A field may be left unset unless its
// comment says otherwise; the tag envDefault says what it is then.
type Config struct {
	Listen      string `env:"SKEIN_LISTEN" envDefault:"127.0.0.1:8080"`
	PublicURL   string `env:"SKEIN_PUBLIC_URL" envDefault:"http://localhost:8080"` // scheme and host only, no slash at the end
	Contact     string `env:"SKEIN_CONTACT"`                                       // in the User-Agent; crawling jobs are off without it
	SecretKey   Secret `env:"SKEIN_SECRET_KEY"`                                    // newest first; needed with a DatabaseURL, else made in Data; package secret reads it
	DatabaseURL Secret `env:"SKEIN_DATABASE_URL"`                                  // PostgreSQL; a SQLite file in Data if unset
	RedisURL    Secret `env:"SKEIN_REDIS_URL"`                                     // set together with DatabaseURL; inside the process if unset
	Data        string `env:"SKEIN_DATA" envDefault:"data"`
	Files       string `env:"SKEIN_FILES"` // "files" in Data if unset; shared by all processes

	Sources    []string `env:"SKEIN_SOURCES"`     // where evidence may come from; package directory knows the names and says which are on if unset
	Registries []string `env:"SKEIN_REGISTRIES"`  // addresses of other installations' registries
	XToken     Secret   `env:"SKEIN_X_TOKEN"`     // a bearer token of X's API, for the source "x"
	XClientID  string   `env:"SKEIN_X_CLIENT_ID"` // with XSecret: people can sign in with X
	XSecret    Secret   `env:"SKEIN_X_CLIENT_SECRET"`
	XAPI       string   `env:"SKEIN_X_API" envDefault:"https://api.x.com"` // scheme and host only
	XRights    string   `env:"SKEIN_X_RIGHTS"`                             // "confirmed" by an operator who may match X accounts with others
	XDaily     int      `env:"SKEIN_X_DAILY" envDefault:"200"`             // people a day that X is asked about, over all Moves: each costs money

	Keep            time.Duration `env:"SKEIN_KEEP" envDefault:"720h"`           // a Move without a visit goes after this
	ListRows        int           `env:"SKEIN_LIST_ROWS" envDefault:"20000"`     // per Move; 0 switches bare lists off
	Reserve         float64       `env:"SKEIN_RESERVE" envDefault:"0.25"`        // part of each server's allowance left to the Owner
	WritesPerSecond float64       `env:"SKEIN_WRITES_PER_SECOND" envDefault:"5"` // to any one host, over all Moves
	Workers         int           `env:"SKEIN_WORKERS" envDefault:"16"`          // tasks at a time in this process
	Log             string        `env:"SKEIN_LOG" envDefault:"text"`            // text or json

	// Unknown names the SKEIN_ variables that are no settings, most likely typing
	// errors. They are for the caller to log.
	Unknown []string `env:"-"`
}

// Embedded tells whether database and queue live inside the process.
func (c Config) Embedded() bool { return !c.DatabaseURL.IsSet() }

// Secure tells whether browsers reach the service by https, so that cookies
// can be marked so.
func (c Config) Secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// Read takes the settings from environ, as os.Environ returns it, and checks
// them. The error has one sentence for each wrong setting and never the text
// of a secret one.
func Read(environ []string) (Config, error) {
	vars := env.ToMap(environ)
	for name, value := range vars { // an empty variable is an unset one: that is how compose files leave them out
		if value == "" {
			delete(vars, name)
		}
	}
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: vars}); err != nil {
		return Config{}, parseErrors(err, vars)
	}
	if c.Files == "" {
		c.Files = filepath.Join(c.Data, "files")
	}
	c.Unknown = unknown(vars)
	if err := c.check(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// settings maps the names of Config's fields to those of their variables.
var settings = func() map[string]string {
	names := map[string]string{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		if name := f.Tag.Get("env"); name != "-" {
			names[f.Name] = name
		}
	}
	return names
}()

// parseErrors says which settings have a value of the wrong kind. Secrets are
// plain text and cannot have one, so that values may be shown.
func parseErrors(err error, vars map[string]string) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	var errs []error
	for _, e := range all.Errors {
		var parse env.ParseError
		if !errors.As(e, &parse) {
			errs = append(errs, e)
			continue
		}
		want := "a number"
		if parse.Type == reflect.TypeFor[time.Duration]() {
			want = `a duration such as "720h" or "90m"`
		}
		name := settings[parse.Name]
		errs = append(errs, fmt.Errorf("%s is %q but must be %s", name, vars[name], want))
	}
	return errors.Join(errs...)
}

func unknown(vars map[string]string) []string {
	known := map[string]bool{}
	for _, name := range settings {
		known[name] = true
	}
	var names []string
	for name := range vars {
		if strings.HasPrefix(name, "SKEIN_") && !known[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
