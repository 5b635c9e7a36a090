package fedisim

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"strings"
)

// DemoPerson is somebody whom the demo's owner knows on Twitter.
type DemoPerson struct {
	TwitterID, Handle, Name, TwitterBio, Language string
	Address                                       string // "" for somebody who is not on the fediverse
	// How says where the address can be found: wikidata-id, wikidata-handle,
	// bio (the Twitter profile names it), directory (only the fediverse profile
	// names the handle), same-name (nothing ties the two), none.
	How     string
	Names   bool   // the fediverse profile names the Twitter handle
	Mark    string // moved, suspended, bot, silent, down or nothing
	MovedTo string

	note, post   string
	fields       []Field
	discoverable bool
}

// demoMix says how many people there are of each kind: 150, of whom 60 name
// their Twitter handle in their profile (all in the directory, 12 by bio).
var demoMix = []struct {
	how string
	n   int
}{{"wikidata-id", 10}, {"wikidata-handle", 5}, {"bio", 25}, {"directory", 48}, {"same-name", 22}, {"none", 40}}

func demoPeople(seed int64) []DemoPerson {
	rng := rand.New(rand.NewSource(seed))
	var people []DemoPerson
	taken := map[string]bool{"alex": true, "alex_archive": true}
	count := map[string]int{}
	for _, mix := range demoMix {
		for range mix.n {
			p := demoName(rng, len(people), taken)
			p.How = mix.how
			p.settle(rng, count[mix.how])
			count[mix.how]++
			people = append(people, p)
		}
	}
	rng.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	return people
}

// demoName makes up a person with a name, a handle and an id that Twitter never
// gave out: between the numbers that it counted up and those made of the time.
func demoName(rng *rand.Rand, i int, taken map[string]bool) DemoPerson {
	tongue := demoTongues[i%len(demoTongues)]
	for {
		first, last := pick(rng, tongue.first), pick(rng, tongue.last)
		handle := plain(first) + "_" + plain(last)
		if len(handle) > 15 {
			handle = handle[:15]
		}
		if taken[strings.ToLower(handle)] {
			continue
		}
		taken[strings.ToLower(handle)] = true
		id := strconv.Itoa(7_100_000_000 + i*1_000_003 + rng.Intn(999_000))
		name, _, _ := strings.Cut(first, "/")
		family, _, _ := strings.Cut(last, "/")
		name += " " + family
		if tongue.code == "ja" {
			name = family + name[:len(name)-len(family)-1]
		}
		return DemoPerson{TwitterID: id, Handle: handle, Name: name, Language: tongue.code,
			TwitterBio: pick(rng, tongue.notes), note: pick(rng, tongue.notes), post: pick(rng, tongue.posts)}
	}
}

// settle gives the n-th person of a kind an account, and writes the profiles
// so that they say what the kind promises.
func (p *DemoPerson) settle(rng *rand.Rand, n int) {
	if p.How == "none" {
		return
	}
	hosts := demoHosts[p.Language]
	host := hosts[n%len(hosts)]
	if p.How == "bio" && n >= 12 { // kinds of server that tell strangers nothing
		host = []string{"goose.example", "heron.example", "plume.example", "wader.example", "brent.example", "lapwing.example", host}[(n-12)%7]
	}
	p.discoverable = p.How != "same-name" && host != "lapwing.example"
	user := p.Handle
	if p.How != "same-name" && n%3 == 0 {
		user = strings.ReplaceAll(strings.ToLower(p.Handle), "_", "")
	}
	p.Address = user + "@" + host
	if host == "lapwing.example" {
		p.Mark = "down"
	}
	if p.How == "bio" {
		p.TwitterBio += " " + fmt.Sprintf(pick(rng, []string{"Now @%[1]s@%[2]s", "https://%[2]s/@%[1]s", "Mastodon: @%[1]s@%[2]s", "🐘 %[1]s@%[2]s"}), user, host)
	}
	if p.How == "directory" || p.How == "bio" && n < 12 {
		p.nameHandle(n)
	}
	if p.How == "directory" || p.How == "bio" {
		p.mark(n)
	}
	if n%4 == 1 {
		p.fields = append(p.fields, Field{Name: "Website", Value: "https://" + strings.ReplaceAll(strings.ToLower(p.Handle), "_", "-") + ".example"})
	}
}

