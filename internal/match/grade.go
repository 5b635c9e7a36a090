package match

import (
	"fmt"

	"github.com/skein-migrate/skein/internal/model"
)

// Grade says how well it is known that an address belongs to a Person. Grades
// are stored as numbers: keep the order.
type Grade int

// None is an address that nothing ties to the Person any more, kept because the
// Owner decided on it.
const (
	None    Grade = iota
	Guess         // same user name or similar name only
	Claimed       // only the fediverse side says so, or a register by handle
	Stated        // the Twitter side says so, or a register by numeric id
	Proven        // both sides say so
)

var gradeNames = [...]string{"none", "guess", "claimed", "stated", "proven"}

// String returns the lower-case name of g.
func (g Grade) String() string {
	if g < None || g > Proven {
		return fmt.Sprintf("grade %d", int(g))
	}
	return gradeNames[g]
}

// ParseGrade reads what String wrote.
func ParseGrade(s string) (Grade, error) {
	for g, name := range gradeNames {
		if s == name {
			return Grade(g), nil
		}
	}
	return None, fmt.Errorf("grade %q: %w", s, model.ErrInvalid)
}

// MarshalText and UnmarshalText write a Grade by its name.
func (g Grade) MarshalText() ([]byte, error) {
	if g < None || g > Proven {
		return nil, fmt.Errorf("%s: %w", g, model.ErrInvalid)
	}
	return []byte(g.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (g *Grade) UnmarshalText(b []byte) error {
	parsed, err := ParseGrade(string(b))
	if err != nil {
		return err
	}
	*g = parsed
	return nil
}
