// Package address finds fediverse addresses in what people write about
// themselves, and Twitter handles in fediverse profiles. It is pure: whether an
// account exists, and whose it is, others find out.
//
// What is found is what was written. An e-mail address looks the same as
// user@host, so each finding says by what form it was told; a text that names a
// mail host, another network or an identifier of something else is not found.
package address

import (
	"slices"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// Found is an address in a text.
type Found struct {
	Address model.Address
	Form    Form
	Text    string // the line around it, at most 500 runes, invisible characters taken out
	Sure    bool   // cannot well be an e-mail address: by its form, its host or the words around it
	Other   bool   // the word before it ("of", "by", "for") makes somebody else's address likely
	Role    Role   // what else the words around it, or its host, say
}

// Form is how an address was written.
type Form string

// The forms. Only Bare and Spelled can be mistaken for an e-mail address.
const (
	AsHandle Form = "handle" // @user@host
	AsAcct   Form = "acct"   // acct:user@host
	AsBare   Form = "bare"   // user@host
	AsURL    Form = "url"    // the URL of a profile, or of a post by that account
	// "ada at mastodon dot social", "@ada on mastodon.social", or divided by a line break
	AsSpelled Form = "spelled"
)

const (
	maxFound = 50  // addresses taken from one text
	maxLine  = 500 // runes
)

// Extract returns the addresses in a bio, a name, a location or a tweet, in the
// order of the text and each once.
func Extract(text string) []Found { return extract(text, nil) }

func extract(text string, known map[string]bool) []Found {
	if text == "" {
		return nil
	}
	clean, invisible := visible(text, false)
	found := scan(clean, known)
	if len(found) == 0 && invisible {
		// Not hidden inside an address but used as a gap behind it.
		clean, _ = visible(text, true)
		found = scan(clean, known)
	}
	return found
}

// Parse reads one address as a person types it: with or without a leading @,
// as acct: or the URL of a profile, the host in any script. Unlike Extract it
// takes hosts of other networks as they are, unless no server can be there.
func Parse(s string) (model.Address, error) {
	clean, _ := visible(s, false)
	clean = strings.TrimSpace(clean)
	if strings.Contains(clean, "/") {
		if f, ok := FromURL(clean); ok {
			return f.Address, nil
		}
	}
	if user, host, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(clean, "acct:"), "@"), "@"); ok {
		if ascii, ok := Host(host); ok {
			return model.ParseAddress(user + "@" + ascii)
		}
	}
	return model.Address{}, invalid(s)
}

// scan looks at each run of characters that an address or a URL may consist of.
func scan(text string, known map[string]bool) []Found {
	s := scanner{text: text, known: known}
	if strings.ContainsAny(text, "@/") {
		s.tokens()
	}
	s.spelled()
	return s.inOrder()
}

func (s *scanner) tokens() {
	text := s.text
	for i := 0; i < len(text) && len(s.found) < maxFound; {
		r, size := decode(text[i:])
		if !inToken(r) {
			i += size
			continue
		}
		end := i + size
		for end < len(text) {
			r, size := decode(text[end:])
			if !inToken(r) {
				break
			}
			end += size
		}
		s.token(i, end)
		i = end
	}
}

type scanner struct {
	text  string
	known map[string]bool // hosts that are on the fediverse, whatever their names say
	found []placed
	last  int  // end of the latest token with an @ or a URL: words before it belong to that
	left  bool // the latest address was one that was left
}

type placed struct {
	Found
	at int
}

// foreign and fediverse judge a host by its name, unless it is known.
func (s *scanner) foreign(host string) bool   { return !s.known[host] && isForeign(host) }
func (s *scanner) fediverse(host string) bool { return s.known[host] || looksFediverse(host) }

// token reads text[start:end], which holds no white space and no emoji.
func (s *scanner) token(start, end int) {
	token := s.text[start:end]
	if !strings.ContainsAny(token, "@/") {
		return
	}
	if from, isURL := urlIn(token); isURL {
		s.addresses(start, start+from)
		s.url(start+from, end)
	} else {
		s.addresses(start, end)
	}
	s.last = end
}

func (s *scanner) url(start, end int) {
	found, ok := fromURL(s.text[start:end], s.known)
	if !ok {
		return
	}
	before := s.before(start)
	word := lastWord(before)
	if s.denied(before) || s.disowned(end) {
		return
	}
	found.Other = others(before, word)
	found.Role = s.role(candidate{address: found.Address, to: end}, before)
	s.add(found, start, end)
}

func (s *scanner) add(f Found, start, end int) {
	key := f.Address.Key()
	i := slices.IndexFunc(s.found, func(o placed) bool { return o.Address.Key() == key })
	s.left = f.Role == MovedFrom
	switch better := i >= 0 && f.Sure && !s.found[i].Sure; {
	case better: // told better further down
	case i >= 0, len(s.found) == maxFound:
		return
	default:
		i = len(s.found)
		s.found = append(s.found, placed{})
	}
	f.Text = line(s.text, start, end)
	s.found[i] = placed{f, start}
}
