package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/skein-migrate/skein/internal/model"
)

// Table says how a list was understood.
type Table struct {
	Kind      string // KindTable, KindJSON or KindText
	Separator string // of the columns of a KindTable
	Header    bool   // the first row holds titles
	Columns   []Column
	Rows      int // that say anything, without the header
}

// The kinds of list. In a KindText each line is read as a whole, and its one
// column has no other role.
const (
	KindTable = "table"
	KindJSON  = "json"
	KindText  = "text"
)

// Column is one column of a list, or one key of its objects.
type Column struct {
	Title   string
	Role    Role
	Samples []string // the cells of the first rows, empty ones too
}

// Role is what a column holds.
type Role string

// The roles. Account is a handle, an id or a profile link, whichever a cell looks
// like; None is a column that is left out.
const (
	Guessed      Role = ""
	IDRole       Role = "id"
	HandleRole   Role = "handle"
	AccountRole  Role = "account"
	NameRole     Role = "name"
	BioRole      Role = "bio"
	LocationRole Role = "location"
	URLRole      Role = "url"
	RelationRole Role = "relation"
	NoRole       Role = "none"
)

var allRoles = []Role{Guessed, IDRole, HandleRole, AccountRole, NameRole, BioRole, LocationRole, URLRole, RelationRole, NoRole}

// ParseRoles returns roles by their names.
func ParseRoles(names []string) ([]Role, error) {
	if len(names) > mostColumns {
		return nil, fmt.Errorf("%d columns are more than %d: %w", len(names), mostColumns, model.ErrInvalid)
	}
	roles := make([]Role, len(names))
	for i, name := range names {
		if roles[i] = Role(name); !slices.Contains(allRoles, roles[i]) {
			return nil, fmt.Errorf("%q is nothing that a column can hold: %w", name, model.ErrInvalid)
		}
	}
	return roles, nil
}

func (r Role) isAccount() bool { return r == IDRole || r == HandleRole || r == AccountRole }

// mostColumns is how many columns of a list are looked at, mostSamples how many
// rows are shown of it, and mostSample how much of a cell.
const (
	mostColumns = 100
	mostSamples = 5
	mostSample  = 200
)

// titles are what tools call their columns, as normal writes them.
var titles = map[string]Role{
	"id": IDRole, "idstr": IDRole, "userid": IDRole, "twitterid": IDRole, "accountid": IDRole, "twitteruserid": IDRole, "restid": IDRole,
	"handle": HandleRole, "username": HandleRole, "screenname": HandleRole, "twitter": HandleRole, "twitterhandle": HandleRole,
	"twitterusername": HandleRole, "account": AccountRole, "user": AccountRole, "login": HandleRole, "xhandle": HandleRole, "xusername": HandleRole,
	"profileurl": AccountRole, "userlink": AccountRole, "twitterurl": AccountRole, "profilelink": AccountRole, "profile": AccountRole,
	"benutzername": HandleRole, "nutzername": HandleRole, "nomdutilisateur": HandleRole, "usuario": HandleRole,
	"name": NameRole, "displayname": NameRole, "fullname": NameRole, "accountdisplayname": NameRole, "anzeigename": NameRole, "nom": NameRole, "nombre": NameRole,
	"bio": BioRole, "description": BioRole, "about": BioRole, "note": BioRole, "notes": BioRole, "text": BioRole, "mastodon": BioRole, "fediverse": BioRole,
	"beschreibung": BioRole, "biographie": BioRole, "descripción": BioRole,
	"location": LocationRole, "place": LocationRole, "ort": LocationRole,
	"url": URLRole, "urls": URLRole, "website": URLRole, "link": URLRole, "expandedurl": URLRole, "homepage": URLRole, "webseite": URLRole,
	"relation": RelationRole, "relationship": RelationRole,
}

// normal writes a title in lower-case letters and digits alone.
func normal(title string) string {
	if len(title) > 100 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// grid is a list as rows of cells.
type grid struct {
	titles []string
	header bool
	rows   []gridRow
}

type gridRow struct {
	n     int // in the file
	cells []string
}

// add keeps a row, unless it is empty.
func (g *grid) add(b *listBuilder, cells []string, n int) error {
	for i, text := range cells {
		cells[i] = strings.TrimSpace(text)
	}
	if !slices.ContainsFunc(cells, func(text string) bool { return text != "" }) {
		return nil
	}
	g.rows = append(g.rows, gridRow{n, cells})
	return b.count()
}

func (g *grid) width() int {
	width := len(g.titles)
	for _, row := range g.rows {
		width = max(width, len(row.cells))
	}
	return width
}

// take reads the people of a grid, by the roles that the caller gave and those
// that are guessed.
func (b *listBuilder) take(g grid) {
	roles := g.guess()
	for i, said := range b.said.Roles {
		if i >= len(roles) || said == Guessed {
			continue
		}
		for j := range roles {
			if roles[j] == said && (j >= len(b.said.Roles) || b.said.Roles[j] == Guessed) {
				roles[j] = NoRole // another was guessed to be what this one is
			}
		}
		roles[i] = said
	}
	b.table.Columns = make([]Column, len(roles))
	for i, role := range roles {
		c := Column{Role: role, Samples: []string{}}
		if g.header && i < len(g.titles) {
			c.Title = clean(g.titles[i], mostSample, false)
		}
		for _, row := range g.rows[:min(len(g.rows), mostSamples)] {
			c.Samples = append(c.Samples, clean(row.cell(i), mostSample, true))
		}
		b.table.Columns[i] = c
	}
	for _, row := range g.rows {
		var a account
		for i, role := range roles {
			a.set(role, row.cell(i))
		}
		b.add(a, row.n)
	}
}

func (r gridRow) cell(i int) string {
	if i < len(r.cells) {
		return r.cells[i]
	}
	return ""
}

// lineTable is the Table of lines that are read as a whole.
func lineTable(lines []string) Table {
	c := Column{Role: AccountRole, Samples: []string{}}
	for _, line := range lines[:min(len(lines), mostSamples)] {
		c.Samples = append(c.Samples, clean(line, mostSample, false))
	}
	return Table{Kind: KindText, Columns: []Column{c}}
}

// set takes one cell.
func (a *account) set(role Role, text string) {
	if text == "" {
		return
	}
	switch role {
	case IDRole:
		id, _ := cell(text, false)
		a.id = first(a.id, id)
	case HandleRole, AccountRole:
		id, name := cell(text, role == HandleRole)
		a.id, a.handle = first(a.id, id), first(a.handle, name)
	case NameRole:
		a.name = first(a.name, text)
	case BioRole:
		a.bio = strings.TrimSpace(a.bio + "\n" + text)
	case LocationRole:
		a.location = first(a.location, text)
	case URLRole:
		a.urls = append(a.urls, strings.Fields(text)...)
	case RelationRole:
		for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if r, ok := relationWords[word]; ok {
				a.relations = append(a.relations, r)
			}
		}
	}
}

var relationWords = map[string]model.Relation{
	"following": model.Following, "followed": model.Following, "follow": model.Following, "friend": model.Following,
	"follower": model.Follower, "followers": model.Follower,
	"blocking": model.Blocking, "blocked": model.Blocking, "block": model.Blocking,
	"muting": model.Muting, "muted": model.Muting, "mute": model.Muting,
}
