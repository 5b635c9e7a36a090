package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/config"
)

func TestReadNothing(t *testing.T) {
	got, err := config.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: "127.0.0.1:8080", PublicURL: "http://localhost:8080", Data: "data", Files: filepath.Join("data", "files"),
		XAPI: "https://api.x.com", XDaily: 200, Keep: 720 * time.Hour, ListRows: 20000, Reserve: 0.25, WritesPerSecond: 5, Workers: 16, Log: "text",
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(equalSecrets)); diff != "" {
		t.Errorf("Read(nil) (-want +got):\n%s", diff)
	}
	if !got.Embedded() || got.Secure() {
		t.Errorf("Embedded() = %v, Secure() = %v; want true, false", got.Embedded(), got.Secure())
	}
}

func TestReadEverything(t *testing.T) {
	got, err := config.Read([]string{
		"PATH=/bin", "SKEIN_LISTEN=:80", "SKEIN_PUBLIC_URL=https://Skein.Example/", "SKEIN_CONTACT=ada@skein.example",
		"SKEIN_SECRET_KEY=k", "SKEIN_DATABASE_URL=postgres://u:p@db/skein", "SKEIN_REDIS_URL=redis://cache:6379/0",
		"SKEIN_DATA=/srv/skein", "SKEIN_FILES=/mnt/files", "SKEIN_KEEP=48h", "SKEIN_LIST_ROWS=0", "SKEIN_RESERVE=0.5",
		"SKEIN_WRITES_PER_SECOND=2.5", "SKEIN_WORKERS=8", "SKEIN_LOG=json", "SKEIN_REDIS_URI=typo",
		"SKEIN_SOURCES=wikidata,x", "SKEIN_REGISTRIES=https://other.example/api/v1/registry,https://third.example/r?x=1",
		"SKEIN_X_TOKEN=t", "SKEIN_X_CLIENT_ID=id", "SKEIN_X_CLIENT_SECRET=s", "SKEIN_X_API=https://API.x.example/", "SKEIN_X_RIGHTS=confirmed", "SKEIN_X_DAILY=0",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: ":80", PublicURL: "https://skein.example", Contact: "ada@skein.example",
		SecretKey: config.NewSecret("k"), DatabaseURL: config.NewSecret("postgres://u:p@db/skein"), RedisURL: config.NewSecret("redis://cache:6379/0"),
		Sources: []string{"wikidata", "x"}, Registries: []string{"https://other.example/api/v1/registry", "https://third.example/r?x=1"},
		XToken: config.NewSecret("t"), XClientID: "id", XSecret: config.NewSecret("s"), XAPI: "https://api.x.example", XRights: "confirmed",
		Data: "/srv/skein", Files: "/mnt/files", Keep: 48 * time.Hour, Reserve: 0.5, WritesPerSecond: 2.5, Workers: 8, Log: "json",
		Unknown: []string{"SKEIN_REDIS_URI"},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(equalSecrets)); diff != "" {
		t.Errorf("Read (-want +got):\n%s", diff)
	}
	if got.Embedded() || !got.Secure() {
		t.Errorf("Embedded() = %v, Secure() = %v; want false, true", got.Embedded(), got.Secure())
	}
}

func equalSecrets(a, b config.Secret) bool { return a.Reveal() == b.Reveal() }

func TestReadRefuses(t *testing.T) {
	const db, redis, key = "SKEIN_DATABASE_URL=postgres://u:hunter2@db/x", "SKEIN_REDIS_URL=redis://:hunter2@cache", "SKEIN_SECRET_KEY=hunter2"
	tests := []struct {
		name string
		env  []string
		want []string // each stands in the error
	}{
		{"no port", []string{"SKEIN_LISTEN=localhost"}, []string{"SKEIN_LISTEN", "localhost"}},
		{"X's budget below nothing", []string{"SKEIN_X_DAILY=-1"}, []string{"SKEIN_X_DAILY", "-1"}},
		{"port too big", []string{"SKEIN_LISTEN=:99999"}, []string{"SKEIN_LISTEN"}},
		{"public host by http", []string{"SKEIN_PUBLIC_URL=http://skein.example"}, []string{"SKEIN_PUBLIC_URL", "https://"}},
		{"localhost as a prefix", []string{"SKEIN_PUBLIC_URL=http://localhost.evil.example"}, []string{"SKEIN_PUBLIC_URL", "https://"}},
		{"path", []string{"SKEIN_PUBLIC_URL=https://skein.example/app"}, []string{"SKEIN_PUBLIC_URL", "path"}},
		{"password in the public URL", []string{"SKEIN_PUBLIC_URL=https://u:hunter2@skein.example"}, []string{"SKEIN_PUBLIC_URL"}},
		{"no URL", []string{"SKEIN_PUBLIC_URL=skein.example"}, []string{"SKEIN_PUBLIC_URL"}},
		{"header injection", []string{"SKEIN_CONTACT=a@b.example\r\nX: y"}, []string{"SKEIN_CONTACT"}},
		{"contact of one word", []string{"SKEIN_CONTACT=ada"}, []string{"SKEIN_CONTACT"}},
		{"no duration", []string{"SKEIN_KEEP=30 days"}, []string{"SKEIN_KEEP", "30 days", "720h"}},
		{"too short", []string{"SKEIN_KEEP=1s"}, []string{"SKEIN_KEEP", "1h"}},
		{"negative rows", []string{"SKEIN_LIST_ROWS=-1"}, []string{"SKEIN_LIST_ROWS"}},
		{"no number", []string{"SKEIN_WORKERS=many", "SKEIN_LIST_ROWS=all"}, []string{"SKEIN_WORKERS", "many", "SKEIN_LIST_ROWS", "all"}},
		{"all reserved", []string{"SKEIN_RESERVE=1"}, []string{"SKEIN_RESERVE"}},
		{"not a number", []string{"SKEIN_RESERVE=NaN"}, []string{"SKEIN_RESERVE"}},
		{"no writes", []string{"SKEIN_WRITES_PER_SECOND=0"}, []string{"SKEIN_WRITES_PER_SECOND"}},
		{"no workers", []string{"SKEIN_WORKERS=0"}, []string{"SKEIN_WORKERS"}},
		{"log", []string{"SKEIN_LOG=xml"}, []string{"SKEIN_LOG", "text or json"}},
		{"database alone", []string{db, key}, []string{"SKEIN_DATABASE_URL is set but SKEIN_REDIS_URL is not"}},
		{"redis alone", []string{redis}, []string{"SKEIN_REDIS_URL is set but SKEIN_DATABASE_URL is not"}},
		{"no key", []string{db, redis}, []string{"SKEIN_SECRET_KEY is missing"}},
		{"other database", []string{"SKEIN_DATABASE_URL=mysql://u:hunter2@db/x", redis, key}, []string{"SKEIN_DATABASE_URL", "postgres://"}},
		{"unreadable database", []string{"SKEIN_DATABASE_URL=postgres://u:hunter2@db:x/x", redis, key}, []string{"SKEIN_DATABASE_URL"}},
		{"registry by http", []string{"SKEIN_REGISTRIES=https://a.example/r,http://b.example/r"}, []string{"SKEIN_REGISTRIES", "http://b.example/r"}},
		{"X without rights", []string{"SKEIN_X_TOKEN=hunter2"}, []string{"SKEIN_X_RIGHTS", "docs/operating.md"}},
		{"X rights by another word", []string{"SKEIN_X_RIGHTS=yes"}, []string{"SKEIN_X_RIGHTS", "confirmed"}},
		{"half of X's client", []string{"SKEIN_X_CLIENT_ID=id"}, []string{"SKEIN_X_CLIENT_SECRET"}},
		{"the other half", []string{"SKEIN_X_CLIENT_SECRET=hunter2", "SKEIN_X_RIGHTS=confirmed"}, []string{"SKEIN_X_CLIENT_ID"}},
		{"X's API by http", []string{"SKEIN_X_API=http://api.x.example"}, []string{"SKEIN_X_API", "https://"}},
		{"no redis URL", []string{db, "SKEIN_REDIS_URL=hunter2:6379", key}, []string{"SKEIN_REDIS_URL", "redis://"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Read(tt.env)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q shows a secret", err)
			}
		})
	}
}

