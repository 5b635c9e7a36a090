package importer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// readLog reads a HAR 1.2 file: {"log":{"entries":[{"request":{"url":…},
// "response":{"content":{"text":…,"encoding":"base64"}}},…]}}. What it holds
// besides (cookies, headers, what was posted) is passed over.
func (p *pages) readLog(r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: maxLog}
	d := jsontext.NewDecoder(&shortener{r: limited, most: maxBody}, decodeOptions)
	found := false
	err := members(d, func(key string) error {
		if key != "log" {
			return d.SkipValue()
		}
		return members(d, func(key string) error {
			if key != "entries" {
				return d.SkipValue()
			}
			found = found || d.PeekKind() == '['
			return items(d, func() error { return p.readEntry(d) })
		})
	})
	var refused inputError
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &refused):
		return refused
	case limited.N == 0:
		return inputError("this network log has more than 4 GB, which is the most that is read")
	case errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errNoLog):
		p.cut = true
	case err != nil:
		return err
	}
	if !found {
		return errNoPages
	}
	return nil
}

// logEntry is what counts of one request and its answer.
type logEntry struct {
	method, url, encoding string
	text                  []byte // of the answer
}

// readEntry reads one entry. Its keys may come in any order, so the text of the
// answer is kept until the entry is over, unless its address says before that it
// does not matter.
func (p *pages) readEntry(d *jsontext.Decoder) error {
	var e logEntry
	err := members(d, func(key string) error {
		switch key {
		case "request":
			return members(d, func(key string) (err error) {
				switch key {
				case "url":
					e.url, err = scalar(d)
				case "method":
					e.method, err = scalar(d)
				default:
					err = d.SkipValue()
				}
				return err
			})
		case "response":
			return members(d, func(key string) error {
				if key != "content" {
					return d.SkipValue()
				}
				return e.readContent(d)
			})
		}
		return d.SkipValue()
	})
	if err != nil {
		return err
	}
	p.entries++
	path, ours := pathOnX(e.url)
	if !ours || e.method == "OPTIONS" {
		return nil
	}
	p.ours++
	return p.readAnswer(relationOf(path), e)
}

func (e *logEntry) readContent(d *jsontext.Decoder) error {
	_, ours := pathOnX(e.url)
	return members(d, func(key string) (err error) {
		switch {
		case key == "text" && d.PeekKind() == '"' && (ours || e.url == ""):
			var quoted jsontext.Value
			if quoted, err = d.ReadValue(); err == nil {
				e.text, err = jsontext.AppendUnquote(e.text[:0], quoted)
				if err != nil && len(e.text) > 0 {
					err = nil // half of a surrogate pair: replaced
				}
			}
		case key == "encoding":
			e.encoding, err = scalar(d)
		default:
			err = d.SkipValue()
		}
		return err
	})
}

// readAnswer takes the users out of one answer. What comes before a fault in it
// counts.
func (p *pages) readAnswer(said relationBits, e logEntry) error {
	text, err := e.text, error(nil)
	switch e.encoding {
	case "":
	case "base64":
		text, err = base64.RawStdEncoding.AppendDecode(nil, bytes.TrimRight(text, "=\r\n"))
	default:
		err = errors.New("unknown encoding")
	}
	if said != 0 && err == nil && len(bytes.TrimSpace(text)) == 0 {
		p.empty++
		return nil
	}
	var found []foundUser
	if err == nil {
		found, err = findUsers(text)
	}
	if err != nil && said != 0 {
		p.unread++
	}
	for _, f := range found {
		if !f.inside {
			f.listed |= said
		}
		if err := p.add(f.user); err != nil {
			return err
		}
	}
	return nil
}

// onX is an address of X or Twitter; group 1 is the path.
var onX = regexp.MustCompile(`^(?i:https://(?:[a-z0-9-]+\.)*(?:x|twitter)\.com(?::443)?)(/[^?#]*)`)

func pathOnX(url string) (path string, ok bool) {
	m := onX.FindStringSubmatch(url)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// relationOf tells of which list the answer at that path is a part: of X's own
// API by the last part (/i/api/graphql/<hash>/Following), of the older one by two.
func relationOf(path string) relationBits {
	path = strings.TrimSuffix(path, "/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case strings.Contains(path, "/graphql/"):
		switch {
		case name == "Following":
			return following
		case name == "Followers" || name == "BlueVerifiedFollowers":
			return follower
		case strings.HasPrefix(name, "BlockedAccounts"):
			return blocking
		case strings.HasPrefix(name, "MutedAccounts"):
			return muting
		}
	case strings.HasSuffix(path, "/friends/list.json"):
		return following
	case strings.HasSuffix(path, "/followers/list.json"):
		return follower
	case strings.HasSuffix(path, "/blocks/list.json"):
		return blocking
	case strings.HasSuffix(path, "/mutes/users/list.json"):
		return muting
	}
	return 0
}

// members calls take with each key of the object that d stands before; take
// reads the value. Anything but an object is passed over.
func members(d *jsontext.Decoder, take func(key string) error) error {
	if d.PeekKind() != '{' {
		return d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := take(key.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// items calls take for each item of the array that d stands before.
func items(d *jsontext.Decoder, take func() error) error {
	if d.PeekKind() != '[' {
		return d.SkipValue()
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := take(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}
