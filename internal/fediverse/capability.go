package fediverse

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Capability is what a server can do for a Move. It is worked out from the
// software's name and version, because nothing in the API announces most of it.
type Capability struct {
	Software string `json:"software"`
	Version  string `json:"version"`
	Domain   string `json:"domain,omitempty"` // the host in the addresses of its accounts; empty if not said
	Posts    bool   `json:"posts"`            // takes posts by the Mastodon API
	Follows  bool   `json:"follows"`          // takes follows and blocks by the Mastodon API
	Mutes    bool   `json:"mutes"`
	Lists    bool   `json:"lists"`

	// Backdates: a past scheduled_at becomes the date of the post, quietly. The
	// operator may have switched it off, so the first post is a probe: 403 means
	// off, another CreatedAt than the one asked for means stop. Post refuses a
	// date on every other server: Mastodon would post now, snac to all followers.
	Backdates bool `json:"backdates"`
	// Quiet: an imported post reaches nobody's feed.
	Quiet bool `json:"quiet"`
	// HonoursKeys: the same Idempotency-Key within an hour gives the same post.
	// Never assumed where it is not known.
	HonoursKeys bool `json:"honours_keys"`

	MaxCharacters    int      `json:"max_characters"`
	URLLength        int      `json:"url_length"`        // characters a link counts; 0: its full length
	CountCodePoints  bool     `json:"count_code_points"` // else a grapheme counts one
	MaxMedia         int      `json:"max_media"`
	NeedsMedia       bool     `json:"needs_media"` // takes no post without a picture
	DescriptionLimit int      `json:"description_limit"`
	ImageSizeLimit   int64    `json:"image_size_limit"`
	ImagePixels      int64    `json:"image_pixels"` // 0: not said
	VideoSizeLimit   int64    `json:"video_size_limit"`
	MimeTypes        []string `json:"mime_types,omitempty"` // empty: not said
	PKCE             bool     `json:"pkce"`
	Quotes           bool     `json:"quotes"`      // posts can quote own posts
	AtInWords        bool     `json:"at_in_words"` // an "@" inside of a word is surely no mention
	ImportAPI        bool     `json:"import_api"`  // takes Mastodon's CSV files at POST /api/v1/import
	Words            []string `json:"words"`       // for the Owner, the most important first
}

// LimitsByAddress tells whether the server counts calls by the address that they
// come from, all Accounts together: GoToSocial does, by one limit for everything.
func (c Capability) LimitsByAddress() bool { return family(c.Software) == famGoToSocial }

// Capability asks host for its NodeInfo and Instance and judges by them.
// A server without a Mastodon API is no error: its Posts and Follows are false.
func (c *Client) Capability(ctx context.Context, host string) (Capability, error) {
	info, err := c.NodeInfo(ctx, host)
	if err != nil {
		return Capability{}, err
	}
	instance, err := c.Instance(ctx, host)
	var status *StatusError
	var answer *AnswerError
	switch {
	case errors.As(err, &status), errors.As(err, &answer):
		if family(info.Software) == famUnknown {
			return noAPI(info), nil
		}
	case err != nil:
		return Capability{}, err
	}
	return CapabilityOf(info, instance), nil
}

// What Mastodon 4 has where a server does not say otherwise.
const (
	usualCharacters  = 500
	usualURLLength   = 23
	usualMedia       = 4
	usualDescription = 1500
	usualImageSize   = 16 << 20
	usualVideoSize   = 99 << 20
)

const (
	famMastodon   = "mastodon"
	famGoToSocial = "gotosocial"
	famSnac       = "snac"
	famPleroma    = "pleroma"
	famPixelfed   = "pixelfed"
	famMisskey    = "misskey"
	famUnknown    = ""
)

var families = map[string][]string{
	famMastodon:   {"mastodon", "glitch", "glitch-soc", "glitchsoc", "hometown", "fedibird", "kmyblue", "ecko", "chuckya"},
	famGoToSocial: {"gotosocial"},
	famSnac:       {"snac", "snac2"},
	famPleroma:    {"pleroma", "akkoma", "soapbox", "rebased"},
	famPixelfed:   {"pixelfed"},
	famMisskey:    {"misskey", "calckey", "firefish", "sharkey", "iceshrimp", "iceshrimp.net", "foundkey", "cherrypick", "catodon", "meisskey"},
}

func family(software string) string {
	for f, names := range families {
		if slices.Contains(names, strings.ToLower(software)) {
			return f
		}
	}
	return famUnknown
}

