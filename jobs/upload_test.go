package jobs_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/skein-migrate/skein/internal/fedisim"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/jobs"
)

// photograph is a JPEG of w × w pixels that tells where it was taken.
func photograph(t *testing.T, w int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, w)), nil); err != nil {
		t.Fatal(err)
	}
	const place = "Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00 52.5200N 13.4050E"
	data := b.Bytes()
	return []byte(string(data[:2]) + "\xff\xe1\x00" + string(rune(len(place)+2)) + place + string(data[2:]))
}

// A picture goes out without what it tells of its place, under a name that fits
// what it is, and no larger than the server takes.
func TestUploadPrepared(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fedisim.Config{NoLimits: true, ImageSizeLimit: 10_000})
	first, second := tweet(1, "small"), tweet(2, "large")
	photo := photograph(t, 50)
	for _, p := range []struct {
		t    *model.Tweet
		data []byte
	}{{&first, photo}, {&second, photograph(t, 1000)}} {
		name := picture(p.t, "a") // .png, which it is not
		f.check(f.files.Put(t.Context(), f.medium(name), bytes.NewReader(p.data), int64(len(p.data))))
	}
	f.tweets(first, second)
	f.done(f.start(jobs.KindPosts, fast).ID)
	f.wantPosted("small", "large")
	uploads := f.home.Uploads("alex")
	if len(uploads) != 2 {
		t.Fatalf("%d uploads, want 2", len(uploads))
	}
	sum := sha256.Sum256(photo)
	if u := uploads[0]; u.MIME != "image/jpeg" || !strings.HasSuffix(u.Name, "-a.jpg") || u.SHA256 == hex.EncodeToString(sum[:]) || u.Size != int64(len(photo)-4-len("Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00 52.5200N 13.4050E")) {
		t.Errorf("uploaded %+v of %d bytes: want a JPEG without its EXIF", u, len(photo))
	}
	if u := uploads[1]; u.Size > 10_000 || u.MIME != "image/jpeg" {
		t.Errorf("uploaded %+v: want it smaller", u)
	}
}
