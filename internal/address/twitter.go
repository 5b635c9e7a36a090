package address

import (
	"regexp"
	"strings"
)

// Go's regular expressions take linear time. A bare X counts in upper case only.
var (
	twitterURL = regexp.MustCompile(`(?i)(?:^|[^a-z0-9._@-])(?:https?://)?(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?:#!/)?@?([a-z0-9_]{1,20})`)
	intentURL  = regexp.MustCompile(`(?i)(?:twitter|x)\.com/intent/(?:user|follow)\?(?:[a-z0-9_=%-]*&)*screen_name=([a-z0-9_]{1,20})`)
	mention    = regexp.MustCompile(`(?i)@([a-z0-9_]{1,20})`)
	label      = regexp.MustCompile(`(?im)^[^a-z0-9@\n]{0,8}(?:(?:ex-?|former(?:ly)? )?twitter(?:\s*/\s*x)?|birdsite|(?-i:X)(?:\s*[/(]\s*twitter\)?)?)(?: (?:handle|account|name))?\s*[:=]\s*([a-z0-9_]{1,20})[ \t]*\r?$`)

	// What may stand behind @name: "on Twitter", "(Twitter)".
	behind = regexp.MustCompile(`(?i)^[\s,]{0,3}(?:(?:here and |also |over |still )?(?:on|at|auf|bei|sur|en|em|op|på|su|via)\s+(?:the\s+|le\s+)?|[(\[]\s*(?:on |the )?)(?:twitter|bird ?site|(?-i:X)\b|𝕏|🐦)`)
	// What may stand before it: "Twitter: ", "X (formerly Twitter) @".
	ahead = regexp.MustCompile(`(?i)(?:(?:twitter(?:\s*[/(]\s*x\)?)?|tweet(?:s|ing|ed)? (?:as|at|from)|bird ?site|🐦|𝕏)\)?(?:\s+(?:handle|account|name|was|is|as|at))?\s*[:=>→|–—-]{0,3}\s*\(?|(?:^|[\s(|/])(?-i:X)\s*[:=]\s*)$`)
)

// Paths of Twitter's that are no handle, and pages below a handle that are still
// about it. A status is a text, perhaps by somebody else.
var (
	twitterPaths = set(`home intent search i hashtag share explore notifications messages settings login logout signup
		tos privacy about compose account who_to_follow widgets download jobs oauth statuses status following followers
		lists bookmarks communities`)
	handlePages = set(`with_replies media likes highlights followers following`)
	noHandles   = set(`no none never nope not deleted gone left quit dead rip na suspended banned inactive former ex closed
		locked private yes here twitter x http https www`)
)

// TwitterHandles returns the handles that a fediverse profile's text names as
// Twitter accounts, in the order of the text, each once, as written. Whether one
// is the account holder's own, the text can't tell.
func TwitterHandles(text string) []string {
	clean, _ := visible(text, false)
	var found []string
	seen := map[string]bool{}
	add := func(name string) {
		key := strings.ToLower(name)
		if !twitterPaths[key] && !seen[key] && len(found) < maxFound {
			seen[key] = true
			found = append(found, name)
		}
	}
	for _, m := range twitterURL.FindAllStringSubmatchIndex(clean, -1) {
		if isHandlePage(clean[m[3]:]) {
			add(clean[m[2]:m[3]])
		}
	}
	for _, m := range intentURL.FindAllStringSubmatch(clean, -1) {
		add(m[1])
	}
	for _, m := range mention.FindAllStringSubmatchIndex(clean, -1) {
		if saidOfTwitter(clean, m[0], m[1]) {
			add(clean[m[2]:m[3]])
		}
	}
	for _, m := range label.FindAllStringSubmatch(clean, -1) {
		if !noHandles[strings.ToLower(m[1])] {
			add(m[1])
		}
	}
	return found
}

// isHandlePage looks at what follows a handle in a URL.
func isHandlePage(rest string) bool {
	if rest == "" {
		return true
	}
	switch c := rest[0]; {
	case c == '-' || c == '_' || isAlnum(rune(c)):
		return false
	case c == '.':
		return len(rest) == 1 || !isAlnum(rune(rest[1]))
	case c == '/':
		end := 1
		for end < len(rest) && end < 30 && isUser(rest[end]) {
			end++
		}
		page := strings.ToLower(strings.TrimRight(rest[1:end], "."))
		return page == "" || handlePages[page]
	}
	return true
}

// saidOfTwitter tells whether the words around @name, text[start:end], say that
// it is a Twitter handle. "@name@twitter.com" is how some write one.
func saidOfTwitter(text string, start, end int) bool {
	if start > 0 {
		if c := text[start-1]; c == '@' || c == '/' || isUser(c) && c != '-' {
			return false
		}
	}
	rest := head(text[end:], 40)
	switch {
	case strings.HasPrefix(rest, "@"):
		host := rest[1:]
		n := 0
		for n < len(host) && isUser(host[n]) {
			n++
		}
		host = strings.ToLower(strings.TrimRight(host[:n], ".-_"))
		return host == "twitter.com" || host == "x.com" || host == "twitter"
	case len(rest) > 1 && rest[0] == '.' && isAlnum(rune(rest[1])), len(rest) > 0 && isAlnum(rune(rest[0])):
		return false
	}
	return behind.MatchString(rest) || ahead.MatchString(tail(text[:start], 40))
}
