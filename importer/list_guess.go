package importer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// look is what the cells of a column look like.
type look struct {
	cells                        int
	links, ats, ids, urls, words int
	odd                          int // words that are no names: with digits or _
	addresses                    int
	letters                      int  // characters of all
	rising                       bool // whole numbers, each one more than the one before
	last                         uint64
	seen                         map[string]bool
	twice                        bool
}

// mostLooked is how many rows are looked at for a guess.
const mostLooked = 500

var addressLike = regexp.MustCompile(`[\p{L}\p{N}_]@[\p{L}\p{N}-]+\.[\p{L}]|/@[A-Za-z0-9_]`)

func (g *grid) look(column, from int) look {
	l := look{seen: map[string]bool{}, rising: true}
	for _, row := range g.rows[from:min(len(g.rows), mostLooked)] {
		if text := row.cell(column); text != "" {
			l.see(text)
		}
	}
	return l
}

func (l *look) see(text string) {
	l.cells++
	l.letters += utf8.RuneCountInString(text)
	l.twice = l.twice || l.seen[text]
	l.seen[text] = true
	id, name := cell(text, false)
	n, _ := strconv.ParseUint(id, 10, 64)
	l.rising = l.rising && (l.cells == 1 || n == l.last+1)
	l.last = n
	linkID, linkName := fromProfileURL(text)
	switch {
	case linkID != "" || linkName != "":
		l.links++
	case strings.HasPrefix(text, "@") && name != "":
		l.ats++
	case id != "":
		l.ids++
	case onlyWebURLs(text):
		l.urls++
	case addressLike.MatchString(text):
		l.addresses++
	case name != "":
		l.words++
		if strings.ContainsAny(name, "_0123456789") {
			l.odd++
		}
	}
}

// mostly tells whether nine of ten cells are such.
func (l look) mostly(n int) bool { return l.cells > 0 && n*10 >= l.cells*9 }

// isID tells whether these may be ids: no two alike, no ranks, and, where titles
// say something else, no small numbers.
func (l look) isID(titled bool) bool {
	return l.mostly(l.ids) && !l.twice && (l.cells == 1 || !l.rising) && (!titled || l.letters >= 5*l.cells)
}

func onlyWebURLs(text string) bool {
	return !slices.ContainsFunc(strings.Fields(text), func(word string) bool { return !isWebURL(word) })
}

// guess works out what each column holds: by its title, else by its cells.
func (g *grid) guess() []Role {
	roles := make([]Role, min(g.width(), mostColumns))
	named := false
	for i := range roles {
		if g.header && i < len(g.titles) {
			roles[i] = titles[normal(g.titles[i])]
		}
		named = named || roles[i].isAccount()
	}
	looks := make([]look, len(roles))
	for i := range roles {
		looks[i] = g.look(i, 0)
	}
	if !named {
		guessAccounts(roles, looks, g.header)
	}
	for i, l := range looks {
		if roles[i] != Guessed {
			continue
		}
		switch {
		case l.urls*2 >= l.cells && l.urls > 0:
			roles[i] = URLRole
		case l.addresses > 0, !g.header && l.cells > 0 && l.letters >= 30*l.cells:
			roles[i] = BioRole
		case !g.header && l.ids == 0 && l.cells > 0 && !slices.Contains(roles, NameRole):
			roles[i] = NameRole
		default:
			roles[i] = NoRole
		}
	}
	return roles
}

// guessAccounts looks for the columns that name the account: links and @handles
// first, then numbers that may be ids. Bare words are taken for handles only if
// many of them cannot be names, or if there is nothing else in the list.
func guessAccounts(roles []Role, looks []look, titled bool) {
	find := func(role Role, fits func(look) bool) bool {
		for i, l := range looks {
			if roles[i] == Guessed && fits(l) {
				roles[i] = role
				return true
			}
		}
		return false
	}
	handles := find(HandleRole, func(l look) bool { return l.mostly(l.ats) })
	if find(IDRole, func(l look) bool { return l.isID(titled) }) || handles {
		return
	}
	if find(AccountRole, func(l look) bool { return l.mostly(l.links+l.ats+l.ids) && l.links+l.ats > 0 }) {
		return
	}
	find(HandleRole, func(l look) bool {
		return l.mostly(l.words+l.ids) && (l.odd*3 >= l.cells && l.odd > 0 || len(looks) == 1)
	})
}

// findHeader takes the first row of a table without known titles for one if its
// cells are of another kind than those below.
func (g *grid) findHeader() {
	if len(g.rows) < 2 {
		return
	}
	for i := range g.width() {
		title := g.rows[0].cell(i)
		if title == "" {
			continue
		}
		head, below := look{seen: map[string]bool{}}, g.look(i, 1)
		head.see(title)
		plain := head.links+head.ats+head.ids+head.urls+head.addresses == 0
		if plain && (below.mostly(below.links) || below.mostly(below.ats) || below.mostly(below.ids) || below.mostly(below.urls) || below.mostly(below.addresses)) {
			g.titles, g.header = g.rows[0].cells, true
			g.rows = g.rows[1:]
			return
		}
	}
}
