package fedisim_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/skein-migrate/skein/internal/fedisim"
)

func TestDemo(t *testing.T) {
	s := fedisim.New(fedisim.Options{Start: noon, Seed: 7})
	t.Cleanup(s.Close)
	w := fedisim.Demo(s)
	hosts := s.Hosts()
	if len(w.People) != 150 || len(hosts) < 14 {
		t.Errorf("%d people on %d hosts", len(w.People), len(hosts))
	}
	handle := regexp.MustCompile(`^[A-Za-z0-9_]{1,15}$`)
	seen, names, how := map[string]bool{}, 0, map[string]int{}
	for _, p := range w.People {
		how[p.How]++
		if p.Names {
			names++
		}
		key := strings.ToLower(p.Handle)
		if !handle.MatchString(p.Handle) || seen[key] || seen[p.TwitterID] || p.Name == "" || p.TwitterBio == "" {
			t.Errorf("person %+v", p)
		}
		seen[key], seen[p.TwitterID] = true, true
		_, host, on := strings.Cut(p.Address, "@")
		if on != (p.How != "none") || on && hosts[host] == "" {
			t.Errorf("address of %+v", p)
		}
		if (p.How == "bio") != (on && strings.Contains(p.TwitterBio, host)) {
			t.Errorf("bio of %+v", p)
		}
	}
	if names != 60 || how["wikidata-id"] != 10 || how["wikidata-handle"] != 5 {
		t.Errorf("%d name their handle, %v", names, how)
	}
	for host := range hosts {
		if !strings.HasSuffix(host, ".example") {
			t.Errorf("host %s is not invented", host)
		}
	}
	for _, h := range w.Homes {
		if got := len(s.Server(h.Host).Followers(h.User)); got != h.Followers || h.Host == "tusk.example" && h.User == "alex" && got != 37 {
			t.Errorf("%s has %d followers; said %d", h.Address, got, h.Followers)
		}
	}
	if len(s.Effects()) != 0 {
		t.Errorf("effects before anything was asked: %v", s.Effects()[0])
	}
	again := fedisim.DemoWorldOf(7)
	if diff := cmp.Diff(w.People, again.People, cmpopts.IgnoreUnexported(fedisim.DemoPerson{})); diff != "" {
		t.Errorf("another world from the same seed: %s", diff)
	}
}

// What the kinds promise can be found by asking the servers.
func TestDemoIsFindable(t *testing.T) {
	s := fedisim.New(fedisim.Options{Start: noon, Seed: 7})
	t.Cleanup(s.Close)
	w := fedisim.Demo(s)
	inDirectory := map[string]bool{}
	for _, v := range s.Servers() {
		if got := stranger(t, v).get("/api/v1/directory?limit=80&local=true"); got.err == nil && got.code == 200 {
			for _, a := range got.list(t) {
				inDirectory[a["username"].(string)+"@"+v.Config().AccountDomain] = true
			}
		}
	}
	for _, p := range w.People {
		at := p.Address
		if p.MovedTo != "" {
			at = p.MovedTo
		}
		if p.How == "directory" && p.Mark != "suspended" && !inDirectory[at] {
			t.Errorf("not in the directory: %+v", p)
		}
	}
	var result struct {
		Results struct{ Bindings []map[string]any }
	}
	query := stranger(t, s.Server(w.WikidataHost)).get("/sparql?query=x", "User-Agent", "test")
	if err := json.Unmarshal([]byte(query.body), &result); err != nil || len(result.Results.Bindings) != 15 {
		t.Errorf("wikidata: %v, %d rows", err, len(result.Results.Bindings))
	}
	if list := stranger(t, s.Server(w.ServerListHost)).get("/servers").list(t); len(list) < 5 {
		t.Errorf("%d servers listed", len(list))
	}
	ada := stranger(t, s.Server("tusk.example")).get("/@alex")
	if ada.code != 200 || !strings.Contains(ada.body, "Alex Kranich") {
		t.Errorf("home page: %d", ada.code)
	}
}