func TestReadLocalHosts(t *testing.T) {
	for _, u := range []string{"http://127.0.0.1:8080", "http://[::1]:8080", "http://LOCALHOST", "https://localhost"} {
		if _, err := config.Read([]string{"SKEIN_PUBLIC_URL=" + u}); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// No way of printing may show the text, not even from an unexported field.
func TestSecretIsHidden(t *testing.T) {
	const text = "hunter2"
	s := config.NewSecret(text)
	nested := struct{ inner config.Secret }{s}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "s", s, "nested", nested)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "s", s, "map", map[string]any{"s": s})
	j, err := json.Marshal(map[string]any{"s": s, "c": config.Config{SecretKey: s}})
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{log.String(), string(j), fmt.Sprint(s), fmt.Sprintln(nested), errors.New(s.String()).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s"} {
		printed = append(printed, fmt.Sprintf(verb, s), fmt.Sprintf(verb, &s), fmt.Sprintf(verb, nested), fmt.Sprintf(verb, []config.Secret{s}))
	}
	for _, p := range printed {
		if strings.Contains(p, text) || strings.Contains(strings.ToLower(p), "68756e74657232") {
			t.Errorf("shown in %q", p)
		}
	}
	if got := fmt.Sprintf("%#v", s); got != "(hidden)" {
		t.Errorf("%%#v = %q, want (hidden)", got)
	}
	if s.Reveal() != text || !s.IsSet() || (config.Secret{}).IsSet() {
		t.Error("Reveal or IsSet is wrong")
	}
}
