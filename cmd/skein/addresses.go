package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/model"
)

type addressesCommand struct {
	JSON       bool   `name:"json" help:"Print a JSON line for each profile, with those that name no address."`
	KnownHosts string `name:"known-hosts" help:"A file of hosts, one a line, that are known to be on the fediverse." placeholder:"FILE"`
}

// longestProfile is what one line of the input may hold, in bytes.
const longestProfile = 1 << 20

// profileLine is a line of the input. Of what scripts hand over, urls and pinned
// come as one text, as several, or as objects with a text in them.
type profileLine struct {
	ID       json.RawMessage `json:"id"`
	Name     string          `json:"name"`
	Bio      string          `json:"bio"`
	Location string          `json:"location"`
	URLs     texts           `json:"urls"`
	Pinned   texts           `json:"pinned"`
}

// foundLine is a line of the output; the id comes back as it was written.
type foundLine struct {
	ID    json.RawMessage `json:"id"`
	Found []foundAddress  `json:"found"`
}

type foundAddress struct {
	Address model.Address `json:"address"`
	Form    address.Form  `json:"form"`
	Role    address.Role  `json:"role,omitempty"`
}

// Run reads profiles as JSON lines from standard input and prints the addresses
// that they name. It asks nobody.
func (c addressesCommand) Run(ctx context.Context) error {
	known, err := readHosts(c.KnownHosts)
	if err != nil {
		return err
	}
	return c.read(ctx, os.Stdin, os.Stdout, os.Stderr, known)
}

func (c addressesCommand) read(ctx context.Context, in io.Reader, out, problems io.Writer, known map[string]bool) error {
	lines, buffered := bufio.NewReaderSize(in, 64<<10), bufio.NewWriter(out)
	broken, number := 0, 0
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := cappedLine(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		number++
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var p profileLine
		if err == nil {
			p, err = readProfile(line)
		}
		if err != nil && !errors.Is(err, model.ErrInvalid) {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if err != nil {
			broken++
			fmt.Fprintf(problems, "skein: line %d: %s\n", number, oneLine(err))
			continue
		}
		if err := c.print(buffered, p, known); err != nil {
			return err
		}
		if lines.Buffered() == 0 { // whoever writes line by line reads line by line
			if err := buffered.Flush(); err != nil {
				return err
			}
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d lines could not be read", broken, number)
	}
	return nil
}

func (c addressesCommand) print(out io.Writer, p profileLine, known map[string]bool) error {
	line := foundLine{ID: p.ID, Found: []foundAddress{}}
	for _, f := range (address.Profile{Name: p.Name, Bio: p.Bio, Location: p.Location, URLs: p.URLs, Pinned: p.Pinned}).Likely(known) {
		line.Found = append(line.Found, foundAddress{f.Address, f.Form, f.Role})
	}
	if c.JSON {
		text := json.NewEncoder(out)
		text.SetEscapeHTML(false)
		return text.Encode(line)
	}
	for _, f := range line.Found {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", bytes.Trim(p.ID, `"`), f.Address, f.Form, f.Role); err != nil {
			return err
		}
	}
	return nil
}

func readProfile(line []byte) (profileLine, error) {
	var p profileLine
	if line = bytes.TrimPrefix(line, []byte("\ufeff")); !bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) {
		return p, fmt.Errorf("not a JSON object: %w", model.ErrInvalid)
	}
	if err := json.Unmarshal(line, &p); err != nil {
		return p, fmt.Errorf("%v: %w", err, model.ErrInvalid)
	}
	if len(p.ID) == 0 {
		p.ID = json.RawMessage("null")
	}
	return p, nil
}

// cappedLine returns the next line, without its end. One that is too long is
// passed over and reported.
func cappedLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(line)+len(part) > longestProfile; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(line) > 0 || long), err == nil:
			if long {
				return nil, fmt.Errorf("longer than %d bytes: %w", longestProfile, model.ErrInvalid)
			}
			return bytes.TrimRight(line, "\r\n"), nil
		default:
			return nil, err
		}
	}
}

// texts is a text, a list of texts, or a list of objects that hold one.
type texts []string

// UnmarshalJSON takes what it understands and passes over the rest.
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		if one != "" {
			*t = append(*t, one)
		}
		return nil
	}
	var many []json.RawMessage
	if json.Unmarshal(b, &many) == nil {
		for _, raw := range many {
			if err := t.UnmarshalJSON(raw); err != nil {
				return err
			}
		}
		return nil
	}
	var object struct {
		Text     string `json:"text"`
		FullText string `json:"full_text"`
		Expanded string `json:"expanded_url"`
		URL      string `json:"url"`
	}
	if json.Unmarshal(b, &object) != nil {
		return nil
	}
	for _, text := range []string{object.FullText, object.Text, object.Expanded, object.URL} {
		if text != "" {
			*t = append(*t, text)
			break
		}
	}
	return nil
}

// readHosts reads one host a line, in any script and case, with or without
// https://. Empty lines and those that begin with # are passed over.
func readHosts(name string) (map[string]bool, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("known hosts: %w", err)
	}
	defer f.Close()
	hosts := map[string]bool{}
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		text = strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://")
		host, ok := address.Host(strings.TrimRight(text, "/."))
		if !ok {
			fmt.Fprintf(os.Stderr, "skein: %s: line %d is not the name of a host\n", name, number)
			continue
		}
		hosts[host] = true
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("known hosts: %w", err)
	}
	return hosts, nil
}
