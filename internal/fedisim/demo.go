package fedisim

import (
	"strings"
	"time"
)

// DemoWorld is a made-up fediverse with the people in it. Nothing of it is
// real; all host names end in .example.
type DemoWorld struct {
	OwnerID, OwnerHandle, OwnerName string // the Twitter account that moves
	Homes                           []DemoHome
	People                          []DemoPerson
	ServerListHost                  string // serves /servers as api.joinmastodon.org does
	ServerList                      []ListEntry
	WikidataHost                    string // serves /sparql
	Wikidata                        []byte // the result, SPARQL JSON
}

// DemoHome is an account that the owner can sign in with.
type DemoHome struct {
	Host, User, Address, Name, Software string
	Followers                           int
}

// demoServers are the servers of the demo. The first two are the owner's homes:
// one that takes old posts quietly and one that does not.
var demoServers = []Config{
	{Host: "goose.example", Software: "gotosocial", Version: "0.20.3", Title: "Goose", Languages: []string{"en", "de"}, Registrations: "approval", Users: 60, ActiveMonth: 40,
		Description: "A small pond for people who like long walks and longer posts. Old posts are welcome here, with their dates.",
		Rules:       []string{"Be kind.", "Describe your pictures.", "No harassment, no hate."}},
	{Host: "tusk.example", Version: "4.5.3", Title: "Tusk", Languages: []string{"en"}, Users: 48200, ActiveMonth: 15100, ShowBlocks: "all",
		Blocks:      []Block{{Domain: "spamfarm.example", Comment: "Spam"}},
		Description: "A big general server in English, open to everybody.",
		Rules:       []string{"No racism, sexism, homophobia or transphobia.", "No harassment or doxxing.", "Mark sensitive media.", "No flood of automated posts in public timelines."}},
	{Host: "flock.example", Version: "4.4.9", Title: "Flock Science", Languages: []string{"en"}, Registrations: "approval", Users: 6100, ActiveMonth: 2900,
		Description: "For people who work in science or are curious about it.", Rules: []string{"Name your sources.", "Disagree with arguments, not with people."}},
	{Host: "pond.example", Version: "4.3.14", Title: "Pond Arts", Languages: []string{"en", "nl", "it"}, Users: 3900, ActiveMonth: 1400, ShowBlocks: "all",
		Blocks:      []Block{{Domain: "gull.example", Severity: "silence", Comment: "Loud"}},
		Description: "Illustrators, potters, photographers and those who look at what they make.", Rules: []string{"No stolen pictures.", "Alt text, please."}},
	{Host: "reed.example", Version: "4.2.21", Title: "Schilf", Languages: []string{"de"}, Users: 9800, ActiveMonth: 4100, ShowBlocks: "users",
		Blocks:      []Block{{Domain: "kite.example"}},
		Description: "Ein Server auf Deutsch, getragen von einem Verein.", Rules: []string{"Seid freundlich.", "Keine Hetze.", "Bilder bitte beschreiben."}},
	{Host: "marsh.example", Version: "4.1.25", Title: "Le Marais", Languages: []string{"fr"}, Registrations: "closed", Users: 2100, ActiveMonth: 900,
		Description: "Un serveur en français, complet pour l'instant.", Rules: []string{"Pas de haine.", "Pas de publicité."}},
	{Host: "kite.example", Version: "4.5.1", Title: "Kite Club", Languages: []string{"en", "es", "pt"}, Users: 5200, ActiveMonth: 2000, ShowBlocks: "all",
		Blocks:      []Block{{Domain: "gull.example", Comment: "Harassment", Obscured: true}, {Domain: "lapwing.example", Severity: "silence"}},
		Description: "Journalists and readers, in three languages.", Rules: []string{"Correct your mistakes.", "Protect your sources."}},
	{Host: "gull.example", Software: "pleroma", Version: "2.9.1", Title: "Gull", Languages: []string{"en", "ja", "pl"}, Users: 400, ActiveMonth: 150,
		Description: "A noisy harbour."},
	{Host: "heron.example", Software: "snac", Version: "2.94", Title: "Heron", Languages: []string{"es"}, Registrations: "closed", Description: "Six friends and a very small computer."},
	{Host: "plume.example", Software: "pixelfed", Version: "0.12.5", Title: "Plume", Languages: []string{"fr", "en"}, Users: 900, ActiveMonth: 300, Description: "Pictures of birds, mostly."},
	{Host: "social.wader.example", AccountDomain: "wader.example", Version: "4.6.0", Title: "Wader University", Languages: []string{"en", "ja"}, Registrations: "closed", Users: 700, ActiveMonth: 350,
		Description: "Staff and students of a university that does not exist."},
	{Host: "brent.example", Software: "gotosocial", Version: "0.19.1", Title: "Brent", Languages: []string{"en"}, Registrations: "closed", BackdatingOff: true, Description: "One household."},
	{Host: "lapwing.example", Version: "4.2.0", Title: "Lapwing", Languages: []string{"en"}, Down: true, Description: "Away."},
}

