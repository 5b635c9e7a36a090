package address

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/skein-migrate/skein/internal/model"
)

const maxUser = 64

// addresses looks at each @ in text[start:end]. What it looks at around one is
// limited, so the whole is linear.
func (s *scanner) addresses(start, end int) {
	for i := start; i < end; i++ {
		if s.text[i] != '@' {
			continue
		}
		c, ok := s.candidate(start, i, end)
		if !ok {
			continue
		}
		if f, ok := s.judge(c); ok {
			s.add(f, c.from, c.to)
		}
	}
}

// candidate is user@host in the text, from the first character that belongs to
// it to the end of the run that holds the host.
type candidate struct {
	form     Form
	address  model.Address
	from, to int
}

// candidate reads what stands around the @ at i.
func (s *scanner) candidate(start, i, end int) (candidate, bool) {
	none := candidate{}
	user := i
	for user > start && isUser(s.text[user-1]) && i-user <= maxUser {
		user--
	}
	for user < i && (s.text[user] == '.' || s.text[user] == '-') {
		user++
	}
	to := i + 1
	for to < end && to-i <= 4*maxHost {
		r, size := decode(s.text[to:])
		if r == '@' || r != '.' && r != '-' && (r < utf8.RuneSelf && !isAlnum(r)) {
			break
		}
		to += size
	}
	host, ok := hostIn(s.text[i+1 : to])
	if user == i || !ok || to < end && s.text[to] == '@' {
		return none, false
	}
	c := candidate{form: AsBare, from: user, to: to}
	if c.address, ok = parse(s.text[user:i], host); !ok {
		return none, false
	}
	if user > start && s.text[user-1] == '@' {
		c.form, c.from = AsHandle, user-1
		return c, s.handleStarts(start, c.from) && s.handleEnds(to, end)
	}
	return c, s.bareStarts(&c, start) && s.bareEnds(host, to, end)
}

func parse(user, host string) (model.Address, bool) {
	a, err := model.ParseAddress(user + "@" + host)
	return a, err == nil
}

// handleStarts tells whether a handle may begin at the @ at i. In
// "foo@bar@baz.social" it does not, in "Mastodon@alice@mas.to" it does.
func (s *scanner) handleStarts(start, i int) bool {
	if i == start {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[start:i])
	if r >= utf8.RuneSelf {
		return !splitsWord(r)
	}
	return !isAlnum(r) && r != '@' || friendly[lastWord(tail(s.text[start:i], 30))]
}

func (s *scanner) handleEnds(to, end int) bool {
	if to == end {
		return true
	}
	switch next := s.following(to, end); s.text[to] {
	case ':': // a port
		return next < '0' || next > '9'
	case '_':
		return !isAlnum(next)
	}
	return true
}

// bareStarts tells whether user@host may begin at c.from, and knows acct:. Signs
// that e-mail addresses and URLs have within them do not begin an address.
func (s *scanner) bareStarts(c *candidate, start int) bool {
	before := s.text[start:c.from]
	if before == "" {
		return true
	}
	if r, _ := utf8.DecodeLastRuneInString(before); r >= utf8.RuneSelf {
		return !splitsWord(r)
	}
	switch before[len(before)-1] {
	case ':':
		if strings.EqualFold(tail(before, 5), "acct:") {
			c.form = AsAcct
		}
		return true
	case '.', '-':
		return true
	}
	return false
}

func (s *scanner) bareEnds(host string, to, end int) bool {
	if to == end {
		return true
	}
	switch next := s.following(to, end); s.text[to] {
	case '.', '-', '?', '!':
		return true
	case ':', '_':
		return !isAlnum(next)
	case '/': // the resource of a chat address, or the next of several addresses
		return !isAlnum(next) || s.fediverse(host)
	}
	return false
}

// following returns the character after the one at i, or a space.
func (s *scanner) following(i, end int) rune {
	if i+1 >= end {
		return ' '
	}
	r, _ := decode(s.text[i+1:])
	return r
}

// judge decides by host and words whether c is an address of the fediverse.
func (s *scanner) judge(c candidate) (Found, bool) {
	if s.foreign(c.address.Host) {
		return Found{}, false
	}
	before := s.before(c.from)
	word := lastWord(before)
	f := Found{Address: c.address, Form: c.form, Sure: true, Other: others(before, word)}
	if unfriendly[word] || s.denied(before) || s.disowned(c.to) {
		return Found{}, false
	}
	f.Role = s.role(c, before)
	if c.form != AsBare {
		return f, true
	}
	if first, _, _ := strings.Cut(c.address.Host, "."); mailLabels[first] {
		return Found{}, false
	}
	switch leaning(before, s.after(c.to)) {
	case against:
		return Found{}, false
	case towards:
	default:
		f.Sure = s.fediverse(c.address.Host)
	}
	return f, true
}

// before returns the words that may label an address at i: those on its line
// behind the previous address, or the line before if nothing else stands there.
func (s *scanner) before(i int) string {
	text := tail(s.text[min(s.last, i):i], 80)
	text = text[strings.LastIndexAny(text, "|•·")+1:]
	text = strings.TrimRight(text, " \t\r\n:")
	if n := strings.LastIndexByte(text, '\n'); n >= 0 {
		text = text[n+1:]
	}
	return strings.ToValidUTF8(text, "")
}

// after returns the words behind an address that may label it, such as
// "(Mastodon)", up to whatever divides.
func (s *scanner) after(i int) string {
	text := head(s.text[i:], 40)
	if n := strings.IndexAny(text, "\n|•·,;/@"); n >= 0 {
		text = text[:n]
	}
	return text
}

// others tells whether the words before an address, of which word is the last,
// make it likely that it is not the writer's.
func others(before, word string) bool {
	if word != "to" {
		return belongs[word]
	}
	words := fields(before)
	return len(words) > 1 && tiesTo[words[len(words)-2]]
}

// denied tells whether the words before an address say that it is not the
// writer's: "not @ada1@mas.to", "beware of the fake account @ada1@mas.to".
func (s *scanner) denied(before string) bool {
	before = s.own(before)
	word := lastWord(before)
	if denied[word] {
		return true
	}
	clause := before[strings.LastIndexAny(before, ".!?;,()")+1:]
	if between[word] {
		words := fields(clause)
		for len(words) > 0 && between[words[len(words)-1]] {
			words = words[:len(words)-1]
		}
		return len(words) > 0 && denied[words[len(words)-1]]
	}
	if s.last > 0 || word == "" {
		return false // behind another address, "not me" is said of that one
	}
	clause = strings.ToLower(clause)
	return slices.ContainsFunc(disowning, func(words string) bool { return strings.HasSuffix(clause, words) })
}

// disowned tells whether the words behind an address at i say that it is not
// the writer's: "@ada1@mas.to is not me".
func (s *scanner) disowned(i int) bool {
	if i == len(s.text) {
		return false
	}
	after := strings.ToLower(s.after(i))
	return slices.ContainsFunc(disowning, func(words string) bool { return strings.Contains(after, words) })
}

// lastWord returns the last word of s in lower case, without signs around it.
func lastWord(s string) string {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '’' }
	s = strings.TrimRightFunc(s, func(r rune) bool { return !inWord(r) })
	i := strings.LastIndexFunc(s, func(r rune) bool { return !inWord(r) })
	if i >= 0 {
		_, size := decode(s[i:])
		s = s[i+size:]
	}
	return strings.ToLower(s)
}
