package compose

import (
	"regexp"
	"strings"
)

// languages maps Twitter's codes that are not what servers expect: old names,
// and pseudo codes for "could not be told", which become nothing.
var languages = map[string]string{
	"in": "id", "iw": "he", "ji": "yi",
	"und": "", "qme": "", "qam": "", "qht": "", "qct": "", "qst": "", "zxx": "", "art": "",
}

var languageTag = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// language returns the BCP 47 tag for Twitter's code, or "" if there is none.
func language(lang string) string {
	if mapped, ok := languages[strings.ToLower(lang)]; ok {
		return mapped
	}
	if !languageTag.MatchString(lang) {
		return ""
	}
	return lang
}
