package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/skein-migrate/skein/internal/model"
)

// SourceList and SourcePages are the ProfileSource of people whom ReadList and
// ReadPages read. Package directory has the same names.
const (
	SourceList  = "list"
	SourcePages = "pages"
)

// Limits of what ReadPages takes.
const (
	maxLog  = 4 << 30 // bytes of a network log
	maxBody = 8 << 20 // bytes of one answer in it; X's have at most one million
)

// Why a file cannot be read as pages of X, and what to do about it.
const (
	errNoPages    inputError = "this is neither a network log (HAR) nor the copied text of an X page; open the list of people you follow on x.com with the browser's network tab, scroll to its end, and save all as HAR with content"
	errOtherSite  inputError = "this network log is of another site; open the list of people you follow on x.com with the network tab open, and save that"
	errNoPeople   inputError = "nobody whom you follow is in this network log; open the list of people you follow on x.com while the network tab is open, scroll to its end, then save"
	errNoContents inputError = "this network log was saved without the contents of the answers; choose “Save all as HAR with content”"
	errCutLog     inputError = "this network log is cut off or damaged, and nobody is named before that; save it again"
	errNoPairs    inputError = "no names were found in this text; open the list of people you follow on x.com, scroll to its end, select all and copy"
)

// ReadPages reads what the owner saved of their own pages on X: a network log
// (HAR) of their list of people followed, or the copied text of that page. Of a
// log, only answers of x.com and twitter.com are looked into, and only users in
// the answers of the lists (Following, Followers, blocks and mutes), or of whom
// an answer says that the owner follows them, are taken. Nothing is kept but id,
// handle, name, bio, location and links.
//
// A log is read in memory that does not grow with it. Users are found wherever
// they stand in an answer, in the shapes that X's answers have had (docs/matching.md).
// The page does the same in the browser: frontend/src/lib/pages.
//
// What cannot be used, and more than most people, is model.ErrInvalid; single
// answers that cannot be read are warnings.
func ReadPages(r io.Reader, name string, most int) (List, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	kind, err := firstByte(in)
	if err != nil {
		return List{}, fmt.Errorf("read pages: %w", err)
	}
	p := newPages(most)
	switch {
	case kind == 0:
		return List{}, errNoPages
	case kind == '{' || kind == '[':
		err = p.readLog(in)
	default:
		err = p.readCopied(in)
	}
	if err != nil {
		return List{}, err
	}
	return p.list(name)
}

// LooksLikePages tells whether r, from its start, is a network log or the copied
// text of a list of people on X, rather than a list of any other kind. It reads
// at most a million bytes.
func LooksLikePages(r io.Reader) bool {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return false
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if len(text) > 0 && text[0] == '{' {
		rest, isKey := bytes.CutPrefix(bytes.TrimSpace(text[1:]), []byte(`"log"`))
		return isKey && bytes.HasPrefix(bytes.TrimSpace(rest), []byte(":"))
	}
	_, sure := readCopy(string(text))
	return sure
}

// firstByte looks at the first byte behind a byte order mark and white space,
// without taking it; 0 is an empty file.
func firstByte(in *bufio.Reader) (byte, error) {
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // they were seen
	}
	for {
		c, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 0, err
		case c != ' ' && c != '\n' && c != '\r' && c != '\t':
			return c, in.UnreadByte()
		}
	}
}

// pages collects people and what is wrong with what they are read from.
type pages struct {
	most   int
	users  []user
	byID   map[string]int
	byName map[string]int // lower-case handles of those without an id

	told    relationBits // relations that some answer said itself to exist
	entries int
	ours    int  // answers of X
	empty   int  // lists without contents
	unread  int  // lists that cannot be read, or only in part
	cut     bool // the log ends too early, or is no JSON from somewhere on
	copied  bool
}

func newPages(most int) *pages {
	return &pages{most: most, byID: map[string]int{}, byName: map[string]int{}}
}

// list returns who was found, or why nobody was.
func (p *pages) list(name string) (List, error) {
	out := List{}
	for _, u := range p.users {
		if relations := u.relations(p.told); len(relations) > 0 {
			out.People = append(out.People, u.person(relations))
		}
	}
	if len(out.People) == 0 {
		return List{}, p.nobody()
	}
	warn := warnings{per: map[string]int{}, max: defaultLimits.warnings}
	if p.unread > 0 {
		warn.add(name, "answers that could not be read to their end: %d", p.unread)
	}
	if p.empty > 0 {
		warn.add(name, "answers that were saved without their contents: %d", p.empty)
	}
	if p.cut {
		warn.add(name, "it is cut off or damaged; what stands before that was read")
	}
	out.Warnings = warn.all()
	return out, nil
}

func (p *pages) nobody() error {
	switch {
	case p.copied:
		return errNoPairs
	case p.cut && p.entries == 0 && p.ours == 0:
		return errNoPages
	case p.cut:
		return errCutLog
	case p.entries > 0 && p.ours == 0:
		return errOtherSite
	case p.empty > 0:
		return errNoContents
	}
	return errNoPeople
}

// tooMany is the refusal of more people than are taken.
func (p *pages) tooMany() error {
	return inputError(fmt.Sprintf("these pages name more than %d people, which is the most that is taken", p.most))
}

func (u user) person(relations []model.Relation) model.Person {
	p := model.Person{
		TwitterID: u.id, Name: u.name, Bio: u.bio, Location: u.location, URLs: u.urls,
		ProfileSource: SourcePages, Relations: relations,
	}
	if u.handle != "" {
		p.Handle = model.Handle{Name: u.handle, Source: SourcePages, Count: 1}
	}
	return p
}
