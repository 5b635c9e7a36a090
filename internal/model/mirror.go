package model

import "strings"

// MirrorKind says what sort of service holds an account that is not its
// holder's own home on the fediverse.
type MirrorKind int

// A copy is made by a service that nobody there asked, a bridge leads to an
// account on another network.
const (
	NoMirror MirrorKind = iota
	MirrorCopy
	MirrorBridge
)

// mirrors are services that copy accounts from Twitter, Bluesky or elsewhere
// without the account holder, or bridge to them. Whoever is found there is not
// on the fediverse; each name stands for its subdomains too.
var mirrors = map[string]MirrorKind{
	"bird.makeup": MirrorCopy, "kilogram.makeup": MirrorCopy, "beakbird.eu": MirrorCopy, "birdbots.leptonics.com": MirrorCopy,
	"press.coop": MirrorCopy, "rss-parrot.net": MirrorCopy, "sportsbots.xyz": MirrorCopy, "twtr.plus": MirrorCopy, "mirr0r.city": MirrorCopy,
	"brid.gy": MirrorBridge, "mostr.pub": MirrorBridge, "momostr.pink": MirrorBridge,
}

// MirrorOf tells whether the host is a mirror or a bridge.
func MirrorOf(host string) MirrorKind {
	for name := host; name != ""; {
		if kind := mirrors[name]; kind != NoMirror {
			return kind
		}
		_, name, _ = strings.Cut(name, ".")
	}
	// BirdsiteLive, the software that most of them ran, lives under this name.
	if strings.HasPrefix(host, "birdsite.") || strings.HasPrefix(host, "birdsitelive.") {
		return MirrorCopy
	}
	return NoMirror
}
