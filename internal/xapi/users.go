package xapi

import (
	"context"
	"fmt"
	"html"
	"net/url"
	"strings"

	"github.com/michimani/gotwi/fields"
	"github.com/michimani/gotwi/resources"
	"github.com/michimani/gotwi/user/userlookup"
	"github.com/michimani/gotwi/user/userlookup/types"

	"github.com/skein-migrate/skein/internal/model"
)

// MostUsers is how many ids one request may hold.
const MostUsers = 100

// Source is where a Person's profile and handle come from, read here.
const Source = "x"

var profileFields = fields.UserFieldList{fields.UserFieldDescription, fields.UserFieldEntities, fields.UserFieldLocation, fields.UserFieldUrl}

// Users returns the profiles of at most MostUsers accounts by their ids. Those that
// are suspended or gone are missing. X counts, and bills, each one.
func (c *Client) Users(ctx context.Context, ids []string) ([]model.Person, error) {
	asked := map[string]bool{}
	for _, id := range ids {
		if _, err := model.ParseTwitterID(id); err != nil {
			return nil, err
		}
		asked[id] = true
	}
	if len(ids) == 0 || len(ids) > MostUsers {
		return nil, fmt.Errorf("%d ids, at most %d: %w", len(ids), MostUsers, model.ErrInvalid)
	}
	as, err := c.as(c.o.Token)
	if err != nil {
		return nil, err
	}
	out, err := userlookup.List(ctx, as, &types.ListInput{IDs: ids, UserFields: profileFields})
	if err != nil {
		return nil, plain(err)
	}
	if len(out.Data) == 0 && len(out.Errors) == 0 {
		return nil, fmt.Errorf("the answer of X cannot be used: it names nobody and says nothing of why: %w", model.ErrInvalid)
	}
	var people []model.Person
	for _, u := range out.Data {
		if p, ok := c.person(u); ok && asked[p.TwitterID] {
			delete(asked, p.TwitterID)
			people = append(people, p)
		}
	}
	return people, nil
}

// Most runes of a profile's texts; X's own limits are far below.
const (
	mostName = 100
	mostBio  = 1000
	mostURLs = 10
	mostURL  = 2000 // bytes
)

// person reads a profile. Links are put in place of X's short ones.
func (c *Client) person(u resources.User) (model.Person, bool) {
	p := model.Person{Handle: model.Handle{Source: Source, SeenAt: c.o.Now().UTC(), Count: 1}, ProfileSource: Source}
	var err1, err2 error
	p.TwitterID, err1 = model.ParseTwitterID(text(u.ID))
	p.Handle.Name, err2 = model.ParseHandle(text(u.Username))
	if err1 != nil || err2 != nil {
		return model.Person{}, false
	}
	p.Name = cut(strings.Join(strings.Fields(text(u.Name)), " "), mostName)
	p.Location = cut(strings.Join(strings.Fields(text(u.Location)), " "), mostName)
	bio := text(u.Description)
	for short, long := range links(u) {
		bio = strings.ReplaceAll(bio, short, long)
	}
	p.Bio = cut(strings.TrimSpace(html.UnescapeString(bio)), mostBio)
	p.URLs = urls(u)
	return p, true
}

// links maps the short links of the bio to what they stand for.
func links(u resources.User) map[string]string {
	found := map[string]string{}
	if u.Entities == nil || u.Entities.Description == nil {
		return found
	}
	for _, l := range u.Entities.Description.URLs {
		if long, ok := webURL(text(l.ExpandedURL)); ok && text(l.URL) != "" && len(found) < mostURLs {
			found[text(l.URL)] = long
		}
	}
	return found
}

// urls returns the links of the profile, expanded, the website first.
func urls(u resources.User) []string {
	var found []string
	if u.Entities == nil {
		return nil
	}
	if u.Entities.URL != nil {
		for _, l := range u.Entities.URL.URLs {
			if long, ok := webURL(text(l.ExpandedURL)); ok && len(found) < mostURLs {
				found = append(found, long)
			}
		}
	}
	if u.Entities.Description != nil {
		for _, l := range u.Entities.Description.URLs {
			if long, ok := webURL(text(l.ExpandedURL)); ok && len(found) < mostURLs {
				found = append(found, long)
			}
		}
	}
	return found
}

func webURL(s string) (string, bool) {
	u, err := url.Parse(s)
	return s, err == nil && len(s) <= mostURL && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return strings.ToValidUTF8(*s, "")
}

func cut(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}
