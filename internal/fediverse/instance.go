package fediverse

import (
	"context"
	"errors"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Instance is what a server says of itself by the Mastodon API. Zero values are
// not said.
type Instance struct {
	Domain           string // the host in the addresses of its accounts
	Title            string
	Description      string // plain text
	Version          string
	API              int // api_versions.mastodon
	Languages        []string
	Users            int
	ActiveMonth      int
	SignUp           model.SignUp
	Rules            []string
	MaxCharacters    int
	URLLength        int // characters that a link counts
	MaxMedia         int
	DescriptionLimit int
	ImageSizeLimit   int64
	ImagePixels      int64
	VideoSizeLimit   int64
	MimeTypes        []string
}

// Instance asks host by the API's version 2, else by version 1.
func (c *Client) Instance(ctx context.Context, host string) (Instance, error) {
	v2, err := c.instance(ctx, host, "v2")
	if err == nil {
		return v2, nil
	}
	var limited *RateLimitError
	var not *NotSentError
	if errors.As(err, &limited) || errors.As(err, &not) || ctx.Err() != nil {
		return Instance{}, err
	}
	return c.instance(ctx, host, "v1")
}

func (c *Client) instance(ctx context.Context, host, version string) (Instance, error) {
	a, err := c.get(ctx, "https://"+host+"/api/"+version+"/instance", "application/json", maxDiscovery, sameHost)
	if err != nil {
		return Instance{}, err
	}
	n, err := parseJSON(host, a.body)
	if err != nil {
		return Instance{}, err
	}
	return parseInstance(host, n)
}

// parseInstance reads both versions: what only one has reads as not said.
func parseInstance(host string, n node) (Instance, error) {
	conf := n.at("configuration")
	statuses, media := conf.at("statuses"), conf.at("media_attachments")
	i := Instance{
		Domain:           domain(n.at("domain").str(), n.at("account_domain").str(), n.at("uri").str()),
		Title:            name(n.at("title").str()),
		Version:          name(n.at("version").str()),
		API:              count(n.at("api_versions", "mastodon")),
		Users:            count(n.at("stats", "user_count")),
		ActiveMonth:      count(n.at("usage", "users", "active_month")),
		SignUp:           signUp(n),
		MaxCharacters:    count(statuses.at("max_characters"), n.at("max_toot_chars")),
		URLLength:        count(statuses.at("characters_reserved_per_url")),
		MaxMedia:         count(statuses.at("max_media_attachments"), n.at("max_media_attachments")),
		DescriptionLimit: count(media.at("description_limit"), n.at("description_limit")),
		ImageSizeLimit:   media.at("image_size_limit").num(),
		ImagePixels:      media.at("image_matrix_limit").num(),
		VideoSizeLimit:   media.at("video_size_limit").num(),
		MimeTypes:        few(media.at("supported_mime_types").strings(), 200),
	}
	for _, text := range []string{n.at("short_description").str(), n.at("description").str()} {
		if i.Description == "" {
			i.Description = cut(StripHTML(text), maxNote)
		}
	}
	for _, l := range few(n.at("languages").strings(), 100) {
		i.Languages = append(i.Languages, cut(name(l), 20))
	}
	for _, r := range n.at("rules").list() {
		if text := cut(StripHTML(r.at("text").str()), maxValue); text != "" && len(i.Rules) < 100 {
			i.Rules = append(i.Rules, text)
		}
	}
	if i.Version == "" && i.Title == "" && i.Domain == "" {
		return Instance{}, &AnswerError{host, "does not answer as a Mastodon API"}
	}
	return i, nil
}

func signUp(n node) model.SignUp {
	v2, approval := n.at("registrations"), n.at("approval_required").flag()
	open, said := v2.flag(), n.has("registrations")
	if v2.isObject() {
		open, approval = v2.at("enabled").flag(), v2.at("approval_required").flag()
	}
	switch {
	case !said:
		return model.SignUpUnknown
	case !open:
		return model.SignUpClosed
	case approval:
		return model.SignUpApproval
	}
	return model.SignUpOpen
}

// domain returns the first of texts that is a host, or a URL with one.
func domain(texts ...string) string {
	for _, s := range texts {
		s = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(s, "https://"), "/"))
		if model.ValidHost(s) {
			return s
		}
	}
	return ""
}

// count returns the first number above 0, at most a billion.
func count(nodes ...node) int {
	for _, n := range nodes {
		if v := n.num(); v > 0 {
			return int(min(v, 1e9))
		}
	}
	return 0
}

func few[T any](all []T, most int) []T { return all[:min(len(all), most)] }
