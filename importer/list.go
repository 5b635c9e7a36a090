package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"github.com/skein-migrate/skein/internal/model"
)

// List is what a list of accounts names: people whom the owner follows, or who
// stand in the relation that a column names, each once, in the list's order.
type List struct {
	People   []model.Person
	Warnings []Warning
	Table    Table // how the list was understood
}

// ErrNoAccounts is the refusal of a list in which no account was found. The List
// that comes with it has its Table, so that the columns can be corrected.
const ErrNoAccounts inputError = "no Twitter account was found in this list; it wants a handle, such as @ada, a profile link or a numeric id in each row"

// ReadList reads a list of Twitter accounts: CSV, TSV, plain text with a handle,
// profile link or id in each line, JSON, JSON lines, or following.js of an
// archive. The first bytes decide, else the extension of name. What a column
// holds is told by its title (id, handle, name, bio, location, url and what else
// tools call them), or guessed from its cells. A line of text that says more than
// the handle is kept whole as Bio, so that an address in it is found later.
//
// A list of more than limit rows, without any account or too long to be one is
// model.ErrInvalid; rows without an account are warnings.
func ReadList(r io.Reader, name string, limit int) (List, error) {
	return ReadListAs(r, name, limit, Said{})
}

// Said is what the owner says of a list, instead of a guess.
type Said struct {
	Roles  []Role // of the columns, by position; Guessed where nothing is said
	Titles string // whether the first row of a table holds titles: "yes", "no" or ""
}

// ReadListAs is ReadList with what the owner says of the list.
func ReadListAs(r io.Reader, name string, limit int, said Said) (List, error) {
	b := &listBuilder{
		limit: limit, said: said, byID: map[string]int{}, byHandle: map[string]int{}, file: name,
		warn: warnings{per: map[string]int{}, max: defaultLimits.warnings},
	}
	text, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		return List{}, fmt.Errorf("read list: %w", err)
	}
	if len(text) > maxList {
		return List{}, inputError(fmt.Sprintf("this list has more than %d MB, which is the most that is read; no more than %d rows are taken", maxList>>20, limit))
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) { // what spreadsheets call Unicode text
		if text, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(text); err != nil {
			return List{}, inputError("this is no list: it is not UTF-8 text")
		}
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return List{}, inputError("this is a zip and no list; please choose it as an archive")
	case bytes.IndexByte(text, 0) >= 0:
		return List{}, inputError("this is no list: it is not UTF-8 text")
	case isJSON(text):
		err = b.readJSON(text)
	default:
		err = b.readText(text, strings.ToLower(name))
	}
	if err != nil {
		return List{}, err
	}
	b.table.Rows = b.rows
	list := List{People: b.people, Warnings: b.warn.all(), Table: b.table}
	if len(b.people) == 0 {
		return list, ErrNoAccounts
	}
	return list, nil
}

// maxList is the most bytes that a list may have.
const maxList = 32 << 20

// account is one row of a list.
type account struct {
	id, handle, name, bio, location string
	urls                            []string
	relations                       []model.Relation
}

// listBuilder collects the people of a list.
type listBuilder struct {
	people         []model.Person
	byID, byHandle map[string]int
	warn           warnings
	file           string
	said           Said
	table          Table
	limit, rows    int
}

// count counts a row that says anything.
func (b *listBuilder) count() error {
	if b.rows++; b.rows > b.limit {
		return b.tooMany()
	}
	return nil
}

func (b *listBuilder) tooMany() error {
	return inputError(fmt.Sprintf("this list has more than %d rows, which is the most that is taken", b.limit))
}

// add takes one row; row is its number in the file, for warnings.
func (b *listBuilder) add(a account, row int) {
	for _, u := range a.urls {
		if a.id == "" && a.handle == "" {
			a.id, a.handle = fromProfileURL(u)
		}
	}
	if a.id == "" && a.handle == "" {
		b.warn.add(b.file, "row %d names no Twitter account", row)
		return
	}
	at, ok := b.byID[a.id]
	if !ok || a.id == "" {
		at, ok = b.byHandle[strings.ToLower(a.handle)]
		ok = ok && a.handle != "" && (a.id == "" || b.people[at].TwitterID == "")
	}
	if !ok {
		at = len(b.people)
		b.people = append(b.people, model.Person{ProfileSource: SourceList})
	}
	merge(&b.people[at], a)
	if a.id != "" {
		b.byID[a.id] = at
	}
	if a.handle != "" {
		b.byHandle[strings.ToLower(a.handle)] = at
	}
}

