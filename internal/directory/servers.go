package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/fediverse"
	"github.com/skein-migrate/skein/internal/model"
)

const (
	listLimit   = 32 << 20
	maxServers  = 20_000
	maxAbout    = 1_000 // runes of a description
	maxListed   = 50    // languages, categories, rules of one server
	serversTime = time.Minute
)

// Servers reads the public list of servers at listURL
// (https://api.joinmastodon.org/servers), most active first. Entries that cannot
// be read are left out; a list without any is an error that wraps ErrInvalid, so
// that a changed format does not empty the catalogue.
func Servers(ctx context.Context, c *fediverse.Client, listURL string) ([]model.Server, error) {
	ctx, cancel := context.WithTimeout(ctx, serversTime)
	defer cancel()
	body, err := c.Get(ctx, listURL, "application/json", listLimit)
	if err != nil {
		return nil, err
	}
	return parseServers(body, time.Now().UTC())
}

// listed is an entry as api.joinmastodon.org shows it.
type listed struct {
	Domain           string   `json:"domain"`
	Version          string   `json:"version"`
	Description      string   `json:"description"`
	Languages        []string `json:"languages"`
	Language         string   `json:"language"`
	Region           string   `json:"region"`
	Categories       []string `json:"categories"`
	Category         string   `json:"category"`
	LastWeekUsers    int      `json:"last_week_users"`
	TotalUsers       int      `json:"total_users"`
	ApprovalRequired bool     `json:"approval_required"`
}

func parseServers(body []byte, now time.Time) ([]model.Server, error) {
	var entries []json.RawMessage
	if err := json.Unmarshal(body, &entries); err != nil {
		return nil, fmt.Errorf("list of servers: %v: %w", err, model.ErrInvalid)
	}
	servers := make([]model.Server, 0, len(entries))
	seen := map[string]bool{}
	for _, raw := range entries[:min(len(entries), maxServers)] {
		var e listed
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		if s, ok := e.server(now); ok && !seen[s.Host] {
			seen[s.Host] = true
			servers = append(servers, s)
		}
	}
	if len(servers) == 0 {
		return nil, fmt.Errorf("list of servers: no entry can be read: %w", model.ErrInvalid)
	}
	slices.SortFunc(servers, func(a, b model.Server) int {
		return cmp.Or(cmp.Compare(b.ActiveWeek, a.ActiveWeek), cmp.Compare(a.Host, b.Host))
	})
	return servers, nil
}

func (e listed) server(now time.Time) (model.Server, bool) {
	host, ok := address.Host(strings.TrimSpace(e.Domain))
	if !ok {
		return model.Server{}, false
	}
	s := model.Server{
		Host: host, Title: host, Description: cut(fediverse.StripHTML(e.Description), maxAbout),
		Languages: several(e.Languages, e.Language), Categories: several(e.Categories, e.Category), Region: oneLine(e.Region, 50),
		Users: max(e.TotalUsers, 0), ActiveWeek: max(e.LastWeekUsers, 0),
		SignUp: model.SignUpOpen, Software: "mastodon", Version: oneLine(e.Version, 50),
		Covenant: true, Source: SourceServers, FetchedAt: now,
	}
	if e.ApprovalRequired {
		s.SignUp = model.SignUpApproval
	}
	return s, true
}

// Enrich asks one server about itself and returns s with what it says; what it
// does not say stays. Its host stays too: it is the key of the catalogue.
func Enrich(ctx context.Context, c *fediverse.Client, s model.Server) (model.Server, error) {
	i, err := c.Instance(ctx, s.Host)
	if err != nil {
		return s, err
	}
	s.Title = cmp.Or(oneLine(i.Title, 200), s.Title)
	s.Description = cmp.Or(cut(i.Description, maxAbout), s.Description)
	s.Version = cmp.Or(oneLine(i.Version, 50), s.Version)
	if info, err := c.NodeInfo(ctx, s.Host); err == nil { // the API does not name the software
		s.Software, s.Version = cmp.Or(info.Software, s.Software), cmp.Or(oneLine(info.Version, 50), s.Version)
	}
	s.SignUp = cmp.Or(i.SignUp, s.SignUp)
	s.Users = cmp.Or(i.Users, s.Users)
	s.ActiveMonth = cmp.Or(i.ActiveMonth, s.ActiveMonth)
	s.MaxCharacters = cmp.Or(i.MaxCharacters, s.MaxCharacters)
	if languages := several(i.Languages, ""); len(languages) > 0 {
		s.Languages = languages
	}
	if len(i.Rules) > 0 {
		s.Rules = i.Rules[:min(len(i.Rules), maxListed)]
	}
	s.FetchedAt = time.Now().UTC()
	return s, nil
}

// several returns the list, or its one entry where there is no list, each once.
func several(list []string, one string) []string {
	if len(list) == 0 {
		list = []string{one}
	}
	var out []string
	for _, entry := range list[:min(len(list), maxListed)] {
		if entry = oneLine(entry, 50); entry != "" && !slices.Contains(out, entry) {
			out = append(out, entry)
		}
	}
	return out
}

func oneLine(s string, runes int) string {
	return cut(strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " "), runes)
}

func cut(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return s
}
