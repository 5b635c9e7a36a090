package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	_ "image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
)

const avatarRoute = "GET /avatars/{file}"

// portrait gives the account user@tusk.example that picture, and the Move a
// Person with it. It returns the path of the avatar.
func (b *browser) portrait(move, user string, p *fedisim.Picture) string {
	b.t.Helper()
	b.site.tusk.AddAccount(fedisim.Account{User: user, Picture: p})
	return b.portraitAt(move, user, "https://tusk.example/avatars/"+user+"@tusk.example.png")
}

func (b *browser) portraitAt(move, user, url string) string {
	b.t.Helper()
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	s, ctx := b.site.Store, b.t.Context()
	must(s.SavePeople(ctx, move, []model.Person{{Handle: model.Handle{Name: user}, Relations: []model.Relation{model.Following}}}))
	people, _, err := s.PeoplePage(ctx, move, store.PeopleFilter{Grade: -1, Search: user, Limit: 1})
	must(err)
	a := model.Address{User: user, Host: "tusk.example"}
	must(s.SaveMatches(ctx, move, people[0].ID, []match.Match{{
		Address: a, Grade: match.Stated, Evidence: evidence(a, match.Stated), Profile: model.Profile{Address: a, Existence: model.Exists, Avatar: url},
	}}))
	matches, err := s.Matches(ctx, people[0].ID)
	must(err)
	return "/api/v1/moves/" + move + "/people/" + people[0].ID + "/matches/" + matches[0].ID + "/avatar"
}

// photo is a PNG of w × h pixels that does not compress well.
func photo(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i >> 3)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	img.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (s *site) asked() int { return s.tusk.Requests()[avatarRoute] }

func TestAvatar(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin().ID
	path := b.portrait(move, "greta", &fedisim.Picture{Type: "image/png", Body: photo(t, 400, 300)})
	a := b.get(path).want(200)
	config, format, err := image.DecodeConfig(strings.NewReader(a.body))
	if err != nil || config.Width != 128 || config.Height != 128 || format != "jpeg" {
		t.Fatalf("%s of %d × %d, %v", format, config.Width, config.Height, err)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'; sandbox",
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	tag := a.header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		t.Errorf("ETag %q is not a strong one", tag)
	}
	// Another Person with the same picture, and the same browser again.
	other := b.portraitAt(move, "gretel", "https://tusk.example/avatars/greta@tusk.example.png")
	if again := b.get(other).want(200); again.body != a.body || again.header.Get("ETag") != tag {
		t.Error("the same picture is another one the second time")
	}
	if c := b.send(http.MethodGet, path, nil, http.Header{"If-None-Match": {tag}}); c.status != http.StatusNotModified || c.body != "" {
		t.Errorf("with its tag: %d, %d bytes", c.status, len(c.body))
	}
	if n := s.asked(); n != 1 {
		t.Errorf("the server was asked %d times, want once", n)
	}
}

func TestAvatarsThatAreNone(t *testing.T) {
	s := newSite(t, func(s *api.Server) { s.Worker.AvatarWait = time.Minute })
	b := s.browser(t)
	move := b.begin().ID
	bomb := photo(t, 4, 4)
	copy(bomb[16:24], []byte{0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30}) // 30,000 × 30,000
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	whole := photo(t, 300, 300)
	tests := map[string]*fedisim.Picture{
		"huge":      {Type: "image/png", Body: bomb},
		"five":      {Type: "image/png", Body: append(photo(t, 4, 4), make([]byte, 5<<20)...)},
		"vector":    {Type: "image/png", Body: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		"page":      {Type: "image/png", Body: []byte("<html><body>Just a moment…</body></html>")},
		"inward":    {To: "https://10.0.0.1/avatar.png"},
		"loopback":  {To: s.url + "/api/v1/about"},
		"metadata":  {To: "https://169.254.169.254/latest/meta-data/"},
		"round":     {To: "https://tusk.example/avatars/round@tusk.example.png"},
		"endless":   {Type: "image/png", Body: append(photo(t, 4, 4), make([]byte, 64<<10)...), Endless: true},
		"truncated": {Type: "image/png", Body: whole[:len(whole)/2]},
		"empty":     {Type: "image/png"},
		"gone":      {Status: http.StatusGone, Type: "image/png", Body: whole},
		"broken":    {Status: http.StatusBadGateway, Type: "text/html", Body: []byte("oops")},
	}
	paths := map[string]string{}
	for name, p := range tests {
		paths[name] = b.portrait(move, name, p)
	}
	for name, url := range map[string]string{"none": "", "private": "https://192.168.1.1/a.png", "plain": "http://tusk.example/a.png", "port": "https://tusk.example:8443/a.png"} {
		paths[name] = b.portraitAt(move, name, url)
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			a := b.get(path)
			if a.status != http.StatusNotFound || strings.Contains(a.body, "tusk") || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("got %d: %.200s", a.status, a.body)
			}
			before := s.asked()
			b.get(path).want(http.StatusNotFound)
			if n := s.asked() - before; n != 0 {
				t.Errorf("the server was asked %d times more within six hours", n)
			}
		})
	}
}

