package importer

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/skein-migrate/skein/internal/model"
)

// relationBits is a set of relations.
type relationBits uint8

const (
	following relationBits = 1 << iota
	follower
	blocking
	muting
)

var relationNames = map[relationBits]model.Relation{
	following: model.Following, follower: model.Follower, blocking: model.Blocking, muting: model.Muting,
}

// user is somebody whom an answer of X describes.
type user struct {
	id, handle, name, bio, location string
	urls                            []string

	listed  relationBits // by the list that the answer is a part of
	yes, no relationBits // by what the answer says of this one
}

// relations returns how u stands to the owner: as the lists say, and where an
// answer itself says that the owner follows u. A list that an answer contradicts
// is somebody else's, which was looked at too; unless nobody in the whole log has
// that relation to who was signed in: then it was read with another account.
func (u user) relations(told relationBits) []model.Relation {
	has := u.listed&^(u.no&^u.yes&told) | u.yes&following
	var all []model.Relation
	for _, r := range []relationBits{blocking, follower, following, muting} { // sorted
		if has&r != 0 {
			all = append(all, relationNames[r])
		}
	}
	return all
}

// add keeps u if it may stand in a relation.
func (p *pages) add(u user) error {
	p.told |= u.yes
	if u.listed == 0 && u.yes&following == 0 {
		return nil
	}
	known, key := p.byID, u.id
	if u.id == "" {
		known, key = p.byName, strings.ToLower(u.handle)
	}
	at, ok := known[key]
	if !ok {
		if len(p.users) >= p.most {
			return p.tooMany()
		}
		known[key] = len(p.users)
		p.users = append(p.users, u)
		return nil
	}
	before := &p.users[at]
	before.name, before.bio, before.location = first(before.name, u.name), first(before.bio, u.bio), first(before.location, u.location)
	if len(before.urls) == 0 {
		before.urls = u.urls
	}
	before.listed, before.yes, before.no = before.listed|u.listed, before.yes|u.yes, before.no|u.no
	return nil
}

// foundUser is a user of one answer. Inside means that they stand within another
// user or a post: named in a bio, say. The list is not about them.
type foundUser struct {
	user
	inside bool
}

// mostNested is how far an answer may be nested.
const mostNested = 100

// findUsers finds users wherever they stand in an answer of X. With an error
// come those before it.
func findUsers(answer []byte) ([]foundUser, error) {
	if text := bytes.TrimLeft(answer, " \t\r\n"); len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return nil, errors.New("no JSON")
	}
	w := walk{d: jsontext.NewDecoder(bytes.NewReader(answer), decodeOptions)}
	_, err := w.value(0)
	return w.found, err
}

// walk goes through one answer.
type walk struct {
	d     *jsontext.Decoder
	found []foundUser
}

// node is an object, as far as it may be a user or a part of one. A nil node
// has nothing.
type node struct {
	texts    map[string]string
	parts    map[string]*node
	links    []link // of "urls"
	mention  bool   // stands for somebody named in a text
	timeline bool   // holds the list itself
}

type link struct{ short, long string }

// userTexts and userParts are the keys of a user, in all shapes.
var (
	userTexts = map[string]bool{
		"__typename": true, "rest_id": true, "id_str": true, "id": true, "screen_name": true, "name": true, "description": true,
		"location": true, "url": true, "expanded_url": true, "full_text": true,
		"following": true, "followed_by": true, "blocking": true, "muting": true,
	}
	userParts = map[string]bool{
		"legacy": true, "core": true, "location": true, "profile_bio": true, "relationship_perspectives": true, "entities": true,
		"url": true, "description": true, "website": true,
	}
)

// value reads a value and returns it if it is an object.
func (w *walk) value(depth int) (*node, error) {
	if depth > mostNested {
		return nil, errTooDeep
	}
	switch w.d.PeekKind() {
	case '{':
		return w.object(depth)
	case '[':
		return nil, items(w.d, func() error {
			_, err := w.value(depth + 1)
			return err
		})
	}
	return nil, w.d.SkipValue()
}

func (w *walk) object(depth int) (*node, error) {
	var n node
	from := len(w.found)
	err := members(w.d, func(key string) error { return w.member(&n, key, depth) })
	u, ok := n.user()
	switch {
	case n.timeline: // whose list it is
	case ok, n.parts["legacy"].text("full_text") != "", err != nil && n.owned():
		for i := range w.found[from:] {
			w.found[from+i].inside = true
		}
	}
	if ok && err == nil {
		w.found = append(w.found, foundUser{user: u, inside: n.timeline})
	}
	return &n, err
}

