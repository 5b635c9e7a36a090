package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// field is what a column holds.
type field int

const (
	noField field = iota
	idField
	handleField
	anyAccount // a handle, id or link, by the column's own look
	nameField
	bioField
	locationField
	urlField
)

// titles are what tools call their columns, lower case, letters and digits alone.
var titles = map[string]field{
	"id": idField, "idstr": idField, "userid": idField, "twitterid": idField, "accountid": idField, "twitteruserid": idField, "restid": idField,
	"handle": handleField, "username": handleField, "screenname": handleField, "twitter": handleField, "twitterhandle": handleField,
	"twitterusername": handleField, "account": anyAccount, "user": anyAccount, "login": handleField, "xhandle": handleField, "xusername": handleField,
	"profileurl": anyAccount, "userlink": anyAccount, "twitterurl": anyAccount, "profilelink": anyAccount, "profile": anyAccount,
	"name": nameField, "displayname": nameField, "fullname": nameField, "accountdisplayname": nameField,
	"bio": bioField, "description": bioField, "about": bioField, "note": bioField, "notes": bioField, "text": bioField, "mastodon": bioField, "fediverse": bioField,
	"location": locationField, "place": locationField,
	"url": urlField, "urls": urlField, "website": urlField, "link": urlField, "expandedurl": urlField, "homepage": urlField,
}

func fieldOf(title string) field {
	return titles[strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, title)]
}

// readText reads a table where the text looks like one, else line by line.
func (b *listBuilder) readText(text []byte, name string) error {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	comma := separator(text, name)
	if comma == 0 {
		return b.readLines(text)
	}
	return b.readTable(text, comma)
}

// separator returns what separates the columns of text, or 0 if it is no table.
func separator(text []byte, name string) rune {
	var head string
	_ = lines(text, func(_ int, line string) error { // only the first
		head = line
		return io.EOF
	})
	for _, c := range []rune{'\t', ',', ';'} {
		for _, title := range strings.Split(head, string(c)) {
			if f := fieldOf(title); f != noField && strings.ContainsRune(head, c) {
				return c
			}
		}
	}
	switch {
	case strings.HasSuffix(name, ".tsv"):
		return '\t'
	case strings.HasSuffix(name, ".csv") && strings.ContainsRune(head, ';') && !strings.ContainsRune(head, ','):
		return ';'
	case strings.HasSuffix(name, ".csv"), fieldOf(head) != noField:
		return ','
	}
	return 0
}

func (b *listBuilder) readTable(text []byte, comma rune) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = comma, true, -1, true
	var columns []field
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return inputError(fmt.Sprintf("this table cannot be read: %v", err))
		}
		line, _ := r.FieldPos(0)
		if columns == nil {
			columns = make([]field, len(record))
			for i, title := range record {
				columns[i] = fieldOf(title)
			}
			if slices.ContainsFunc(columns, func(f field) bool { return f != noField }) {
				continue
			}
		}
		if err := b.add(rowAccount(record, columns), line); err != nil {
			return err
		}
	}
}

// rowAccount reads the fields of one record. Columns that nothing is known of may name
// the account where no other does, and else are kept with the bio.
func rowAccount(record []string, columns []field) account {
	var a account
	var rest []string
	for i, text := range record {
		f := noField
		if i < len(columns) {
			f = columns[i]
		}
		if text = strings.TrimSpace(text); text != "" && !a.set(f, text) {
			rest = append(rest, text)
		}
	}
	if a.id == "" && a.handle == "" {
		rest = a.guess(rest)
	}
	for _, text := range rest {
		if isWebURL(text) {
			a.urls = append(a.urls, text)
		} else if strings.Contains(text, "@") {
			a.bio = strings.TrimSpace(a.bio + "\n" + text)
		}
	}
	return a
}

// set takes one field; false means that it says nothing by itself.
func (a *account) set(f field, text string) bool {
	switch f {
	case idField:
		id, _ := cell(text, false)
		a.id = first(a.id, id)
		return id != ""
	case handleField, anyAccount:
		id, name := cell(text, f == handleField)
		a.id, a.handle = first(a.id, id), first(a.handle, name)
		return id != "" || name != ""
	case nameField:
		a.name = text
	case bioField:
		a.bio = strings.TrimSpace(a.bio + "\n" + text)
	case locationField:
		a.location = text
	case urlField:
		a.urls = append(a.urls, strings.Fields(text)...)
	default:
		return false
	}
	return true
}

// guess looks for the account among fields without a title and returns the rest.
// A bare word counts only as the record's only field.
func (a *account) guess(fields []string) (rest []string) {
	for _, text := range fields {
		id, name := cell(text, false)
		sure := strings.HasPrefix(text, "@") || strings.Contains(text, "/") || len(fields) == 1
		switch {
		case id != "" && a.id == "":
			a.id = id
		case name != "" && a.handle == "" && sure:
			a.handle = name
		default:
			rest = append(rest, text)
		}
	}
	return rest
}

// readLines reads plain text: accounts alone, or accounts within sentences.
// Bare words are handles only where nothing in the text is marked as one.
func (b *listBuilder) readLines(text []byte) error {
	marked := atHandle.Match(text) || profileURL.Match(text)
	return lines(text, func(n int, line string) error {
		if line[0] == '#' {
			return nil
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' })
		if all := accountsOnly(words, marked); all != nil {
			for _, a := range all {
				if err := b.add(a, n); err != nil {
					return err
				}
			}
			return nil
		}
		a := account{bio: line}
		a.id, a.handle = fromProfileURL(line)
		if m := atHandle.FindStringSubmatch(line); m != nil {
			a.handle = first(a.handle, handle(m[1]))
		}
		return b.add(a, n)
	})
}

// accountsOnly reads words that are accounts, all of them, or returns nil.
func accountsOnly(words []string, marked bool) []account {
	var all []account
	for _, w := range words {
		id, name := cell(w, strings.HasPrefix(w, "@"))
		bare := name != "" && !strings.HasPrefix(w, "@") && !strings.Contains(w, "/")
		if id == "" && name == "" || bare && (marked || len(words) > 1 && !strings.ContainsAny(w, "_0123456789")) {
			return nil
		}
		all = append(all, account{id: id, handle: name})
	}
	return all
}
