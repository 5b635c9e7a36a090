package address

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words that people write instead of @ and dot, some of them so that programs
// which collect e-mail addresses do not find them.
var (
	atWords = set(`at ät @ arroba arobase arobas chiocciola apenstaartje apestaart snabela собака małpa zavináč kukac ät-tecken
		a αt アット アットマーク 골뱅이`)
	dotWords = set(`dot punkt point punto ponto punt точка крапка nokta kropka tečka piste punkto pont . ドット 点 點 점`)
	onWords  = set(`on auf sur en su em op på over`)
	asWords  = set(`as als comme como come under`)

	// notUser are words before "at" that are no user name.
	notUser = set(`me us him her them you it i im i'm find found look looking see follow now here there mostly mainly also active am is are
		was be been being join joined work works working worked engineer developer dev admin administrator sysadmin mod moderator
		founder cofounder co-founder owner ceo cto cfo vp director head lead staff team professor prof lecturer student editor
		reporter journalist writer designer researcher user users member account profile instance server live lives based living
		hosted home someone people everyone anyone friends or and but only all best reach contact chat talk meet posting posts
		post toot toots tooting elsewhere still over back moved started day night not stop more stuff things updates news today
		mich uns finden jetzt nun ich yo me aquí ahora moi ici trouvez encuéntrame`)
)

const closing = ")]}>"

// spelled finds addresses whose @ or dots are words, and those that white space
// divides. Their hosts must be known or look like the fediverse, unless the
// words around say it: "at" and "dot" are words in the first place.
func (s *scanner) spelled() {
	s.last = 0
	var before span // the word before
	for w := s.word(0); w.from < w.to && len(s.found) < maxFound; w = s.word(w.to) {
		s.brackets(before, w)
		s.between(before, w)
		before = w
	}
}

type span struct{ from, to int }

func (s *scanner) in(w span) string { return s.text[w.from:w.to] }

