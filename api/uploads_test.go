package api_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
)

// smallArchive is a zip as the page's sifter makes it.
func smallArchive(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"data/account.js":   `window.YTD.account.part0 = [{"account":{"accountId":"4711","username":"ada","accountDisplayName":"Ada","createdAt":"2010-01-01T00:00:00.000Z"}}]`,
		"data/following.js": `window.YTD.following.part0 = [{"following":{"accountId":"12","userLink":"https://twitter.com/intent/user?user_id=12"}}]`,
		"data/tweets.js":    `window.YTD.tweets.part0 = [{"tweet":{"id_str":"1","id":"1","created_at":"Tue Jan 05 10:00:00 +0000 2016","full_text":"hello @bob","entities":{"user_mentions":[{"name":"Bob","screen_name":"bob","indices":["6","10"],"id_str":"12","id":"12"}]}}}]`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (b *browser) piece(at string, offset string, data []byte) answer {
	b.t.Helper()
	return b.send(http.MethodPatch, at, bytes.NewReader(data), http.Header{
		"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {offset}, "Content-Type": {"application/offset+octet-stream"},
	})
}

func (b *browser) head(at string) answer {
	b.t.Helper()
	return b.send(http.MethodHead, at, nil, http.Header{"Tus-Resumable": {"1.0.0"}})
}

// until asks for path, which is below a Move, again after each event of the
// Move until ok.
func (b *browser) until(path string, ok func(answer) bool) answer {
	b.t.Helper()
	move, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/v1/moves/"), "/")
	_, next := b.listen(move)
	for {
		if a := b.get(path); ok(a) {
			return a
		}
		next("")
	}
}

func TestUploadIsReadOnce(t *testing.T) {
	s := newSite(t)
	s.work(t)
	b := s.browser(t)
	move := b.begin()
	data := smallArchive(t)
	a := b.upload(move.ID, "archive", `C:\fakepath\twitter.zip`, len(data)).want(http.StatusCreated)
	at := a.header.Get("Location")
	if !strings.HasPrefix(at, s.url+"/api/v1/uploads/") {
		t.Fatalf("the upload is at %s", at)
	}
	b.piece(at, "0", data[:100]).want(http.StatusNoContent)
	h := b.head(at).want(200)
	if got := h.header.Get("Upload-Offset"); got != "100" || h.header.Get("Upload-Metadata") != "" {
		t.Errorf("after the first piece: %v", h.header)
	}
	if d := b.piece(at, "7", data[7:]).want(http.StatusConflict).detail(); d == "" {
		t.Error("no words for a piece at the wrong place")
	}
	b.piece(at, "100", data[100:]).want(http.StatusNoContent)
	a = b.until("/api/v1/moves/"+move.ID, func(a answer) bool {
		v := read[api.Move](a)
		return len(v.Archives) == 1 && v.Archives[0].State != "reading" && v.Counts.Tweets > 0
	})
	v := read[api.Move](a)
	if v.Handle != "ada" || v.Archives[0].FileName != "twitter.zip" || v.Archives[0].State != "complete" || v.Counts.People != 1 || v.Counts.Named != 1 {
		t.Errorf("the Move after reading: %s", a.body)
	}
	// The last answer got lost: the browser asks, and need not send it again.
	if got := b.head(at).want(200).header.Get("Upload-Offset"); got != h.header.Get("Upload-Length") {
		t.Errorf("offset of an upload that is read: %s", got)
	}
	if n := len(read[api.Move](b.get("/api/v1/moves/" + move.ID)).Archives); n != 1 {
		t.Errorf("read %d times", n)
	}
}

// A process that dies after the last byte and before it has handed the file on
// does so when the browser asks.
func TestFinishedUploadIsTakenLater(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	at := b.upload(move.ID, "archive", "a.zip", 9).want(http.StatusCreated).header.Get("Location")
	dir, err := s.Files.Dir("uploads")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, filepath.Base(at))
	if err := os.WriteFile(file, []byte("123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := b.head(at).want(200).header.Get("Upload-Offset"); got != "9" {
			t.Errorf("offset %s", got)
		}
	}
	if v := read[api.Move](b.get("/api/v1/moves/" + move.ID)); len(v.Archives) != 1 || len(v.Runs) != 1 {
		t.Errorf("taken %d times by %d Runs", len(v.Archives), len(v.Runs))
	}
	b.send(http.MethodDelete, at, nil, http.Header{"Tus-Resumable": {"1.0.0"}}).want(http.StatusConflict)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	move := b.begin()
	tests := []struct {
		name, move, kind string
		size, status     int
	}{
		{"no such Move", "01ABC", "archive", 5, http.StatusNotFound},
		{"a kind that is not known", move.ID, "virus", 5, http.StatusUnprocessableEntity},
		{"an empty file", move.ID, "archive", 0, http.StatusUnprocessableEntity},
		{"too large", move.ID, "archive", 13 << 30, http.StatusRequestEntityTooLarge},
	}
	for _, tt := range tests {
		a := b.upload(tt.move, tt.kind, "a.zip", tt.size)
		if a.status != tt.status || a.detail() == "" {
			t.Errorf("%s: got %d %s", tt.name, a.status, a.body)
		}
	}
	for _, id := range []string{"x", "..%2f..%2fkey", "01ABCDEFGHJKMNPQRSTVWXYZ01.info", "01ABCDEFGHJKMNPQRSTVWXYZ01"} {
		b.head("/api/v1/uploads/" + id).want(http.StatusNotFound)
	}
	b.get("/api/v1/uploads/01ABCDEFGHJKMNPQRSTVWXYZ01").want(http.StatusNotFound)
}

