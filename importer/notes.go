package importer

import (
	"errors"
	"fmt"
	"html"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/skein-migrate/skein/internal/model"
)

// noteItem is one item of note-tweet.js, the whole text of a long tweet.
type noteItem struct {
	NoteTweet struct {
		CreatedAt string `json:"createdAt"`
		Core      struct {
			Text     string `json:"text"`
			Mentions []struct {
				FromIndex  int    `json:"fromIndex"`
				ToIndex    int    `json:"toIndex"`
				ScreenName string `json:"screenName"`
			} `json:"mentions"`
			URLs []struct {
				FromIndex   int    `json:"fromIndex"`
				ToIndex     int    `json:"toIndex"`
				ExpandedURL string `json:"expandedUrl"`
				ShortURL    string `json:"shortUrl"`
			} `json:"urls"`
		} `json:"core"`
	} `json:"noteTweet"`
}

func (it *noteItem) note() *model.Note {
	n := &model.Note{Text: it.NoteTweet.Core.Text}
	for _, m := range it.NoteTweet.Core.Mentions {
		n.Mentions = append(n.Mentions, model.Mention{Handle: m.ScreenName, Start: m.FromIndex, End: m.ToIndex})
	}
	for _, u := range it.NoteTweet.Core.URLs {
		n.Links = append(n.Links, model.Link{Short: u.ShortURL, Expanded: u.ExpandedURL, Start: u.FromIndex, End: u.ToIndex})
	}
	fit(n.Text, n.Mentions, n.Links, nil)
	return n
}

// notes keeps the long texts until their tweets come. A note's id is no tweet's
// id; they belong together by time and text. Texts stay in memory up to
// notesInMemory and go to a file without a name beyond that.
type notes struct {
	at   map[int64][]*noteRef // by unix second
	buf  []byte
	file *os.File
	size int64
	n    int
}

type noteRef struct {
	offset int64
	length int
	joined bool
}

const notesInMemory = 8 << 20

func newNotes() *notes { return &notes{at: map[int64][]*noteRef{}} }

// add keeps one item of note-tweet.js.
func (ns *notes) add(item []byte) error {
	var it noteItem
	if err := decode(item, &it); err != nil {
		return err
	}
	at := parseTime(it.NoteTweet.CreatedAt)
	if at.IsZero() || it.NoteTweet.Core.Text == "" {
		return &badItem{errors.New("the long tweet has no text or no time")}
	}
	ref := &noteRef{offset: ns.size, length: len(item)}
	ns.buf = append(ns.buf, item...)
	ns.size += int64(len(item))
	ns.at[at.Unix()] = append(ns.at[at.Unix()], ref)
	ns.n++
	if len(ns.buf) > notesInMemory {
		return ns.spill()
	}
	return nil
}

// spill moves what is in memory to the file.
func (ns *notes) spill() error {
	if ns.file == nil {
		f, err := os.CreateTemp("", "skein-notes-")
		if err != nil {
			return fmt.Errorf("keep long tweets: %w", err)
		}
		ns.file = f
		if err := os.Remove(f.Name()); err != nil { // gone when we are, however we end
			return fmt.Errorf("keep long tweets: %w", err)
		}
	}
	if _, err := ns.file.Write(ns.buf); err != nil {
		return fmt.Errorf("keep long tweets: %w", err)
	}
	ns.buf = ns.buf[:0]
	return nil
}

func (ns *notes) close() error {
	if ns.file == nil {
		return nil
	}
	return ns.file.Close()
}

func (ns *notes) load(ref *noteRef) (*model.Note, error) {
	item := make([]byte, ref.length)
	if inMemory := ns.size - int64(len(ns.buf)); ref.offset >= inMemory {
		copy(item, ns.buf[ref.offset-inMemory:])
	} else if _, err := ns.file.ReadAt(item, ref.offset); err != nil {
		return nil, fmt.Errorf("read long tweets: %w", err)
	}
	var it noteItem
	if err := decode(item, &it); err != nil {
		return nil, err
	}
	return it.note(), nil
}

// join gives t the long text that belongs to it, and tells whether there was
// one: made in the same second (or the one before: a note is made some
// milliseconds before its tweet) and beginning as the tweet does. The second is
// that of the tweet's id or, should it differ, the stated one.
func (ns *notes) join(t *model.Tweet, stated time.Time) (joined bool, err error) {
	second := t.CreatedAt.Unix()
	for _, s := range []int64{second, second - 1, stated.Unix()} {
		for _, ref := range ns.at[s] {
			if ref.joined {
				continue
			}
			note, err := ns.load(ref)
			if err != nil {
				return false, err
			}
			if isWhole(t, note.Text) {
				ref.joined = true
				t.Note = note
				return true, nil
			}
		}
	}
	return false, nil
}

// leadingName is one of the names that a tweet begins with when it answers others.
var leadingName = regexp.MustCompile(`^[@＠]\w{1,20}\s+`)

// isWhole tells whether note is the whole text of t. An answer to others begins
// with their names in the tweet, which its note lacks unless they were typed: so
// they are taken away one by one.
func isWhole(t *model.Tweet, note string) bool {
	text := html.UnescapeString(t.Text)
	for {
		if beginsAs(text, note) {
			return true
		}
		name := leadingName.FindString(text)
		if name == "" || !t.IsReply() {
			return false
		}
		text = text[len(name):]
	}
}

var tailLinks = regexp.MustCompile(`(?:\s*https?://t\.co/\w+)+\s*$`)

// shortTweet is the number of characters from which on a tweet may be cut
// without a mark.
const shortTweet = 200

// beginsAs tells whether the tweet's text is how the note begins. It ends with …,
// with a link to its media or both; one without either is the note's whole text,
// unless it is long.
func beginsAs(text, note string) bool {
	cut := tailLinks.ReplaceAllString(text, "")
	marked := cut != text || strings.HasSuffix(cut, "…")
	cut = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(cut), "…"))
	note = strings.TrimSpace(note)
	if !marked && utf8.RuneCountInString(cut) < shortTweet {
		return cut != "" && cut == note
	}
	return cut != "" && strings.HasPrefix(note, cut) || strings.HasPrefix(note, strings.TrimSpace(text))
}
