package fedisim

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strings"
	"time"
)

// importDelay is how long GoToSocial takes before an import shows.
const importDelay = time.Second

// importCSV is GoToSocial's POST /api/v1/import: accepted at once, done a
// moment later, and nobody is told what was dropped. An empty file of mutes
// makes the real handler panic, so that there is no answer at all.
func importCSV(c *call) reply {
	kind, mode, f := c.form.Get("type"), c.form.Get("mode"), c.files["data"]
	or(&mode, "merge")
	if kind != "following" && kind != "blocks" && kind != "mutes" || mode != "merge" && mode != "overwrite" {
		return c.fail(http.StatusBadRequest, "type not recognized, or mode")
	}
	if f == nil || f.size > int64(len(f.kept)) {
		return c.fail(http.StatusBadRequest, "no data, or too much")
	}
	if f.size == 0 && kind == "mutes" {
		return reply{cut: true}
	}
	rows, err := csv.NewReader(bytes.NewReader(f.kept)).ReadAll()
	if err != nil { // rows of unequal length, too
		return c.fail(http.StatusBadRequest, "error parsing CSV")
	}
	c.v.sim.later(c.now.Add(importDelay), func() func() {
		c.imported(kind, mode == "overwrite", rows)
		return nil
	})
	return c.json(http.StatusAccepted, map[string]string{"status": "accepted"})
}

func (c *call) imported(kind string, overwrite bool, rows [][]string) {
	done, named := 0, map[*Account]bool{}
	for _, row := range rows {
		a := c.imports(kind, row)
		if a == nil || a == c.self {
			continue
		}
		named[a] = true
		done++
		switch kind {
		case "following":
			if c.self.tie(a) == nil {
				c.v.follow(c.self, a)
			}
		case "blocks":
			c.block(a)
		case "mutes":
			c.mute(a, len(row) > 1 && row[1] == "true")
		}
	}
	if overwrite {
		c.dropRest(kind, named)
	}
	c.log(Effect{Kind: Imported, Detail: kind, Media: done})
}

// imports returns the account of a row, or nil where GoToSocial drops the row
// without a word: a header, a URL, an empty or odd cell, too many columns, a
// name that nobody has.
func (c *call) imports(kind string, row []string) *Account {
	most := map[string]int{"following": 4, "blocks": 1, "mutes": 2}[kind]
	if len(row) == 0 || len(row) > most {
		return nil
	}
	for i, cell := range row[1:] {
		if i < 2 && cell != "true" && cell != "false" {
			return nil
		}
	}
	user, host, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(row[0], "\ufeff"), "@"), "@")
	if !ok {
		return nil
	}
	return c.v.find(user, host)
}

func (c *call) dropRest(kind string, named map[*Account]bool) {
	switch kind {
	case "following":
		for _, f := range append([]*follow(nil), c.self.following...) {
			if !named[f.to] {
				f.cutOff()
				c.log(Effect{Kind: Unfollowed, Target: f.to.Address()})
			}
		}
	case "blocks":
		for a := range c.self.blocking {
			if !named[a] {
				delete(c.self.blocking, a)
				c.log(Effect{Kind: Unblocked, Target: a.Address()})
			}
		}
	case "mutes":
		for a := range c.self.muting {
			if !named[a] {
				delete(c.self.muting, a)
				c.log(Effect{Kind: Unmuted, Target: a.Address()})
			}
		}
	}
}
