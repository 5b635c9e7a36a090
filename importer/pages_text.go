package importer

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a browser copies of x.com/ada/following is one line for each piece of
// text, in the language of the page. For each person (marks as there are):
//
//	Grace Hopper            the name
//	@grace                  the handle
//	Follows you             where they do
//	Following               the button
//	Rear admiral.           the bio, as many lines as it has
//	@grace@navy.example
//
// Around the list stand menus, tabs and suggestions ("You might like"), which
// look the same but for their button: "Follow". So the button decides: where
// any person has one that says that the owner follows them, a handle without
// one is text of a bio (a bio may hold a line with nothing but a handle), and
// one with another button is a suggestion. Only where no button is known at all
// does every line before a line with a handle count as a name.

// copiedLine is one line that is not empty.
type copiedLine struct {
	text   string
	handle string // where the line is one
}

var (
	handleLine = regexp.MustCompile(`^@([A-Za-z0-9_]{1,20})(?: (.+))?$`)
	nameHandle = regexp.MustCompile(`^(.*[^ @]) (@[A-Za-z0-9_]{1,20})$`)
	clickTo    = regexp.MustCompile(`^Click to (?:Follow|Unfollow) `)
	invisible  = regexp.MustCompile(`[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}\x{2066}-\x{2069}\x{FEFF}]`)
)

// Limits of what is read of a copied page.
const (
	mostLineRunes = 2000
	mostBioLines  = 12
	mostMarkRunes = 40
	mostMarks     = 3 // behind one handle
	learnedFrom   = 3 // people that have the same line behind their handle: a mark
	learnedButton = 5 // and more than half of all: the button
)

// readCopied reads the copied text of a page.
func (p *pages) readCopied(r io.Reader) error {
	p.copied = true
	text, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		return fmt.Errorf("read pages: %w", err)
	}
	if len(text) > maxList {
		return inputError(fmt.Sprintf("this text has more than %d MB, which is the most that is read", maxList>>20))
	}
	if slices.Contains(text, 0) {
		return errNoPages
	}
	users, _ := readCopy(string(text))
	for _, u := range users {
		if err := p.add(u); err != nil {
			return err
		}
	}
	return nil
}

// readCopy reads people from copied text; sure tells that their buttons say
// that the owner follows them.
func readCopy(text string) (users []user, sure bool) {
	c := copiedPage{lines: copiedLines(text)}
	c.learnMarks()
	for at, line := range c.lines {
		sure = sure || line.handle != "" && c.isFollowed(at)
	}
	c.strict = sure
	for at := 0; at < len(c.lines); {
		u, next := c.person(at)
		if u.handle != "" {
			u.listed = following
			users = append(users, u)
		}
		at = next
	}
	return users, sure
}

// copiedLines cuts text into lines, handles on lines of their own.
func copiedLines(text string) []copiedLine {
	var plain []string
	for line := range strings.Lines(strings.ToValidUTF8(text, "\uFFFD")) {
		line = clean(strings.ReplaceAll(invisible.ReplaceAllString(line, ""), "\u00A0", " "), mostLineRunes, false)
		if line != "" && !clickTo.MatchString(line) {
			plain = append(plain, line)
		}
	}
	var lines []copiedLine
	for i, line := range plain {
		if m := handleLine.FindStringSubmatch(line); m != nil && (m[2] == "" || knownMarks[m[2]] != noMark) {
			lines = append(lines, copiedLine{text: "@" + m[1], handle: m[1]})
			if m[2] != "" {
				lines = append(lines, copiedLine{text: m[2]})
			}
			continue
		}
		if m := nameHandle.FindStringSubmatch(line); m != nil && i+1 < len(plain) && isButton(plain[i+1]) {
			lines = append(lines, copiedLine{text: m[1]}, copiedLine{text: m[2], handle: m[2][1:]})
			continue
		}
		lines = append(lines, copiedLine{text: line})
	}
	return lines
}

func isButton(line string) bool {
	kind := knownMarks[line]
	return kind == followingMark || kind == followsMark || kind == otherMark
}

// copiedPage is a page that is being read.
type copiedPage struct {
	lines  []copiedLine
	marks  map[string]mark // those that stand behind handles here
	strict bool
}

// learnMarks adds to the known marks those that stand behind several handles,
// and takes the one that most people have last for the button.
func (c *copiedPage) learnMarks() {
	c.marks = map[string]mark{}
	for word, kind := range knownMarks {
		if kind != headingMark {
			c.marks[word] = kind
		}
	}
	for step := 1; step <= 2; step++ {
		counts := map[string]int{}
		for at, line := range c.lines {
			if line.handle == "" || c.marked(at) != step-1 || at+step >= len(c.lines) {
				continue
			}
			next := c.lines[at+step]
			if next.handle == "" && utf8.RuneCountInString(next.text) <= mostMarkRunes {
				counts[next.text]++
			}
		}
		for word, n := range counts {
			if n >= learnedFrom && c.marks[word] == noMark {
				c.marks[word] = learnedMark
			}
		}
	}
	handles, last := 0, map[string]int{}
	for at, line := range c.lines {
		if line.handle != "" {
			handles++
			if n := c.marked(at); n > 0 {
				last[c.lines[at+n].text]++
			}
		}
	}
	for word, n := range last {
		if n >= learnedButton && n*2 > handles && knownMarks[word] == noMark {
			c.marks[word] = followingMark
		}
	}
}

// marked returns how many marks stand behind the handle at that line.
func (c *copiedPage) marked(at int) int {
	n := 0
	for n < mostMarks && at+n+1 < len(c.lines) && c.lines[at+n+1].handle == "" && c.marks[c.lines[at+n+1].text] != noMark {
		n++
	}
	return n
}

func (c *copiedPage) isFollowed(at int) bool {
	for i := 1; i <= c.marked(at); i++ {
		if c.marks[c.lines[at+i].text] == followingMark {
			return true
		}
	}
	return false
}

// starts tells whether the handle at that line begins somebody: a person whom
// the owner follows, or somebody else, who ends the bio before.
func (c *copiedPage) starts(at int) (somebody, followed bool) {
	switch {
	case c.lines[at].handle == "":
		return false, false
	case c.isFollowed(at):
		return true, true
	case c.strict:
		return c.marked(at) > 0, false
	case c.marked(at) > 0 && c.marks[c.lines[at+1].text] != learnedMark: // a button, but none that says so
		return true, false
	}
	return true, at > 0 && c.lines[at-1].handle == ""
}

// person reads the person whose handle stands at that line, if there is one, and
// returns where to go on.
func (c *copiedPage) person(at int) (u user, next int) {
	somebody, followed := c.starts(at)
	if !somebody {
		return user{}, at + 1
	}
	from := at + 1 + c.marked(at)
	next = from
	var bio []string
	for ; next < len(c.lines); next++ {
		if knownMarks[c.lines[next].text] == headingMark {
			break
		}
		if next+1 < len(c.lines) {
			if more, _ := c.starts(next + 1); more { // this line is their name
				break
			}
		}
		if more, _ := c.starts(next); more {
			break
		}
		if !isButton(c.lines[next].text) && len(bio) < mostBioLines {
			bio = append(bio, c.lines[next].text)
		}
	}
	if !followed {
		return user{}, next
	}
	u = user{handle: c.lines[at].handle, bio: clean(strings.Join(bio, "\n"), mostBio, true)}
	if at > 0 && c.lines[at-1].handle == "" && c.marks[c.lines[at-1].text] == noMark {
		u.name = clean(c.lines[at-1].text, mostName, false)
	}
	return u, next
}