// mostListURLs is how many links of one person are kept.
const mostListURLs = 20

func merge(p *model.Person, a account) {
	p.TwitterID = first(p.TwitterID, a.id)
	if p.Handle.Name == "" && a.handle != "" {
		p.Handle = model.Handle{Name: a.handle, Source: SourceList, Count: 1}
	}
	p.Name = first(p.Name, clean(a.name, mostName, false))
	p.Bio = first(p.Bio, clean(a.bio, mostBio, true))
	p.Location = first(p.Location, clean(a.location, mostLocation, false))
	for _, u := range a.urls {
		if u = clean(u, mostURL, false); u != "" && len(p.URLs) < mostListURLs && !slices.Contains(p.URLs, u) {
			p.URLs = append(p.URLs, u)
		}
	}
	if len(a.relations) == 0 {
		a.relations = []model.Relation{model.Following}
	}
	p.Relations = append(p.Relations, a.relations...)
	slices.Sort(p.Relations)
	p.Relations = slices.Compact(p.Relations)
}

// profileURL is the link of a Twitter profile; group 1 is the handle, 2 an id.
var profileURL = regexp.MustCompile(`(?i)(?:^|[^a-z0-9_.-])(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/(?:#!/|@)?(?:(?:intent/(?:user|follow)\?|i/user/?)(?:[a-z_=&]*?)(?:screen_name=([a-z0-9_]{1,20})|(?:user_id=)?([0-9]{1,20}))|([a-z0-9_]{1,20}))(?:$|[^a-z0-9_.@-]|\.(?:$|\s))`)

// noHandles are first parts of paths on twitter.com that are no handles.
var noHandles = map[string]bool{
	"i": true, "home": true, "search": true, "hashtag": true, "intent": true, "share": true, "settings": true,
	"explore": true, "notifications": true, "messages": true, "login": true, "signup": true, "tos": true, "privacy": true,
}

// fromProfileURL returns what a profile link in s names.
func fromProfileURL(s string) (id, name string) {
	for _, m := range profileURL.FindAllStringSubmatch(s, -1) {
		if m[2] != "" {
			return twitterID(m[2]), ""
		}
		if name := first(m[1], m[3]); !noHandles[strings.ToLower(name)] {
			return "", handle(name)
		}
	}
	return "", ""
}

// atHandle finds @handle, but no part of an address: neither user@host nor
// @user@host.
var atHandle = regexp.MustCompile(`(?:^|[^A-Za-z0-9_@./+-])@([A-Za-z0-9_]{1,20})(?:$|[^A-Za-z0-9_@])`)

// cell reads one field that should hold an account: a link, @handle, handle or
// id. Digits alone are an id unless handles are expected.
func cell(s string, wantHandle bool) (id, name string) {
	s = strings.Trim(strings.TrimSpace(s), `"'=`) // ="123" keeps spreadsheets from rounding ids
	if id, name = fromProfileURL(s); id != "" || name != "" {
		return id, name
	}
	if id = twitterID(s); id != "" && !wantHandle {
		return id, ""
	}
	return "", handle(s)
}

// lines calls take for each line of text that is not empty.
func lines(text []byte, take func(n int, line string) error) error {
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(make([]byte, 0, 64<<10), 1<<20)
	for n := 1; sc.Scan(); n++ {
		if line := strings.TrimSpace(sc.Text()); line != "" {
			if err := take(n, line); err != nil {
				return err
			}
		}
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return inputError("this is no list: it has a line of more than a million characters")
	}
	return sc.Err()
}

func isWebURL(s string) bool {
	u, err := url.Parse(strings.TrimSpace(s))
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
