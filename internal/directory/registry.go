package directory

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/skein-migrate/skein/internal/model"
)

// The public registry as installations publish it: docs/registry.md.
const (
	RegistryFormat  = "skein-registry"
	RegistryVersion = 1
)

const (
	mostRegistered  = 5_000_000 // entries and withdrawn ids of one registry
	registeredLimit = 16 << 10  // bytes of one of them
)

// RegistryEntry is what a registry says of somebody.
type RegistryEntry struct {
	ID        string
	TwitterID string
	Handle    string
	Address   model.Address
	Proof     string // archive or both
	At        time.Time
}

// Registry is a registry that is being read.
type Registry struct {
	AsOf      string   // for the next question
	Changes   bool     // it holds what changed since a question's time, else all
	Withdrawn []string // ids of entries that went, known after the last entry
	Rows      int      // entries read
	Skipped   int      // entries that could not be read

	in  *stepped
	d   *json.Decoder
	now time.Time
}

// OpenRegistry reads the head of a registry: everything before its entries. What
// is no registry of this format is ErrInvalid.
func OpenRegistry(r io.Reader, now time.Time) (*Registry, error) {
	g := &Registry{in: &stepped{r: r}, now: now}
	g.d = json.NewDecoder(g.in)
	var head struct {
		Format  string
		Version int
		AsOf    string
	}
	err := g.delim('{')
	for err == nil {
		var name string
		if name, err = g.name(); err != nil || name == "entries" {
			break
		}
		switch name {
		case "format":
			err = g.decode(&head.Format)
		case "version":
			err = g.decode(&head.Version)
		case "as_of":
			err = g.decode(&head.AsOf)
		case "since":
			g.Changes, err = true, g.skip()
		default:
			err = g.skip()
		}
	}
	switch _, timeErr := time.Parse(time.RFC3339, head.AsOf); {
	case err != nil:
	case head.Format != RegistryFormat:
		err = fmt.Errorf("not a registry: %w", model.ErrInvalid)
	case head.Version != RegistryVersion:
		err = fmt.Errorf("version %d is not known: %w", head.Version, model.ErrInvalid)
	case timeErr != nil || len(head.AsOf) > 40:
		err = fmt.Errorf("it does not say of when it is: %w", model.ErrInvalid)
	default:
		err = g.delim('[')
	}
	g.AsOf = head.AsOf
	return g, err
}

// Entries streams the entries and reads on to the end. An answer that was cut off,
// that holds too much, or more that cannot be read than can, ends with an error.
func (g *Registry) Entries() iter.Seq2[RegistryEntry, error] {
	return func(yield func(RegistryEntry, error) bool) {
		for g.more() {
			e, ok, err := g.entry()
			if err != nil {
				yield(RegistryEntry{}, err)
				return
			}
			if ok && !yield(e, nil) {
				return
			}
		}
		if err := g.rest(); err != nil {
			yield(RegistryEntry{}, err)
		}
	}
}

func (g *Registry) entry() (RegistryEntry, bool, error) {
	var raw json.RawMessage
	if err := g.decode(&raw); err != nil {
		return RegistryEntry{}, false, err
	}
	e, ok := g.parse(raw)
	if ok {
		g.Rows++
	} else {
		g.Skipped++
	}
	return e, ok, g.tooMany()
}

func (g *Registry) tooMany() error {
	if g.Rows+g.Skipped+len(g.Withdrawn) > mostRegistered {
		return fmt.Errorf("more than %d entries: %w", mostRegistered, model.ErrInvalid)
	}
	return nil
}

// parse reads an entry, with every field checked.
func (g *Registry) parse(raw []byte) (RegistryEntry, bool) {
	var said struct {
		ID        string    `json:"id"`
		TwitterID string    `json:"twitter_id"`
		Handle    string    `json:"handle"`
		Address   string    `json:"address"`
		Proof     string    `json:"proof"`
		At        time.Time `json:"at"`
	}
	if json.Unmarshal(raw, &said) != nil || !validEntryID(said.ID) || said.Proof != "archive" && said.Proof != "both" {
		return RegistryEntry{}, false
	}
	e := RegistryEntry{ID: said.ID, Proof: said.Proof, At: said.At}
	var err error
	if e.TwitterID, err = model.ParseTwitterID(said.TwitterID); err != nil {
		return RegistryEntry{}, false
	}
	if e.Address, err = model.ParseAddress(said.Address); err != nil {
		return RegistryEntry{}, false
	}
	if e.Handle, err = model.ParseHandle(said.Handle); err != nil && said.Handle != "" {
		return RegistryEntry{}, false
	}
	return e, e.At.Year() >= 2006 && e.At.Before(g.now.Add(24*time.Hour))
}

func validEntryID(id string) bool {
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// rest reads what stands behind the entries.
func (g *Registry) rest() error {
	if err := g.delim(']'); err != nil {
		return err
	}
	for g.more() {
		name, err := g.name()
		if err == nil && name == "withdrawn" {
			err = g.withdrawn()
		} else if err == nil {
			err = g.skip()
		}
		if err != nil {
			return err
		}
	}
	if err := g.delim('}'); err != nil {
		return err
	}
	if g.Skipped > g.Rows+len(g.Withdrawn) {
		return fmt.Errorf("%d entries could be read, %d could not: %w", g.Rows, g.Skipped, model.ErrInvalid)
	}
	return nil
}

func (g *Registry) withdrawn() error {
	if err := g.delim('['); err != nil {
		return err
	}
	for g.more() {
		var id string
		if err := g.decode(&id); err != nil {
			return err
		}
		if validEntryID(id) {
			g.Withdrawn = append(g.Withdrawn, id)
		}
		if err := g.tooMany(); err != nil {
			return err
		}
	}
	return g.delim(']')
}

func (g *Registry) more() bool {
	g.in.step()
	return g.d.More()
}

func (g *Registry) delim(want json.Delim) error {
	g.in.step()
	t, err := g.d.Token()
	if err != nil {
		return badJSON(err)
	}
	if t != want {
		return fmt.Errorf("not a registry: %v stands where %v should: %w", cut(fmt.Sprint(t), 40), want, model.ErrInvalid)
	}
	return nil
}

func (g *Registry) name() (string, error) {
	g.in.step()
	t, err := g.d.Token()
	if err != nil {
		return "", badJSON(err)
	}
	name, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("not a registry: it ends before its entries: %w", model.ErrInvalid)
	}
	return name, nil
}

func (g *Registry) skip() error {
	var other json.RawMessage
	return g.decode(&other)
}

func (g *Registry) decode(v any) error {
	g.in.step()
	err := g.d.Decode(v)
	if wrong, ok := err.(*json.UnmarshalTypeError); ok {
		return fmt.Errorf("not a registry: %v: %w", wrong, model.ErrInvalid)
	}
	return badJSON(err)
}

// stepped bounds what one value may take: a decoder would hold any length.
type stepped struct {
	r    io.Reader
	left int
}

func (s *stepped) step() { s.left = registeredLimit }

func (s *stepped) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, fmt.Errorf("an entry is larger than %d bytes: %w", registeredLimit, model.ErrInvalid)
	}
	n, err := s.r.Read(p[:min(len(p), s.left)])
	s.left -= n
	return n, err
}
