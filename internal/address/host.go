package address

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"github.com/skein-migrate/skein/internal/model"
)

const maxHost = 253

// Host returns the ASCII, lower-case form of a host name in any script, and
// whether a server can be there: the name is valid, its ending is in the public
// suffix list, and it is more than that ending. Names under .example pass: the
// simulated servers live there, and nothing else can.
func Host(s string) (string, bool) {
	if s == "" || len(s) > 4*maxHost {
		return "", false
	}
	host := strings.ToLower(s)
	if !isASCII(s) || strings.Contains(host, "xn--") {
		var err error
		if host, err = idna.Lookup.ToASCII(s); err != nil {
			return "", false
		}
	}
	if !model.ValidHost(host) {
		return "", false
	}
	suffix, icann := publicsuffix.PublicSuffix(host)
	switch {
	case suffix == "example":
		return host, true
	case icann:
		return host, suffix != host
	}
	return host, strings.Contains(suffix, ".") // a private suffix, such as a blog host's; else no ending at all
}

// hostIn returns the host at the start of run, which may have text glued to its
// end: the next word in another script, or the next sentence after the dot.
func hostIn(run string) (string, bool) {
	for range 4 {
		run = strings.TrimRight(run, ".-")
		if host, ok := Host(run); ok {
			return host, true
		}
		dot := strings.LastIndexByte(run, '.')
		if dot < 0 {
			return "", false
		}
		label := run[dot+1:]
		foreign := strings.IndexFunc(label, func(r rune) bool { return r >= utf8.RuneSelf })
		switch {
		case foreign >= 0:
			if r, _ := decode(label[foreign:]); splitsWord(r) {
				return "", false
			}
			run = run[:dot+1+foreign]
		case label[0] >= 'A' && label[0] <= 'Z':
			run = run[:dot]
		case strings.IndexByte(label, '-') > 0: // an ending, as in "mastodon.social-on"
			run = run[:dot+1+strings.IndexByte(label, '-')]
		default:
			return "", false
		}
	}
	return "", false
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// isForeign tells whether the host belongs to a mail service or to a network
// that is not the fediverse.
func isForeign(host string) bool {
	if knownServers[host] {
		return false // some stand below the name of a mail service
	}
	for name := host; name != ""; {
		if notFediverse[name] {
			return true
		}
		_, rest, _ := strings.Cut(name, ".")
		name = rest
	}
	if label, _, _ := strings.Cut(host, "."); frontEnds[label] {
		return true
	}
	if host == "wordpress.com" {
		return true // its blogs are on the fediverse by their own names
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return false
	}
	brand, _, _ := strings.Cut(site, ".")
	return mailBrands[brand]
}

// looksFediverse tells whether the name of the host says what it is.
func looksFediverse(host string) bool {
	if knownServers[host] {
		return true
	}
	for label := range strings.SplitSeq(host, ".") {
		if fediverseLabels[label] || strings.HasSuffix(label, "odon") || strings.HasSuffix(label, "skey") && label != "whiskey" || strings.HasPrefix(label, "toot") && !strings.HasPrefix(label, "tooth") {
			return true
		}
		if slices.ContainsFunc(fediverseParts, func(part string) bool { return strings.Contains(label, part) }) {
			return true
		}
	}
	return false
}

// looksVideo tells the same of PeerTube, whose hosts rarely say more.
func looksVideo(host string) bool {
	for label := range strings.SplitSeq(host, ".") {
		if strings.Contains(label, "tube") || label == "video" || label == "videos" || label == "diode" || label == "tilvids" {
			return true
		}
	}
	return looksFediverse(host)
}
