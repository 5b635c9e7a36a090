package importer_test

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/importer"
	"github.com/skein-migrate/skein/importer/sample"
	"github.com/skein-migrate/skein/internal/model"
)

func writeSample(t testing.TB, o sample.Options) ([]byte, sample.Stats) {
	t.Helper()
	var b bytes.Buffer
	stats, err := sample.Write(t.Context(), &b, o)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), stats
}

func openBytes(t testing.TB, b []byte) *importer.Archive {
	t.Helper()
	a, err := importer.OpenReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var known = []sample.Known{
	{ID: "4711", Handle: "greylag", Name: "Greylag"},
	{ID: "900000000000000123", Handle: "barnacle_g", Name: "Barnacle 🪿"},
}

// What is written is read, to the last count.
func TestSampleRoundTrip(t *testing.T) {
	for _, gen := range []string{"G0", "G1", "G2", "G3", "G4"} {
		t.Run(gen, func(t *testing.T) {
			t.Parallel()
			b, want := writeSample(t, sample.Options{
				Tweets: 1000, Following: 150, Followers: 220, Blocking: 7, Muting: 5, Likes: 60,
				MediaBytes: 1 << 20, Seed: 42, Generation: gen, People: known,
			})
			a := openBytes(t, b)
			var tweets []model.Tweet
			people := map[string]model.Person{}
			got, err := a.Read(t.Context(), importer.Sink{
				Tweets: func(_ string, batch []model.Tweet) error { tweets = append(tweets, batch...); return nil },
				People: func(batch []model.Person) error {
					for _, p := range batch {
						people[p.TwitterID] = p
					}
					return nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			warnings, followed := 0, 150
			if gen == "G0" { // the times of 2009 and 2010 are gone, and so is all but tweets
				warnings, followed = 2, 0
			}
			if len(got.Warnings) != warnings {
				t.Errorf("warnings: %v", got.Warnings)
			}
			if d := cmp.Diff(countsOf(want), got.Counts); d != "" {
				t.Errorf("counts (-written +read):\n%s", d)
			}
			names := importer.Names{Following: want.Following, FollowingNamed: want.FollowingNamed, BySource: want.BySource}
			if d := cmp.Diff(names, got.Names); d != "" {
				t.Errorf("names (-written +read):\n%s", d)
			}
			if got.Generation != gen || !got.ExportedAt.Equal(want.ExportedAt) || got.Owner.ID != want.Owner.ID || got.Owner.Handle != want.Owner.Handle {
				t.Errorf("got %+v of %s at %s", got.Owner, got.Generation, got.ExportedAt)
			}
			if wantPeople := followed + 220 - 90 + 7 + 5; len(tweets) != want.Tweets || gen != "G0" && len(people) != wantPeople {
				t.Errorf("%d tweets, %d people", len(tweets), len(people))
			}
			c := got.Counts
			if c.Retweets == 0 || c.SelfReplies == 0 || c.Quotes == 0 || c.Media == 0 || gen == "G4" && c.NoteTweets == 0 {
				t.Errorf("something is not in the archive: %+v", c)
			}
			checkEntities(t, tweets)
			if gen == "G0" {
				return
			}
			for _, k := range known {
				if p := people[k.ID]; p.Handle.Name != k.Handle || p.Interactions == 0 {
					t.Errorf("known account %s was read as %+v", k.Handle, p)
				}
			}
			checkPhotos(t, a, tweets)
		})
	}
}

func countsOf(s sample.Stats) importer.Counts {
	return importer.Counts{
		Tweets: s.Tweets, Retweets: s.Retweets, Replies: s.Replies, SelfReplies: s.SelfReplies, Quotes: s.Quotes,
		NoteTweets: s.NoteTweets, NoteTweetsJoined: s.NoteTweetsJoined, Media: s.Media, MediaMissing: s.MediaMissing,
		Following: s.Following, Followers: s.Followers, Blocking: s.Blocking, Muting: s.Muting, Lists: s.Lists, Likes: s.Likes,
	}
}

// Offsets count code points of the escaped text.
func checkEntities(t *testing.T, tweets []model.Tweet) {
	t.Helper()
	escaped := 0
	for _, tw := range tweets {
		runes := []rune(tw.Text)
		if strings.Contains(tw.Text, "&amp;") {
			escaped++
		}
		for _, m := range tw.Mentions {
			if got := string(runes[m.Start:m.End]); !strings.EqualFold(got, "@"+m.Handle) {
				t.Fatalf("tweet %s: mention of %s stands at %q", tw.ID, m.Handle, got)
			}
		}
		for _, l := range tw.Links {
			if got := string(runes[l.Start:l.End]); got != l.Short {
				t.Fatalf("tweet %s: link %s stands at %q", tw.ID, l.Short, got)
			}
		}
		for _, m := range tw.Media {
			if got := string(runes[m.Start:m.End]); got != m.Short {
				t.Fatalf("tweet %s: media %s stands at %q", tw.ID, m.Short, got)
			}
		}
		if n := tw.Note; n != nil {
			for _, l := range n.Links {
				if got := string([]rune(n.Text)[l.Start:l.End]); got != l.Short {
					t.Fatalf("note of tweet %s: link %s stands at %q", tw.ID, l.Short, got)
				}
			}
		}
		if tw.CreatedAt.Before(time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC)) || tw.CreatedAt.After(time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("tweet %s is of %s", tw.ID, tw.CreatedAt)
		}
	}
	if escaped == 0 {
		t.Error("no tweet has an escaped character")
	}
}

func checkPhotos(t *testing.T, a *importer.Archive, tweets []model.Tweet) {
	t.Helper()
	decoded := 0
	for _, tw := range tweets {
		for _, m := range tw.Media {
			if decoded++; decoded > 40 || m.Type != model.Photo {
				continue
			}
			rc, size, err := a.OpenMedia(m.File)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(rc)
			if err != nil || int64(len(b)) != size {
				t.Fatalf("%s: %d of %d bytes, %v", m.File, len(b), size, err)
			}
			if _, _, err := image.Decode(bytes.NewReader(b)); err != nil {
				t.Errorf("%s: %v", m.File, err)
			}
			rc.Close()
		}
	}
}

func TestSampleIsDeterministic(t *testing.T) {
	o := sample.Options{Tweets: 300, Following: 20, Followers: 30, Likes: 5, Seed: 7}
	first, _ := writeSample(t, o)
	again, _ := writeSample(t, o)
	if !bytes.Equal(first, again) {
		t.Error("the same options gave other bytes")
	}
	o.Seed = 8
	if other, _ := writeSample(t, o); bytes.Equal(first, other) {
		t.Error("another seed gave the same bytes")
	}
}

func TestSampleMediaBytes(t *testing.T) {
	const want = 10 << 20
	b, _ := writeSample(t, sample.Options{Tweets: 500, Following: 10, MediaBytes: want, Seed: 3})
	if len(b) < want*9/10 || len(b) > want*12/10 {
		t.Errorf("%d bytes of zip for %d bytes of media", len(b), want)
	}
}

func TestSampleSizes(t *testing.T) {
	for _, o := range []sample.Options{{}, {Tweets: 1}, {Tweets: 1, People: known}, {Following: 3, Generation: "G2"}} {
		b, want := writeSample(t, o)
		got, err := openBytes(t, b).Read(t.Context(), importer.Sink{})
		if err != nil || len(got.Warnings) > 0 {
			t.Errorf("%+v: %v, %v", o, err, got.Warnings)
		}
		if d := cmp.Diff(countsOf(want), got.Counts); d != "" {
			t.Errorf("%+v (-written +read):\n%s", o, d)
		}
	}
}

func TestSampleRefusesAndStops(t *testing.T) {
	if _, err := sample.Write(t.Context(), io.Discard, sample.Options{Generation: "G7"}); err == nil {
		t.Error("an unknown generation was written")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sample.Write(ctx, io.Discard, sample.Options{Tweets: 10}); err == nil {
		t.Error("an ended context did not stop it")
	}
}