// nameHandle writes the Twitter handle into the fediverse profile, in one of
// the ways people do.
func (p *DemoPerson) nameHandle(n int) {
	p.Names = true
	switch n % 6 {
	case 0:
		p.fields = append(p.fields, Field{Name: "Twitter", Value: "https://twitter.com/" + p.Handle})
	case 1:
		p.fields = append(p.fields, Field{Name: "X", Value: "https://x.com/" + strings.ToLower(p.Handle)})
	case 2:
		p.fields = append(p.fields, Field{Name: "Twitter", Value: "@" + p.Handle})
	case 3:
		p.note += " Was @" + p.Handle + " on Twitter."
	case 4:
		p.note += "\n\nhttps://twitter.com/" + p.Handle
	case 5:
		p.note += " (formerly twitter.com/" + p.Handle + ")"
	}
}

func (p *DemoPerson) mark(n int) {
	if p.Mark != "" {
		return
	}
	user, host, _ := strings.Cut(p.Address, "@")
	switch n {
	case 2, 9, 20, 33:
		p.Mark, p.MovedTo = "moved", user+"@tusk.example"
		if host == "tusk.example" {
			p.MovedTo = user + "@pond.example"
		}
	case 5, 28:
		p.Mark = "suspended"
	case 7, 30, 41:
		p.Mark = "bot"
		p.note = "Posts the weather above the marsh every hour. " + p.note
	case 3, 11, 16, 22, 27, 35, 44:
		p.Mark = "silent"
	}
}

// settle1 adds the account a under its address.
func (s *Sim) settle1(address string, a Account) *Server {
	user, host, _ := strings.Cut(address, "@")
	v := s.Server(host)
	if v.cfg.Software == "none" { // a split domain
		v = s.Server("social." + host)
	}
	a.User = user
	a.Fields = slices.Clone(a.Fields)
	v.AddAccount(a)
	return v
}

func pick(rng *rand.Rand, list []string) string { return list[rng.Intn(len(list))] }

func demoServerList() []ListEntry {
	var list []ListEntry
	category := map[string]string{"flock.example": "academia", "pond.example": "art", "kite.example": "journalism", "reed.example": "regional"}
	for _, cfg := range demoServers {
		if cfg.Users < 50 || cfg.Registrations == "closed" || cfg.Software == "pixelfed" {
			continue
		}
		cfg = cfg.withDefaults()
		kind := category[cfg.Host]
		or(&kind, "general")
		list = append(list, ListEntry{
			Domain: cfg.Host, Version: cfg.Version, Description: cfg.Description, Languages: cfg.Languages, Language: cfg.Languages[0], Region: "europe",
			Categories: []string{kind}, Category: kind, TotalUsers: cfg.Users, LastWeekUsers: cfg.ActiveMonth / 2, ApprovalRequired: cfg.Registrations == "approval",
		})
	}
	return list
}

// demoWikidata is the answer of Wikidata's query service to the query for
// X user names, their numeric ids and Mastodon addresses.
func demoWikidata(people []DemoPerson) []byte {
	rows := []map[string]map[string]string{}
	for _, p := range people {
		if !strings.HasPrefix(p.How, "wikidata") {
			continue
		}
		row := map[string]map[string]string{
			"item": {"type": "uri", "value": fmt.Sprintf("http://www.wikidata.org/entity/Q9999%05d", len(rows)+1)},
			"x":    {"type": "literal", "value": p.Handle},
			"m":    {"type": "literal", "value": p.Address},
		}
		if p.How == "wikidata-id" {
			row["xid"] = map[string]string{"type": "literal", "value": p.TwitterID}
		}
		rows = append(rows, row)
	}
	body, err := json.MarshalIndent(map[string]any{
		"head": map[string]any{"vars": []string{"item", "x", "xid", "m", "xEnd"}}, "results": map[string]any{"bindings": rows},
	}, "", " ")
	if err != nil {
		panic(err) // all values are ours
	}
	return body
}