// word returns the next run of anything but white space.
func (s *scanner) word(i int) span {
	for i < len(s.text) && isSpace(s.text[i]) {
		i++
	}
	from := i
	for i < len(s.text) && !isSpace(s.text[i]) {
		i++
	}
	return span{from, i}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// brackets looks for an "(at)" that is w, or stands in it.
func (s *scanner) brackets(before, w span) {
	for open, tries := w.from, 0; tries < 4; open, tries = open+1, tries+1 {
		n := strings.IndexAny(s.text[open:w.to], "([{<")
		if n < 0 {
			return
		}
		open += n
		end, word := s.bracketed(open)
		if !atWords[word] {
			continue
		}
		user := span{w.from, open}
		if open == w.from {
			user = before
		}
		if name, marked, ok := s.user(user); ok {
			s.join(user, name, end, joint{marked: marked, bracket: true})
		}
		return
	}
}

// bracketed returns the short word in the brackets that open at i, and where
// they end.
func (s *scanner) bracketed(i int) (end int, word string) {
	inside := head(s.text[i+1:], 30)
	n := strings.IndexAny(inside, closing)
	if n < 0 {
		return i, ""
	}
	return i + 1 + n + 1, strings.ToLower(strings.TrimSpace(inside[:n]))
}

// between reads w as what may stand between the two parts of an address, or as
// their beginning.
func (s *scanner) between(before, w span) {
	text := s.in(w)
	if text[0] == '@' && len(text) > 1 {
		if text[len(text)-1] == '@' || !strings.Contains(strings.TrimRight(text, "."), ".") { // "@ada@" and "@ada@mastodon", which go on in the next line
			s.cut(w, text)
		}
		s.hostFirst(before, w)
	}
	switch {
	case before.to == 0 || len(text) > 40:
	case text[0] == '@' && len(text) > 3: // "@ada @mastodon.social"
		if name, marked, ok := s.user(before); ok && marked {
			s.join(before, name, w.from+1, joint{marked: true, named: true})
		}
	case text[0] == '(' || text[0] == '[': // "@ada (mastodon.social)"
		if name, marked, ok := s.user(before); ok && marked {
			s.join(before, name, w.from+1, joint{marked: true, named: true})
		}
	case len(text) < 20:
		s.joined(before, w, strings.ToLower(text))
	}
}

func (s *scanner) joined(before, w span, word string) {
	on := onWords[word]
	if !on && !atWords[word] {
		return
	}
	name, marked, ok := s.user(before)
	if !ok || on && !marked {
		return
	}
	s.join(before, name, w.to, joint{marked: marked, named: on, sign: word == "@", english: word == "at" || word == "a"})
}

// cut joins an address that a line break divides.
func (s *scanner) cut(w span, text string) {
	user, host, ok := strings.Cut(text[1:], "@")
	if !ok || user == "" || strings.Contains(host, "@") {
		return
	}
	for i := range len(user) {
		if !isUser(user[i]) {
			return
		}
	}
	s.join(w, user, w.to-len(host), joint{marked: true, named: true})
}

// hostFirst reads "mastodon.social: @ada" and "on mastodon.social as @ada".
func (s *scanner) hostFirst(before, w span) {
	name, marked, ok := s.user(w)
	if !ok || !marked || before.to == 0 {
		return
	}
	host := s.in(before)
	if asWords[strings.ToLower(host)] {
		from := strings.LastIndexAny(strings.TrimRight(s.text[:before.from], " \t\r\n"), " \t\r\n") + 1
		host = strings.TrimSpace(s.text[from:before.from])
		before = span{from, before.to}
	} else if c := host[len(host)-1]; c != ':' && c != '/' {
		return
	}
	for _, scheme := range []string{"https://", "http://"} {
		host = strings.TrimPrefix(host, scheme)
	}
	if len(host) > maxHost {
		return
	}
	ascii, ok := Host(strings.TrimRight(host, ":/"))
	if !ok || !s.fediverse(ascii) {
		return
	}
	s.take(span{before.from, w.to}, name, ascii, true)
}

// user reads a word as a user name, with or without an @ before it.
func (s *scanner) user(w span) (name string, marked, ok bool) {
	if w.to-w.from > maxUser+8 {
		return "", false, false
	}
	name = strings.TrimLeftFunc(s.in(w), func(r rune) bool { return r != '@' && r != '_' && !(r < utf8.RuneSelf && isAlnum(r)) && !splitsWord(r) })
	name = strings.TrimRight(name, ",;:")
	if i := strings.LastIndexByte(name, ':'); i >= 0 { // "Mastodon:ada"
		name = name[i+1:]
	}
	name, marked = strings.CutPrefix(name, "@")
	for i := range len(name) {
		if !isUser(name[i]) {
			return "", false, false
		}
	}
	return name, marked, name != "" && (marked || !notUser[strings.ToLower(name)])
}

// joint is what stands between user name and host.
type joint struct {
	marked  bool // the user has an @ before it
	bracket bool // "(at)": nobody writes that but for an @
	named   bool // the host must be known, whatever the words say
	sign    bool // an @ with spaces around it
	english bool // a word that means other things more often
}

// join reads the host at i and takes the address, if it can be believed.
func (s *scanner) join(user span, name string, i int, j joint) {
	host, end, words, ok := s.host(i)
	if !ok || s.foreign(host) {
		return
	}
	lean := leaning(s.before(user.from), s.after(end))
	if !j.marked && lean == against {
		return
	}
	fits, said := s.fediverse(host), lean == towards
	switch {
	case j.named:
		ok = fits
	case j.sign && !j.marked: // "Founder @ mastodon.social"
		ok = fits && said
	case j.english && !j.marked && !words: // "look at mastodon.social"
		ok = false
	default:
		ok = fits || said
	}
	if ok || j.bracket {
		s.take(span{user.from, end}, name, host, ok)
	}
}

func (s *scanner) take(w span, name, host string, sure bool) {
	a, ok := parse(strings.Trim(name, ".-"), host)
	if !ok || s.foreign(host) {
		return
	}
	c := candidate{form: AsSpelled, address: a, from: w.from, to: w.to}
	if f, ok := s.judge(c); ok {
		f.Sure = sure
		s.add(f, c.from, c.to)
		s.last = c.to
	}
}

// host reads a host at i, whose dots may be words or have white space beside
// them, and returns where it ends and whether any dot was a word.
func (s *scanner) host(i int) (host string, end int, words, ok bool) {
	for i < len(s.text) && isSpace(s.text[i]) {
		i++
	}
	var name strings.Builder
	for range 6 {
		from := i
		for i < len(s.text) && i-from < maxHost {
			r, size := decode(s.text[i:])
			if r != '.' && r != '-' && !(r < utf8.RuneSelf && isAlnum(r)) && (r < utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsMark(r)) {
				break
			}
			i += size
		}
		if i == from {
			break
		}
		name.WriteString(s.text[from:i])
		end = i
		next, word, found := s.dot(i, strings.Contains(strings.TrimRight(name.String(), "."), "."))
		if !found {
			break
		}
		name.WriteByte('.')
		words, i = words || word, next
	}
	host, ok = hostIn(strings.ReplaceAll(name.String(), "..", "."))
	return host, end, words, ok
}

// dot looks for a dot at i that is a word or, as long as the host has none,
// stands beside white space.
func (s *scanner) dot(i int, dotted bool) (next int, word, ok bool) {
	w := s.word(i)
	if i < len(s.text) && strings.IndexByte("([{<", s.text[i]) >= 0 || w.from < w.to && strings.IndexByte("([{<", s.text[w.from]) >= 0 {
		if end, inside := s.bracketed(w.from); dotWords[inside] {
			return s.word(end).from, true, true
		}
		return 0, false, false
	}
	if w.from == i { // no white space
		return 0, false, false
	}
	text := s.in(w)
	switch {
	case len(text) < 16 && dotWords[strings.ToLower(text)] && (text != "." || !dotted):
		return s.word(w.to).from, true, true
	case !dotted && len(text) > 1 && text[0] == '.':
		return w.from + 1, false, true
	case !dotted && s.text[i-1] == '.':
		return w.from, false, true
	}
	return 0, false, false
}

// inOrder sorts what was found by where it stands.
func (s *scanner) inOrder() []Found {
	slices.SortStableFunc(s.found, func(a, b placed) int { return a.at - b.at })
	out := make([]Found, len(s.found))
	for i, f := range s.found {
		out[i] = f.Found
	}
	return out
}