const (
	demoListHost     = "api.joinmastodon.example"
	demoWikidataHost = "query.wikidata.example"
)

// Demo fills s with about a dozen servers, about 150 people, the owner's home
// accounts, a public list of servers and rows of Wikidata. Which people there
// are is decided by the Sim's seed alone.
func Demo(s *Sim) DemoWorld {
	w := DemoWorldOf(s.opt.Seed)
	for _, cfg := range demoServers {
		s.AddServer(cfg)
	}
	for i, p := range w.People {
		s.settlePerson(i, p)
	}
	for i := range w.Homes {
		s.settleHome(&w.Homes[i], w.People)
	}
	s.AddServerList(w.ServerListHost, w.ServerList)
	s.AddSPARQL(w.WikidataHost, w.Wikidata)
	return w
}

// DemoWorldOf returns what Demo makes of that seed without starting a server:
// enough for a sample archive whose people are found in the demo.
func DemoWorldOf(seed int64) DemoWorld {
	w := DemoWorld{
		OwnerID: "7040000001", OwnerHandle: "alexkranich", OwnerName: "Alex Kranich",
		ServerListHost: demoListHost, ServerList: demoServerList(), WikidataHost: demoWikidataHost,
		People: demoPeople(seed), Homes: demoHomes(),
	}
	w.Wikidata = demoWikidata(w.People)
	return w
}

func demoHomes() []DemoHome {
	var homes []DemoHome
	for i, cfg := range demoServers {
		if cfg.Down || cfg.Software == "pixelfed" || cfg.AccountDomain != "" {
			continue
		}
		or(&cfg.Software, "mastodon")
		h := DemoHome{Host: cfg.Host, User: "alex", Name: "Alex Kranich", Software: cfg.Software, Address: "alex@" + cfg.Host}
		if i < 4 {
			h.Followers = []int{3, 37, 8, 5}[i]
		}
		homes = append(homes, h)
		if i == 1 { // a place for old posts where nobody is disturbed
			homes = append(homes, DemoHome{Host: cfg.Host, User: "alex_archive", Name: "Alex Kranich (archive)", Software: cfg.Software, Address: "alex_archive@" + cfg.Host})
		}
	}
	return homes
}

// settleHome makes a home account, followed by as many people as it says.
func (s *Sim) settleHome(h *DemoHome, people []DemoPerson) {
	v := s.Server(h.Host)
	v.AddAccount(Account{User: h.User, DisplayName: h.Name, Note: "Cranes, trains and old maps.", SignIn: true, Locked: h.Software == "gotosocial", Joined: s.Now().AddDate(0, -2, 0)})
	left := h.Followers
	for _, p := range people {
		if left > 0 && p.Address != "" && p.Mark == "" && p.How != "same-name" {
			s.MakeFollow(p.Address, h.Address)
			left--
		}
	}
	h.Followers -= left
}

// settlePerson makes the accounts of a person, with a post.
func (s *Sim) settlePerson(i int, p DemoPerson) {
	if p.Address == "" {
		return
	}
	now := s.Now()
	a := Account{
		DisplayName: p.Name, Note: p.note, Fields: p.fields, Bot: p.Mark == "bot", Suspended: p.Mark == "suspended", Locked: i%11 == 3,
		Discoverable: p.discoverable, NoIndex: p.How == "same-name", Joined: now.AddDate(-3, -(i % 9), -i), LastStatusAt: now.AddDate(0, 0, -1-i%17),
		ExtraFollowers: 5 + i*i%700, ExtraFollowing: 20 + i*7%300, ExtraPosts: 10 + i*37%4000,
	}
	if p.Mark == "silent" {
		a.LastStatusAt = now.AddDate(-2, 0, -i)
	}
	for n, f := range a.Fields {
		if f.Name == "Website" {
			a.Fields[n].VerifiedAt = now.AddDate(-1, 0, 0)
		}
	}
	if p.MovedTo != "" {
		fresh := a
		fresh.AlsoKnownAs, fresh.Joined = []string{p.Address}, now.AddDate(0, -5, 0)
		s.settle1(p.MovedTo, fresh)
		a.MovedTo, a.LastStatusAt, a.Discoverable = p.MovedTo, now.AddDate(0, -5, 0), false
	}
	v := s.settle1(p.Address, a)
	if user, _, _ := strings.Cut(p.Address, "@"); p.Mark == "" {
		v.AddPost(user, p.post, now.Add(-time.Duration(i+1)*time.Hour))
	}
}
