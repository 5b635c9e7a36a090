package directory

import (
	"strings"

	"github.com/skein-migrate/skein/internal/address"
	"github.com/skein-migrate/skein/internal/model"
)

// FromProfile returns what a fediverse profile says of a Person: that it names
// the handle; else that it names another one (tie other, which speaks against);
// and if it does not name the handle, whether user name or name are the same.
func FromProfile(p model.Person, profile model.Profile) []model.Evidence {
	if profile.Existence != model.Exists || profile.Address == (model.Address{}) {
		return nil
	}
	say := func(tie model.Tie, text string) model.Evidence {
		return model.Evidence{
			Address: profile.Address, Source: SourceProfile, Side: model.FediverseSide, Tie: tie, Text: cut(text, 500), At: profile.FetchedAt,
		}
	}
	var named, other, same []model.Evidence
	for _, text := range texts(profile) {
		for _, handle := range address.TwitterHandles(text) {
			if strings.EqualFold(handle, p.Handle.Name) {
				named = append(named, say(model.TieHandle, lineWith(text, handle)))
			} else {
				other = append(other, say(model.TieOther, lineWith(text, handle)))
			}
		}
	}
	if len(named) > 0 {
		return named
	}
	if p.Handle.Name != "" && strings.EqualFold(profile.Address.User, p.Handle.Name) {
		same = append(same, say(model.TieName, "The same user name: @"+profile.Address.User))
	}
	if telling(p.Name) && strings.EqualFold(plainName(p.Name), plainName(profile.DisplayName)) {
		same = append(same, say(model.TieName, "The same name: "+plainName(profile.DisplayName)))
	}
	if p.Handle.Name == "" {
		return same // without a handle no other one contradicts
	}
	return append(other, same...)
}

// texts returns what the account holder wrote. A field is a label and a value.
func texts(profile model.Profile) []string {
	all := []string{profile.DisplayName, profile.Note}
	for _, f := range profile.Fields {
		all = append(all, f.Name+": "+f.Value)
	}
	return all
}

// lineWith returns the first line of text that holds the handle.
func lineWith(text, handle string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(handle)) {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(text)
}

// telling tells whether a name is long enough to mean something.
func telling(name string) bool {
	name = plainName(name)
	return strings.Contains(name, " ") && len(name) >= 5 || len([]rune(name)) >= 8
}

// plainName leaves out what stands around a name: emoji and doubled spaces.
func plainName(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool {
		return r == ' ' || r >= 0x2600 && r < 0x2800 || r >= 0x1f000 && r < 0x20000 || r == 0xfe0f
	}), " ")
}