func TestSweptUploads(t *testing.T) {
	later := time.Now()
	s := newSite(t, func(s *api.Server) { s.Now = func() time.Time { return later } })
	b := s.browser(t)
	move := b.begin()
	left := b.upload(move.ID, "archive", "a.zip", 9).want(http.StatusCreated).header.Get("Location")
	waits := b.upload(move.ID, "archive", "a.zip", 9).want(http.StatusCreated).header.Get("Location")
	b.piece(waits, "0", []byte("123456789")).want(http.StatusNoContent)
	for _, want := range []struct {
		after  time.Duration
		status int
	}{{23 * time.Hour, 200}, {25 * time.Hour, 404}} {
		later = time.Now().Add(want.after)
		if err := s.SweepUploads(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.head(left).want(want.status)
	}
	b.head(waits).want(200) // complete, and still to be read
}

// With a Move goes what was sent for it, read or not.
func TestDeletedMoveLeavesNoUpload(t *testing.T) {
	s := newSite(t)
	b, other := s.browser(t), s.browser(t)
	move, stays := b.begin(), other.begin()
	begun := b.upload(move.ID, "archive", "a.zip", 9).want(http.StatusCreated).header.Get("Location")
	b.piece(begun, "0", []byte("12345")).want(http.StatusNoContent)
	complete := b.upload(move.ID, "archive", "a.zip", 9).want(http.StatusCreated).header.Get("Location")
	b.piece(complete, "0", []byte("123456789")).want(http.StatusNoContent)
	at := other.upload(stays.ID, "archive", "a.zip", 9).want(http.StatusCreated).header.Get("Location")
	b.do(http.MethodDelete, "/api/v1/moves/"+move.ID, nil).want(http.StatusNoContent)
	left, err := s.Files.List(t.Context(), "uploads")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if !strings.HasPrefix(f.Key, "uploads/"+filepath.Base(at)) {
			t.Errorf("left behind: %s", f.Key)
		}
	}
	other.head(at).want(200)
}

// What tus can do and we do not offer is the browser's mistake, not a fault of ours.
func TestUploadOfUnknownLength(t *testing.T) {
	s := newSite(t)
	b := s.browser(t)
	b.begin()
	a := b.send(http.MethodPost, "/api/v1/uploads/", nil, http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Defer-Length": {"1"}})
	if a.want(http.StatusNotImplemented); strings.Contains(a.detail(), "our side") || s.log.Len() > 0 {
		t.Errorf("got %s and in the log %s", a.body, s.log)
	}
}

// A name that no archive can have brought is no picture, and the answer does not
// tell how files are kept.
func TestMediaOfOddNames(t *testing.T) {
	b := newSite(t).browser(t)
	move := b.begin()
	for _, name := range []string{"1-a.jpg", "%2e%2e", "..", ".put-x", "a%00b", "%5c..%5cx.jpg"} {
		d := b.get("/api/v1/moves/" + move.ID + "/media/" + name).want(http.StatusNotFound).detail()
		if strings.Contains(d, "moves/") {
			t.Errorf("%s: %s", name, d)
		}
	}
}
