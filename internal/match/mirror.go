package match

import "strings"

// mirrors are services that copy accounts from Twitter, Bluesky or elsewhere
// without the account holder, or bridge to them. Whoever is found there is not
// on the fediverse; each name stands for its subdomains too.
var mirrors = []string{
	"bird.makeup", "kilogram.makeup", "brid.gy", "beakbird.eu", "birdbots.leptonics.com", "mostr.pub",
	"momostr.pink", "press.coop", "rss-parrot.net", "sportsbots.xyz", "twtr.plus", "mirr0r.city",
}

func isMirror(host string) bool {
	for _, m := range mirrors {
		if host == m || strings.HasSuffix(host, "."+m) {
			return true
		}
	}
	// BirdsiteLive, the software that most of them ran, lives under this name.
	return strings.HasPrefix(host, "birdsite.") || strings.HasPrefix(host, "birdsitelive.")
}