// Many who look at once make one request, and whoever would wait long is told to
// come again.
func TestAvatarInTurn(t *testing.T) {
	s := newSite(t, func(s *api.Server) { s.Worker.AvatarWait = time.Millisecond })
	b := s.browser(t)
	move := b.begin().ID
	path := b.portrait(move, "greta", nil)
	held, release := make(chan struct{}, 1), make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	t.Cleanup(let)
	s.sim.Hook(func(p fedisim.Point) {
		if p.Kind == fedisim.RequestRead && p.Route == avatarRoute {
			held <- struct{}{}
			<-release
		}
	})
	if a := b.get(path); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Fatalf("while the server thinks: %d", a.status)
	}
	<-held // from now on it is being asked
	for range 5 {
		b.get(path).want(http.StatusServiceUnavailable)
	}
	let()
	for a := b.get(path); a.status != http.StatusOK; a = b.get(path) { // each waits a little for it
		a.want(http.StatusServiceUnavailable)
	}
	if n := s.asked(); n != 1 {
		t.Errorf("the server was asked %d times, want once", n)
	}
}

// A server that asks to wait is asked again later, not after six hours.
func TestAvatarRefusedForNow(t *testing.T) {
	s := newSite(t, func(s *api.Server) { s.Worker.AvatarWait = time.Minute })
	b := s.browser(t)
	url := "https://tusk.example/avatars/greta@tusk.example.png"
	path := b.portraitAt(b.begin().ID, "greta", url)
	s.tusk.Fault(fedisim.Fault{Path: "/avatars/*", Kind: fedisim.TooMuch})
	b.get(path).want(http.StatusServiceUnavailable)
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(url)))
	if _, known, err := s.Store.Avatar(t.Context(), hash); known || err != nil {
		t.Errorf("kept as if there were none, %v", err)
	}
}

func TestAvatarsExpire(t *testing.T) {
	s := newSite(t, func(s *api.Server) {
		s.Worker.AvatarWait = time.Minute
		s.Worker.Now = func() time.Time { return time.Now().AddDate(0, 0, -8) }
	})
	b := s.browser(t)
	move := b.begin().ID
	path, none := b.portrait(move, "greta", nil), b.portrait(move, "page", &fedisim.Picture{Body: []byte("<html>")})
	for range 2 { // a week old when it comes: fetched each time
		b.get(path).want(200)
		b.get(none).want(http.StatusNotFound)
	}
	if n := s.asked(); n != 4 {
		t.Errorf("asked %d times, want 4", n)
	}
	if list, err := s.Files.List(t.Context(), "avatars"); err != nil || len(list) != 1 {
		t.Errorf("%d files, %v", len(list), err)
	}
	if err := s.Worker.SweepAvatars(t.Context()); err != nil {
		t.Fatal(err)
	}
	left, err := s.Store.ExpiredAvatars(t.Context())
	if err != nil || len(left) != 0 {
		t.Errorf("%d rows are left, %v", len(left), err)
	}
	if list, err := s.Files.List(t.Context(), "avatars"); err != nil || len(list) != 0 {
		t.Errorf("%d files are left, %v", len(list), err)
	}
}

// What was kept and then lost from the disk is fetched again.
func TestAvatarLost(t *testing.T) {
	s := newSite(t, func(s *api.Server) { s.Worker.AvatarWait = time.Minute })
	b := s.browser(t)
	path := b.portrait(b.begin().ID, "greta", nil)
	b.get(path).want(200)
	if err := s.Files.DeleteAll(t.Context(), "avatars"); err != nil {
		t.Fatal(err)
	}
	b.get(path).want(200)
	if n := s.asked(); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}
