package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skein-migrate/skein/api"
	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/store"
	"github.com/skein-migrate/skein/jobs"
)

func TestPictures(t *testing.T) {
	s := newSite(t)
	b, move, account := connected(t, s, "posts")
	tweets := []model.Tweet{
		{ID: "5", CreatedAt: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), Text: "seen by few", Favorites: 1, Media: []model.Media{{File: "5-aa.jpg", Type: model.Photo}}},
		{ID: "6", CreatedAt: time.Date(2019, 1, 2, 0, 0, 0, 0, time.UTC), Text: "seen by many", Favorites: 9, Retweets: 2, Media: []model.Media{{File: "6-bb.jpg", Type: model.Photo}}},
	}
	a, err := s.Store.AddArchive(t.Context(), store.Archive{MoveID: move.ID, Kind: jobs.ArchiveFile})
	if err == nil {
		err = errors.Join(s.Store.SaveTweets(t.Context(), move.ID, a.ID, "data/tweets.js", tweets), s.Store.FileComplete(t.Context(), a.ID, "data/tweets.js", len(tweets)),
			s.Store.FinishArchive(t.Context(), a.ID, store.ArchiveComplete, "", ""))
	}
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/moves/" + move.ID
	list := func(more map[string]any) api.Pictures {
		more["account"] = account.ID
		if more["options"] == nil { // a time of which nobody has said whether it was private
			more["options"] = map[string]any{"visibility": "private"}
		}
		return read[api.Pictures](b.post(path+"/pictures", more).want(200))
	}
	all := map[string]any{}
	p := list(all)
	if p.Total != 2 || p.Described != 0 || p.Pictures[0].File != "6-bb.jpg" || p.Pictures[0].Seen != 11 || p.Pictures[0].Text != "seen by many" {
		t.Fatalf("pictures: %+v", p)
	}
	if p.Pictures[0].URL != "" {
		t.Errorf("a picture that was not uploaded is at %s", p.Pictures[0].URL)
	}
	few := map[string]any{"options": map[string]any{"tweet_ids": []string{"5"}, "kinds": []string{"post"}}}
	if p := list(few); p.Total != 1 || p.Pictures[0].File != "5-aa.jpg" {
		t.Errorf("of the chosen posts: %+v", p)
	}
	b.post(path+"/pictures", map[string]any{"account": account.ID, "options": map[string]any{"kinds": []string{"song"}}}).want(http.StatusUnprocessableEntity)
	describe := func(file, alt string) answer {
		return b.do(http.MethodPut, path+"/pictures/"+file+"/alt", map[string]any{"alt": alt})
	}
	describe("6-bb.jpg", " a heron ").want(http.StatusNoContent)
	describe("7-cc.jpg", "of no tweet").want(http.StatusNotFound)
	describe("6-zz.jpg", "of no picture").want(http.StatusNotFound)
	describe("6-bb.jpg", strings.Repeat("x", 10_001)).want(http.StatusUnprocessableEntity)
	if p = list(map[string]any{"limit": 1, "offset": 1}); p.Described != 1 || len(p.Pictures) != 1 || p.Pictures[0].Alt != "a heron" {
		t.Errorf("after describing one: %+v", p)
	}
	bring := func(text string) answer { return b.post(path+"/alt-texts", map[string]any{"text": text}) }
	if v := read[api.BroughtAltTexts](bring("id,alt\n5,a reed\n99,nothing\n").want(200)); v.Known != 1 || v.Unknown != 1 {
		t.Errorf("brought: %+v", v)
	}
	bring(" ").want(http.StatusUnprocessableEntity)
	bring("{").want(http.StatusUnprocessableEntity)
	describe("6-bb.jpg", "").want(http.StatusNoContent)
	if p = list(all); p.Described != 1 || p.Pictures[0].Alt != "" || p.Pictures[1].Alt != "a reed" {
		t.Errorf("at the end: %+v", p)
	}
}
