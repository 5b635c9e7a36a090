package plan

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

// Names by which Mastodon guesses what a file holds.
const (
	FollowingFile = "following_accounts.csv"
	BlocksFile    = "blocked_accounts.csv"
	MutesFile     = "muted_accounts.csv"
)

// UnresolvedFile is for people, not for a server.
const UnresolvedFile = "unresolved_people.csv"

// FollowingCSV writes Mastodon's file of followed accounts: chosen ones that
// were found to exist, closest people first; with claimed, undecided claims
// too; never a Guess. Boolean cells are filled, since GoToSocial drops rows
// without, and the header is written always: an empty file makes it panic.
func FollowingCSV(w io.Writer, matches []match.Match, people map[string]model.Person, claimed bool) error {
	rows := [][]string{{"Account address", "Show boosts", "Notify on new posts", "Languages"}}
	for _, a := range addresses(matches, people, model.Following, claimed) {
		rows = append(rows, []string{a, "true", "false", ""})
	}
	return write(w, FollowingFile, rows)
}

// BlocksCSV writes Mastodon's file of blocked accounts, one column.
func BlocksCSV(w io.Writer, matches []match.Match, people map[string]model.Person) error {
	rows := [][]string{{"Account address"}}
	for _, a := range addresses(matches, people, model.Blocking, false) {
		rows = append(rows, []string{a})
	}
	return write(w, BlocksFile, rows)
}

// MutesCSV writes Mastodon's file of muted accounts.
func MutesCSV(w io.Writer, matches []match.Match, people map[string]model.Person) error {
	rows := [][]string{{"Account address", "Hide notifications"}}
	for _, a := range addresses(matches, people, model.Muting, false) {
		rows = append(rows, []string{a, "true"})
	}
	return write(w, MutesFile, rows)
}

// UnresolvedCSV writes those of whom no address is known, row by row as they
// come, each with a link to look at.
func UnresolvedCSV(w io.Writer, people iter.Seq2[model.Person, error]) error {
	out := csv.NewWriter(w)
	row := []string{"Twitter id", "Handle", "Name", "Link", "Relations", "Replies and mentions"}
	if err := out.Write(row); err != nil {
		return fmt.Errorf("write %s: %w", UnresolvedFile, err)
	}
	for p, err := range people {
		if err != nil {
			return err
		}
		relations := make([]string, len(p.Relations))
		for i, r := range p.Relations {
			relations[i] = string(r)
		}
		row = []string{p.TwitterID, p.Handle.Name, p.Name, TwitterURL(p), strings.Join(relations, " "), strconv.Itoa(p.Interactions)}
		for i := range row {
			row[i] = Defuse(row[i])
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("write %s: %w", UnresolvedFile, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write %s: %w", UnresolvedFile, err)
	}
	return nil
}

// TwitterURL is where the Person's Twitter profile is: by handle, since that is
// what people know, else by id.
func TwitterURL(p model.Person) string {
	if p.Handle.Name != "" {
		return "https://x.com/" + url.PathEscape(p.Handle.Name)
	}
	return "https://x.com/i/user/" + url.PathEscape(p.TwitterID)
}

// addresses returns each chosen address in the relation once. Whoever is
// blocked is in no other file.
func addresses(matches []match.Match, people map[string]model.Person, relation model.Relation, claimed bool) []string {
	blocked := map[string]bool{}
	if relation == model.Following {
		for _, a := range addresses(matches, people, model.Blocking, false) {
			blocked[strings.ToLower(a)] = true
		}
	}
	chosen, _ := choose(matches, people, relation, claimed)
	var list []string
	seen := map[string]bool{}
	for _, c := range chosen {
		if relation == model.Following && slices.Contains(c.person.Relations, model.Blocking) {
			continue
		}
		if key := c.address.Key(); !seen[key] && !blocked[key] {
			seen[key] = true
			list = append(list, c.address.String())
		}
	}
	return list
}

func write(w io.Writer, name string, rows [][]string) error {
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i := range row {
			row[i] = Defuse(row[i])
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// Defuse returns a cell that no spreadsheet takes for a formula, nor any part of
// it where a semicolon divides cells. Full-width signs begin one too. Addresses
// pass as they are: none begins with such a character.
func Defuse(cell string) string {
	if !strings.ContainsAny(cell, formulaSigns) {
		return cell
	}
	parts := strings.Split(cell, ";")
	for i, part := range parts {
		if first, _ := utf8.DecodeRuneInString(part); part != "" && strings.ContainsRune(formulaSigns, first) {
			parts[i] = "'" + part
		}
	}
	return strings.Join(parts, ";")
}

const formulaSigns = "=+-@\t\r\n＝＋－＠"