func (w *walk) member(n *node, key string, depth int) error {
	kind := w.d.PeekKind()
	switch {
	case key == "indices":
		n.mention = true
	case key == "timeline", key == "timeline_v2":
		n.timeline = true
	case key == "urls" && kind == '[':
		return items(w.d, func() error {
			part, err := w.value(depth + 1)
			if l := (link{part.text("url"), part.text("expanded_url")}); l.long != "" && len(n.links) < 50 {
				n.links = append(n.links, l)
			}
			return err
		})
	case kind == '{' && userParts[key]:
		part, err := w.value(depth + 1)
		if n.parts == nil {
			n.parts = map[string]*node{}
		}
		n.parts[key] = part
		return err
	case kind != '{' && kind != '[' && userTexts[key]:
		text, err := scalar(w.d)
		if n.texts == nil {
			n.texts = map[string]string{}
		}
		n.texts[key] = text
		return err
	}
	_, err := w.value(depth + 1)
	return err
}

func (n *node) text(key string) string {
	if n == nil {
		return ""
	}
	return n.texts[key]
}

func (n *node) part(key string) *node {
	if n == nil {
		return nil
	}
	return n.parts[key]
}

// owned tells of an object that was cut off whether it may have been a user or
// a post.
func (n *node) owned() bool {
	return n.texts["rest_id"] != "" || n.texts["id_str"] != "" || n.texts["__typename"] == "User"
}

// user reads n as a user. X's answers have had three shapes: all in one object
// with id_str; rest_id beside legacy, which holds the rest; and lately names in
// core, and location, profile_bio and relationship_perspectives beside legacy.
func (n *node) user() (user, bool) {
	legacy, core, seen := n.part("legacy"), n.part("core"), n.part("relationship_perspectives")
	u := user{
		id:     first(twitterID(n.text("rest_id")), twitterID(n.text("id_str")), twitterID(n.text("id"))),
		handle: handle(first(core.text("screen_name"), legacy.text("screen_name"), n.text("screen_name"))),
	}
	if n.mention || u.handle == "" || u.id == "" && n.text("__typename") != "User" {
		return user{}, false
	}
	bio := n.part("profile_bio")
	u.name = clean(first(core.text("name"), legacy.text("name"), n.text("name")), mostName, false)
	u.location = clean(first(n.part("location").text("location"), legacy.text("location"), n.text("location")), mostLocation, false)
	var short []link
	for _, of := range []*node{legacy, n, bio} {
		entities := of.part("entities")
		short = append(short, entities.part("description").linkList()...)
		for _, l := range entities.part("url").linkList() {
			if len(u.urls) < mostURLs {
				u.urls = appendURL(u.urls, l.long)
			}
		}
	}
	u.bio = clean(expand(unescapeAmp(first(legacy.text("description"), bio.text("description"), n.text("description"))), short), mostBio, true)
	if len(u.urls) == 0 {
		u.urls = appendURL(u.urls, first(legacy.text("url"), n.part("website").text("url"), n.text("url")))
	}
	for _, of := range []*node{n, legacy, seen} {
		u.yes, u.no = u.yes|of.says("true"), u.no|of.says("false")
	}
	return u, true
}

func (n *node) linkList() []link {
	if n == nil {
		return nil
	}
	return n.links
}

// says returns the relations of which n says so.
func (n *node) says(word string) (r relationBits) {
	for key, bit := range map[string]relationBits{"following": following, "followed_by": follower, "blocking": blocking, "muting": muting} {
		if n.text(key) == word {
			r |= bit
		}
	}
	return r
}

// How much is kept of a user: characters, and links.
const (
	mostName     = 100
	mostLocation = 200
	mostBio      = 2000
	mostURL      = 1000
	mostURLs     = 5
)

var (
	shortLink = regexp.MustCompile(`https?://t\.co/[A-Za-z0-9]+`)
	webLink   = regexp.MustCompile(`^https?://[^\x00-\x20/?#]+[^\x00-\x20]*$`)
)

// appendURL adds a link to a web page; X's short links lead nowhere without X.
func appendURL(urls []string, u string) []string {
	if utf8.RuneCountInString(u) > mostURL || !webLink.MatchString(u) || shortLink.MatchString(u) || slices.Contains(urls, u) {
		return urls
	}
	return append(urls, u)
}

// expand puts the targets of X's short links into their place.
func expand(text string, links []link) string {
	return shortLink.ReplaceAllStringFunc(text, func(short string) string {
		for _, l := range links {
			if l.short == short && utf8.RuneCountInString(l.long) <= mostURL && webLink.MatchString(l.long) {
				return l.long
			}
		}
		return short
	})
}

// unescapeAmp undoes the three escapes that X's texts have.
var unescapeAmp = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace

// clean returns at most so many characters of text, without control characters
// but line breaks, if those are kept, and without space around.
func clean(text string, most int, breaks bool) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && breaks:
			return r
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), r == '\uFEFF':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimSpace(text)
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most]))
	}
	return text
}