const (
	loudWords = "Every post that is carried over appears now in the home feed of everybody who follows you, unlisted or not."
	noKeys    = "If a connection breaks while something is posted, we look at your posts before we go on. In rare cases you decide."
)

// CapabilityOf judges by the software's name and version and takes the limits
// from the instance. It is pure. Unknown software counts as Mastodon 4.0 whose
// keys are not trusted: loud, and no date is ever sent to it.
func CapabilityOf(info NodeInfo, instance Instance) Capability {
	c := Capability{
		Software: info.Software, Version: info.Version, Domain: instance.Domain,
		Posts: true, Follows: true, Mutes: true, Lists: true,
		MaxCharacters:    usual(instance.MaxCharacters, usualCharacters, 1_000_000),
		URLLength:        usual(instance.URLLength, usualURLLength, 1000),
		MaxMedia:         usual(instance.MaxMedia, usualMedia, 64),
		DescriptionLimit: usual(instance.DescriptionLimit, usualDescription, 100_000),
		ImageSizeLimit:   usual(instance.ImageSizeLimit, usualImageSize, 1<<40),
		ImagePixels:      usual(instance.ImagePixels, 0, 1<<40),
		VideoSizeLimit:   usual(instance.VideoSizeLimit, usualVideoSize, 1<<40),
		MimeTypes:        instance.MimeTypes,
	}
	switch family(info.Software) {
	case famMastodon:
		c.HonoursKeys, c.AtInWords = true, true // MENTION_RE wants no word before the "@" (app/models/account.rb)
		c.PKCE = atLeast(info.Version, 4, 3)
		c.Quotes = instance.API >= 7
		c.Words = []string{loudWords, "Nothing is posted twice: this server recognises a post that is sent again."}
	case famGoToSocial:
		c.ofGoToSocial()
	case famSnac:
		c.CountCodePoints, c.URLLength, c.Mutes = true, 0, false
		c.Words = []string{"This server takes an old date, but still delivers every post to your followers. " + loudWords, noKeys}
	case famPleroma:
		c.HonoursKeys, c.URLLength = true, 0
		c.Words = []string{loudWords, "Nothing is posted twice: this server recognises a post that is sent again."}
	case famPixelfed:
		c.CountCodePoints, c.NeedsMedia, c.Lists = true, true, false
		c.Words = []string{"This server takes posts with pictures only.", loudWords, noKeys}
	case famMisskey:
		words := "This software has no Mastodon API that we can rely on: posts and follows cannot be carried over to it. Its own settings can import your follows from the file that we make."
		return Capability{Software: info.Software, Version: info.Version, Words: []string{words}}
	default:
		c.CountCodePoints = true
		c.Words = []string{"We do not know this software and assume that it is loud. " + loudWords, noKeys}
	}
	return c
}

func (c *Capability) ofGoToSocial() {
	c.CountCodePoints = true
	c.URLLength = 0 // it announces 25 and counts the full length
	c.ImportAPI = atLeast(c.Version, 0, 18)
	if !atLeast(c.Version, 0, 18) {
		c.Words = []string{"Before version 0.18 this software cannot take old dates. " + loudWords, noKeys}
		return
	}
	c.Backdates, c.Quiet = true, true
	c.Words = []string{
		"Old posts keep their date here and nobody's feed is flooded, unless the operator has switched that off. The first post finds out.",
		"If a connection breaks while something is posted, we look whether it arrived before we go on.",
	}
}

func noAPI(info NodeInfo) Capability {
	return Capability{Software: info.Software, Version: info.Version, Words: []string{
		"This server does not offer the Mastodon API: posts and follows cannot be carried over to it.",
	}}
}

// usual returns what a server says within reason, else the usual value.
func usual[T int | int64](said, usual, most T) T {
	if said <= 0 {
		return usual
	}
	return min(said, most)
}

// atLeast reads versions like 4.3.0-rc1+glitch and 0.20.0-rc1. One that does
// not begin with two numbers is older than all: what is not known is not assumed.
func atLeast(version string, major, minor int) bool {
	parts := strings.SplitN(strings.TrimPrefix(strings.TrimSpace(version), "v"), ".", 3)
	if len(parts) < 2 {
		return false
	}
	digits := func(s string) (int, error) {
		end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if end >= 0 {
			s = s[:end]
		}
		return strconv.Atoi(s)
	}
	a, err1 := strconv.Atoi(parts[0])
	b, err2 := digits(parts[1])
	return err1 == nil && err2 == nil && (a > major || a == major && b >= minor)
}
