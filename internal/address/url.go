package address

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"

	"github.com/skein-migrate/skein/internal/model"
)

// urlIn tells whether the token holds a URL and where it begins: at its scheme,
// or at a host that a path follows. A scheme other than http leaves nothing to
// look at before it either.
func urlIn(token string) (from int, ok bool) {
	if i := strings.Index(token, "://"); i >= 0 {
		scheme := strings.ToLower(token[:i])
		for _, http := range []string{"https", "http"} {
			if strings.HasSuffix(scheme, http) {
				if strings.HasPrefix(token[i+3:], "@") {
					return 0, false // https://@user@host, as some write it
				}
				return i - len(http), true
			}
		}
		return 0, true
	}
	for i := 0; i < len(token); i++ {
		switch token[i] {
		case '@':
			return 0, false
		case '/':
			from := i
			for from > 0 && i-from < maxHost && (isAlnum(rune(token[from-1])) || token[from-1] == '.' || token[from-1] == '-') {
				from--
			}
			if _, ok := Host(token[from:i]); ok {
				return from, true
			}
		}
	}
	return 0, false
}

// FromURL returns the account whose profile, or whose post, a URL shows. The
// scheme may be missing.
func FromURL(raw string) (Found, bool) { return fromURL(raw, nil) }

func fromURL(raw string, known map[string]bool) (Found, bool) {
	clean, _ := visible(strings.TrimSpace(raw), false)
	if len(clean) > 2000 || strings.ContainsAny(clean, " \n\t") {
		return Found{}, false
	}
	if !strings.Contains(clean, "://") {
		clean = "https://" + clean
	}
	u, err := url.Parse(strings.TrimRight(clean, ".,:;!?"))
	if err != nil || u.User != nil || u.Port() != "" && (u.Port() != "443" || u.Scheme != "https") || u.Scheme != "https" && u.Scheme != "http" {
		return Found{}, false
	}
	host, ok := Host(strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."))
	if !ok || !known[host] && isForeign(host) {
		return Found{}, false
	}
	if home := addressHosts[host]; home != "" {
		host = home
	}
	a, ok := account(host, segments(u.Path), known[host])
	f := Found{Address: a, Form: AsURL, Text: head(clean, maxLine), Sure: true}
	switch model.MirrorOf(a.Host) {
	case model.MirrorCopy:
		f.Role = Mirror
	case model.MirrorBridge:
		f.Role = Bridge
	}
	return f, ok
}

func segments(path string) []string {
	var out []string
	for part := range strings.SplitSeq(path, "/") {
		if part != "" {
			out = append(out, part)
		}
		if len(out) > 6 {
			return out
		}
	}
	return out
}

// reserved are words that stand where a user name would.
var reserved = set(`sign_in sign_up login logout register password settings search about me new edit explore
	discover home public local tags i site`)

// account reads the path of a profile's URL. Known says that the host is on the
// fediverse even if its name does not.
func account(host string, path []string, known bool) (model.Address, bool) {
	if (host == "elk.zone" || host == "main.elk.zone") && len(path) > 1 && !strings.HasPrefix(path[0], "@") {
		inner, ok := Host(path[0]) // a reader: /host/@user
		if !ok || isForeign(inner) {
			return model.Address{}, false
		}
		host, path = inner, path[1:]
	}
	if len(path) > 1 && (path[0] == "web" || path[0] == "deck") && strings.HasPrefix(path[1], "@") {
		path = path[1:]
	}
	switch {
	case len(path) == 0:
		return model.Address{}, false
	case strings.HasPrefix(path[0], "@"):
		if !known && !looksFediverse(host) && isStory(path[1:]) {
			return model.Address{}, false
		}
		return named(host, path[0][1:])
	case len(path) == 1:
		if strings.HasPrefix(host, "pixelfed.") && !reserved[path[0]] {
			return named(host, path[0])
		}
		return model.Address{}, false
	}
	if !isProfile(host, path, known) || reserved[path[1]] || strings.Trim(path[1], "0123456789") == "" {
		return model.Address{}, false
	}
	return named(host, path[1])
}

// isStory tells whether the path behind /@user is that of a story on Medium, which
// many sites are under names of their own: words and twelve hexadecimal digits.
func isStory(path []string) bool {
	if len(path) != 1 {
		return false
	}
	i := strings.LastIndexByte(path[0], '-')
	return i > 0 && len(path[0]) == i+13 && strings.Trim(path[0][i+1:], "0123456789abcdef") == ""
}

// isProfile tells whether a path of at least two parts, the second a user name,
// is one that fediverse software uses. Where others use it too, the host decides.
func isProfile(host string, path []string, known bool) bool {
	known = known || looksFediverse(host)
	switch path[0] {
	case "users", "profile": // Mastodon, Pleroma; Friendica
		return known || !otherPlaces[host]
	case "u": // Pleroma, Lemmy, Mbin; forums too
		first, _, _ := strings.Cut(host, ".")
		return known || !otherPlaces[host] && !forumLabels[first]
	case "user": // BookWyrm
		return known
	case "p": // Pixelfed: /p/user/number
		return known && len(path) > 2 && strings.Trim(path[2], "0123456789") == ""
	case "author": // WordPress
		return known || !otherPlaces[host] && !isPublication(host)
	case "channel": // Hubzilla; of video services, ids that begin so
		return !strings.HasPrefix(path[1], "UC") || len(path[1]) != 24
	case "c": // PeerTube; elsewhere categories, courses, communities
		return looksVideo(host) && !strings.Contains(host, "lemmy")
	case "a", "accounts", "video-channels": // PeerTube
		return known || looksVideo(host)
	}
	return false
}

// isPublication tells whether the authors of a site are a newsroom's, by its
// name. Few of them are on the fediverse by their site.
func isPublication(host string) bool {
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return false
	}
	brand, _, _ := strings.Cut(site, ".")
	return publications[brand] || slices.ContainsFunc(publicationParts, func(part string) bool { return strings.Contains(brand, part) })
}

// named reads user, or user@host where a server shows an account of another.
func named(host, segment string) (model.Address, bool) {
	user, other, remote := strings.Cut(segment, "@")
	if remote {
		var ok bool
		if host, ok = hostIn(other); !ok || isForeign(host) {
			return model.Address{}, false
		}
	} else {
		end := 0
		for end < len(user) && isUser(user[end]) {
			end++
		}
		if end < len(user) { // text glued on in another script, as behind a host
			if r, _ := decode(user[end:]); r < utf8.RuneSelf || splitsWord(r) {
				return model.Address{}, false
			}
		}
		user = user[:end]
		for _, format := range []string{".rss", ".atom", ".json"} { // the profile as a feed
			user = strings.TrimSuffix(user, format)
		}
	}
	return parse(strings.Trim(user, ".-"), host)
}
