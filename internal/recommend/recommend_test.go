package recommend_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skein-migrate/skein/internal/model"
	"github.com/skein-migrate/skein/internal/recommend"
)

func server(host string, change func(*model.Server)) model.Server {
	s := model.Server{Host: host, Languages: []string{"en"}, ActiveMonth: 2_000, SignUp: model.SignUpOpen, Software: "mastodon"}
	if change != nil {
		change(&s)
	}
	return s
}

func hosts(ranked []recommend.Ranked) []string {
	out := make([]string, 0, len(ranked))
	for _, r := range ranked {
		out = append(out, r.Server.Host)
	}
	return out
}

func TestRank(t *testing.T) {
	usual := server("usual.example", nil)
	tests := []struct {
		name    string
		other   model.Server
		matched map[string]int
		o       recommend.Options
		first   string
	}{
		{"more people", server("a.example", nil), map[string]int{"usual.example": 3, "a.example": 2}, recommend.Options{}, "usual.example"},
		{"host in capitals", server("A.example", nil), map[string]int{"a.example": 2}, recommend.Options{}, "A.example"},
		{"language", server("a.example", func(s *model.Server) { s.Languages = []string{"de"} }), nil, recommend.Options{Languages: []string{"de-AT"}}, "a.example"},
		{"language that it does not speak", server("a.example", func(s *model.Server) { s.Languages = []string{"de"} }), nil, recommend.Options{Languages: []string{"EN"}}, "usual.example"},
		{"approval", server("a.example", func(s *model.Server) { s.SignUp = model.SignUpApproval }), nil, recommend.Options{}, "usual.example"},
		{"closed, with many people", server("a.example", func(s *model.Server) { s.SignUp = model.SignUpClosed }), map[string]int{"a.example": 900}, recommend.Options{}, "usual.example"},
		{"the biggest", server("a.example", func(s *model.Server) { s.ActiveMonth = 300_000 }), nil, recommend.Options{}, "usual.example"},
		{"the biggest, with two more people", server("a.example", func(s *model.Server) { s.ActiveMonth = 300_000 }), map[string]int{"a.example": 12, "usual.example": 10}, recommend.Options{}, "usual.example"},
		{"the biggest, by its accounts", server("a.example", func(s *model.Server) { s.ActiveMonth, s.Users = 0, 2_900_000 }), nil, recommend.Options{}, "usual.example"},
		{"tiny", server("a.example", func(s *model.Server) { s.ActiveMonth = 3 }), nil, recommend.Options{}, "usual.example"},
		{"software that we cannot speak to", server("a.example", func(s *model.Server) { s.Software = "PeerTube" }), map[string]int{"a.example": 2}, recommend.Options{}, "usual.example"},
		{"covenant", server("a.example", func(s *model.Server) { s.Covenant = true }), nil, recommend.Options{}, "a.example"},
		{"equal: by host", server("z.example", nil), nil, recommend.Options{}, "usual.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := recommend.Rank([]model.Server{tt.other, usual}, tt.matched, tt.o)
			if len(got) != 2 || got[0].Server.Host != tt.first {
				t.Errorf("got %+v, want %s first", got, tt.first)
			}
			for _, r := range got {
				if len(r.Reasons) < 2 || r.Score < 0 || r.Score > 100 {
					t.Errorf("%s: score %v, reasons %v", r.Server.Host, r.Score, r.Reasons)
				}
			}
		})
	}
}

func TestReasons(t *testing.T) {
	s := server("a.example", func(s *model.Server) { s.Covenant = true })
	got := recommend.Rank([]model.Server{s, s, {}}, map[string]int{"a.example": 12}, recommend.Options{Languages: []string{"en"}})
	if len(got) != 1 {
		t.Fatalf("the same server twice and one without a host: got %d", len(got))
	}
	want := []recommend.Reason{
		{Code: "people", Text: "12 of the people we found for you live here."},
		{Code: "language", Text: "Your language (en) is spoken here."},
		{Code: "sign-up-open", Text: "You can sign up at once."},
		{Code: "size", Text: "It is of a good size: neither tiny nor among the biggest."},
		{Code: "covenant", Text: "It keeps the Mastodon Server Covenant: moderation against hate, backups, notice before it would close."},
	}
	if diff := cmp.Diff(want, got[0].Reasons); diff != "" {
		t.Error(diff)
	}
	if got := recommend.Rank(nil, nil, recommend.Options{}); len(got) != 0 {
		t.Errorf("an empty catalogue: got %v", got)
	}
}

func random(r *rand.Rand) ([]model.Server, map[string]int) {
	var servers []model.Server
	matched := map[string]int{}
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	for i := range 2 + r.IntN(8) {
		s := model.Server{
			Host: fmt.Sprintf("s%d.example", i), Users: r.IntN(3) * 500_000, ActiveMonth: r.IntN(4) * 40_000,
			SignUp: model.SignUp(pick("", "open", "approval", "closed")), Software: pick("", "mastodon", "lemmy", "novelty"),
			Covenant: r.IntN(2) == 0,
		}
		if r.IntN(3) > 0 {
			s.Languages = []string{pick("en", "de", "ja")}
		}
		servers = append(servers, s)
		matched[s.Host] = r.IntN(5)
	}
	return servers, matched
}

// One more matched person never moves a server down, the order of the catalogue
// does not matter, and closed servers come last.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	o := recommend.Options{Languages: []string{"de"}}
	for i := range 1_000 {
		servers, matched := random(r)
		before := recommend.Rank(servers, matched, o)
		if !slices.IsSortedFunc(before, func(a, b recommend.Ranked) int {
			if a.Server.SignUp == model.SignUpClosed && b.Server.SignUp != model.SignUpClosed {
				return 1
			}
			return 0
		}) {
			t.Fatalf("case %d: closed before open: %v", i, hosts(before))
		}

		r.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
		if diff := cmp.Diff(before, recommend.Rank(servers, matched, o)); diff != "" {
			t.Fatalf("case %d: another order: %s", i, diff)
		}

		host := servers[r.IntN(len(servers))].Host
		matched[host] += 1 + r.IntN(50)
		after := recommend.Rank(servers, matched, o)
		if from, to := slices.Index(hosts(before), host), slices.Index(hosts(after), host); to > from {
			t.Fatalf("case %d: %s fell from place %d to %d by more people", i, host, from, to)
		}
	}
}
