package importer

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readOwner reads account.js: three fields, whatever else it holds.
func (r *reader) readOwner(e entry) error {
	return r.each(e, func(item []byte) error {
		var it struct {
			Account struct {
				ID     string `json:"accountId"`
				Handle string `json:"username"`
				Name   string `json:"accountDisplayName"`
			} `json:"account"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		o := &r.sum.Owner
		o.ID, o.Handle, o.Name = first(twitterID(it.Account.ID), o.ID), first(handle(it.Account.Handle), o.Handle), first(it.Account.Name, o.Name)
		return nil
	})
}

func (r *reader) readProfile(e entry) error {
	return r.each(e, func(item []byte) error {
		var it struct {
			Profile struct {
				Description struct {
					Bio      string `json:"bio"`
					Website  string `json:"website"`
					Location string `json:"location"`
				} `json:"description"`
			} `json:"profile"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		d := it.Profile.Description
		r.sum.Owner.Bio, r.sum.Owner.Website, r.sum.Owner.Location = d.Bio, d.Website, d.Location
		return nil
	})
}

// readManifest takes from the manifest the date, the owner in case that
// account.js is missing, and what should be there. It never decides what is
// opened: owners empty or delete files, and a manifest may lie.
func (r *reader) readManifest(e entry) error {
	return r.each(e, func(item []byte) error {
		var it struct {
			UserInfo struct {
				ID     string `json:"accountId"`
				Handle string `json:"userName"`
				Name   string `json:"displayName"`
			} `json:"userInfo"`
			ArchiveInfo struct {
				GenerationDate string `json:"generationDate"`
				Partial        bool   `json:"isPartialArchive"`
			} `json:"archiveInfo"`
			DataTypes map[string]struct {
				Files []struct {
					Name  string `json:"fileName"`
					Count string `json:"count"`
				} `json:"files"`
			} `json:"dataTypes"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		r.sum.Owner.ID, r.sum.Owner.Handle, r.sum.Owner.Name = twitterID(it.UserInfo.ID), handle(it.UserInfo.Handle), it.UserInfo.Name
		r.sum.ExportedAt = parseTime(it.ArchiveInfo.GenerationDate)
		if it.ArchiveInfo.Partial {
			r.warn.add(e.name, "X calls this archive partial: there may be others that belong to it")
		}
		out := &r.sum.LeftOut
		closed := map[string]*int{"communityTweet": &out.Community, "twitterCircleTweet": &out.Circle, "deletedTweets": &out.Deleted}
		for name, kind := range it.DataTypes {
			for _, f := range kind.Files {
				count, err := strconv.Atoi(f.Count)
				switch {
				case err != nil || count < 0:
				case closed[name] != nil:
					*closed[name] += count
				case Allowed(f.Name):
					r.promised[f.Name] = count
				}
			}
		}
		return nil
	})
}

// compareManifest warns of files that the manifest lists and the archive lacks
// or holds with another number of items.
func (r *reader) compareManifest() {
	for _, name := range slices.Sorted(maps.Keys(r.promised)) {
		want := r.promised[name]
		got, ok := r.items[name]
		switch base := path.Base(name); {
		case base == "account.js" || base == "profile.js" || base == "manifest.js":
		case !ok && want > 0 && !r.holds(name) && r.warn.per[name] == 0:
			r.warn.add(name, "the manifest lists this file with %d items, but the archive does not hold it", want)
		case ok && got != want:
			r.warn.add(name, "the manifest lists %d items, but there are %d", want, got)
		}
	}
}

func (r *reader) holds(name string) bool {
	return slices.ContainsFunc(r.a.files, func(e entry) bool { return e.name == name || "data/"+e.name == name })
}

// readProtected turns the moments in which the account was made private or
// public into periods.
func (r *reader) readProtected(e entry) error {
	type change struct {
		at      time.Time
		private bool
	}
	var changes []change
	err := r.each(e, func(item []byte) error {
		var it struct {
			ProtectedHistory struct {
				At     string `json:"protectedAt"`
				Action string `json:"action"`
			} `json:"protectedHistory"`
		}
		if err := decode(item, &it); err != nil {
			return err
		}
		c := change{parseTime(it.ProtectedHistory.At), strings.EqualFold(it.ProtectedHistory.Action, "protect")}
		if c.at.IsZero() {
			r.warn.add(e.name, "an entry has no time")
		} else if len(changes) < maxProtected {
			changes = append(changes, c)
		}
		return nil
	})
	slices.SortStableFunc(changes, func(x, y change) int { return x.at.Compare(y.at) })
	var open *Period
	for _, c := range changes {
		switch {
		case c.private && open == nil:
			open = &Period{From: c.at}
		case !c.private && open != nil:
			r.sum.ProtectedPeriods = append(r.sum.ProtectedPeriods, Period{From: open.From, To: c.at})
			open = nil
		case !c.private && len(r.sum.ProtectedPeriods) == 0: // private from the start
			r.sum.ProtectedPeriods = append(r.sum.ProtectedPeriods, Period{To: c.at})
		}
	}
	if open != nil {
		r.sum.ProtectedPeriods = append(r.sum.ProtectedPeriods, *open)
	}
	return err
}

const maxProtected = 10_000

// guessOwner takes the owner's handle from the links of the media that they
// posted themselves, where neither account.js nor the manifest names it.
func (r *reader) guessOwner() {
	o := &r.sum.Owner
	if o.Handle == "" && len(r.ownMedia) > 0 {
		o.Handle = slices.MaxFunc(slices.Sorted(maps.Keys(r.ownMedia)), func(x, y string) int {
			return cmp.Compare(r.ownMedia[x], r.ownMedia[y])
		})
	}
	if o.Handle != "" && o.ID == "" {
		o.ID = r.people.idOf(o.Handle)
	}
	if o.ID == "" {
		r.warn.add("data/account.js", "there is nothing in the archive that says whose it is")
	}
}

// idOf returns the id that replies and mentions give a handle, or "".
func (p *people) idOf(handle string) string {
	for id, row := range p.rows {
		if row.name > 0 && strings.EqualFold(p.names[row.name-1].handle().Name, handle) {
			return strconv.FormatUint(id, 10)
		}
	}
	return ""
}

// generation tells from layout, file names and date which of X's formats this
// is. G4 differs from G3 in the links of media alone.
func (r *reader) generation() string {
	at := r.sum.ExportedAt
	has := func(base string) bool {
		return slices.ContainsFunc(r.a.files, func(e entry) bool { return strings.HasPrefix(e.base(), base) })
	}
	plural := has("tweets.js") || has("tweets-part") || has("note-tweet") || r.tweetsMedia
	switch {
	case !plural && !has("tweet.js") && !has("tweet-part") && slices.ContainsFunc(r.a.files, func(e entry) bool { return monthFile.MatchString(e.name) }):
		return "G0"
	case !at.IsZero() && !at.Before(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)):
		return "G4"
	case !plural && has("tweet") && at.IsZero() && r.a.inRoot && !has("manifest"):
		return "G1"
	case plural && at.IsZero() && r.xLinks:
		return "G4"
	case plural || at.After(time.Date(2022, 7, 1, 0, 0, 0, 0, time.UTC)):
		return "G3"
	case has("tweet") || !at.IsZero():
		return "G2"
	}
	return ""
}
