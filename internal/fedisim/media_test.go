package fedisim_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/fedisim"
)

var (
	picture = append([]byte("\x89PNG\x0d\x0a\x1a\x0a"), make([]byte, 100)...)
	film    = append([]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), make([]byte, 100)...)
)

func TestUpload(t *testing.T) {
	long := strings.Repeat("ö", 1501)
	big := append(slices.Clone(picture), make([]byte, 2000)...)
	tests := []struct {
		name, software string
		file           []byte
		alt            string
		code           int
	}{
		{"picture", "mastodon", picture, "a goose", 200},
		{"picture", "gotosocial", picture, "a goose", 200},
		{"film", "mastodon", film, "", 202},
		{"film", "gotosocial", film, "", 200},
		{"long text", "mastodon", picture, long, 422},
		{"long text", "gotosocial", picture, long, 400},
		{"just short enough", "gotosocial", picture, long[2:], 200},
		{"too big", "mastodon", big, "", 422},
		{"too big", "gotosocial", big, "", 400},
		{"not a picture", "gotosocial", []byte("hello"), "", 422},
		{"nothing", "mastodon", nil, "", 422},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.software, func(t *testing.T) {
			_, v := alone(t, tt.software, func(c *fedisim.Config) { c.ImageSizeLimit = 1000 })
			got := as(t, v, "ada").upload("/api/v2/media", "file", "IMG_1.jpg", tt.file, form("description", tt.alt))
			wantCode(t, "upload", got, tt.code)
			ups := v.Uploads("ada")
			if (len(ups) == 1) != (tt.code < 300) {
				t.Fatalf("uploads %+v", ups)
			}
			if len(ups) == 1 && (ups[0].Name != "IMG_1.jpg" || ups[0].Alt != tt.alt || ups[0].Size != int64(len(tt.file))) {
				t.Errorf("upload %+v", ups[0])
			}
			if _, has := got.object(t)["url"].(string); has != (tt.code == 200) {
				t.Errorf("url in %s", got.body)
			}
		})
	}
}

func TestFilmInProcessing(t *testing.T) {
	s, v := alone(t, "mastodon")
	u := as(t, v, "ada")
	id := u.upload("/api/v2/media", "file", "a.mp4", film, nil).text(t, "id")
	wantCode(t, "in work", u.get("/api/v1/media/"+id), 206)
	wantCode(t, "posted too soon", u.post("/api/v1/statuses", form("status", "x", "media_ids[]", id)), 422)
	s.Advance(2 * time.Second)
	wantCode(t, "ready", u.get("/api/v1/media/"+id), 200)
	wantCode(t, "posted", u.post("/api/v1/statuses", form("status", "x", "media_ids[]", id)), 200)
	wantCode(t, "used twice", u.post("/api/v1/statuses", form("status", "x", "media_ids[]", id)), 422)
	if got := stranger(t, v).get("/media/" + id); got.code != 200 || !bytes.Equal([]byte(got.body), film) {
		t.Errorf("file: %d, %d bytes", got.code, len(got.body))
	}
}

func TestAttach(t *testing.T) {
	tests := []struct {
		name, software string
		pictures       int
		film           bool
		code           int
	}{
		{"four", "mastodon", 4, false, 200},
		{"five", "mastodon", 5, false, 422},
		{"mixed", "mastodon", 1, true, 422},
		{"six", "gotosocial", 6, false, 200},
		{"seven", "gotosocial", 7, false, 400},
		{"mixed", "gotosocial", 1, true, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.software, func(t *testing.T) {
			s, v := alone(t, tt.software)
			u, f := as(t, v, "ada"), form("status", "x")
			for range tt.pictures {
				f.Add("media_ids[]", u.upload("/api/v1/media", "file", "a.png", picture, nil).text(t, "id"))
			}
			if tt.film {
				f.Add("media_ids[]", u.upload("/api/v2/media", "file", "a.mp4", film, nil).text(t, "id"))
				s.Advance(time.Minute)
			}
			wantCode(t, "post", u.post("/api/v1/statuses", f), tt.code)
		})
	}
	_, v := alone(t, "gotosocial")
	theirs := as(t, v, "bob").upload("/api/v1/media", "file", "a.png", picture, nil).text(t, "id")
	wantCode(t, "another's", as(t, v, "ada").post("/api/v1/statuses", form("status", "x", "media_ids[]", theirs)), 400)
	wantCode(t, "withdrawn", as(t, v, "bob").send("DELETE", "/api/v1/media/"+theirs, "", nil), 405)
}
