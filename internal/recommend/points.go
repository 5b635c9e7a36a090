package recommend

import (
	"fmt"
	"strings"

	"github.com/skein-migrate/skein/internal/model"
)

// people gives up to 50 points. The first few matter most: who has ten friends
// on a server is at home there, a hundred are not ten times as good.
func people(_ model.Server, n int, _ Options) (float64, Reason) {
	points := 50 * float64(n) / float64(n+8)
	switch n {
	case 0:
		return 0, Reason{"people", "None of the people we found for you lives here; you can follow them from here all the same."}
	case 1:
		return points, Reason{"people", "1 of the people we found for you lives here."}
	}
	return points, Reason{"people", fmt.Sprintf("%d of the people we found for you live here.", n)}
}

func language(s model.Server, _ int, o Options) (float64, Reason) {
	if len(o.Languages) == 0 {
		return 10, Reason{}
	}
	if len(s.Languages) == 0 {
		return 8, Reason{"language-unknown", "It does not say which languages are spoken here."}
	}
	for _, want := range o.Languages {
		for _, has := range s.Languages {
			if base(want) == base(has) && base(want) != "" {
				return 20, Reason{"language", fmt.Sprintf("Your language (%s) is spoken here.", base(want))}
			}
		}
	}
	return 0, Reason{"language-other", fmt.Sprintf("It names other languages (%s).", strings.Join(s.Languages[:min(5, len(s.Languages))], ", "))}
}

// base returns the language of a code such as pt-BR.
func base(code string) string {
	code, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(code)), "-")
	code, _, _ = strings.Cut(code, "_")
	return code
}

func signUp(s model.Server, _ int, _ Options) (float64, Reason) {
	switch s.SignUp {
	case model.SignUpOpen:
		return 12, Reason{"sign-up-open", "You can sign up at once."}
	case model.SignUpApproval:
		return 9, Reason{"sign-up-approval", "You can sign up; somebody there reads each request first."}
	case model.SignUpClosed:
		return 0, Reason{"sign-up-closed", "It takes no new accounts at present."}
	}
	return 4, Reason{"sign-up-unknown", "It does not say whether it takes new accounts."}
}

// Sizes in people who were active within a month.
const (
	tiny = 30
	huge = 50_000
)

// size prefers neither the smallest, which may close, nor the biggest: the
// fediverse works because nobody is on one server.
func size(s model.Server, _ int, _ Options) (float64, Reason) {
	switch n, known := active(s); {
	case !known:
		return 3, Reason{}
	case n < tiny:
		return 2, Reason{"size-tiny", "Very few people are active here; ask who keeps it running."}
	case n > 2*huge:
		return 0, Reason{"size-huge", "It is among the biggest servers. It works well, but the fediverse is better off if newcomers spread out."}
	case n > huge:
		return 3, Reason{"size-large", "It is a large server."}
	}
	return 10, Reason{"size", "It is of a good size: neither tiny nor among the biggest."}
}

// active estimates how many people post here in a month.
func active(s model.Server) (n int, known bool) {
	switch {
	case s.ActiveMonth > 0:
		return s.ActiveMonth, true
	case s.ActiveWeek > 0:
		return s.ActiveWeek * 3 / 2, true
	case s.Users > 0:
		return s.Users / 5, true // most accounts anywhere sleep
	}
	return 0, false
}

// speaks lists software by what Skein can do with an account on it.
var speaks = map[string]bool{
	"mastodon": true, "hometown": true, "gotosocial": true, "pleroma": true, "akkoma": true, "friendica": true,
	"snac": true, "mitra": true, "takahe": true, "iceshrimp": true, "iceshrimp.net": true, "sharkey": true, "firefish": true, "pixelfed": true,
	"misskey": false, "peertube": false, "lemmy": false, "mbin": false, "kbin": false, "piefed": false, "writefreely": false,
	"wordpress": false, "plume": false, "bookwyrm": false, "funkwhale": false, "mobilizon": false, "owncast": false, "diaspora": false, "hubzilla": false,
}

func software(s model.Server, _ int, _ Options) (float64, Reason) {
	can, known := speaks[strings.ToLower(s.Software)]
	switch {
	case known && can:
		return 5, Reason{}
	case known:
		return -20, Reason{"software", fmt.Sprintf("It runs %s, where we cannot carry your follows and posts over.", s.Software)}
	case s.Software == "":
		return 2, Reason{}
	}
	return 0, Reason{"software-unknown", fmt.Sprintf("It runs %s, which we do not know well.", s.Software)}
}

func covenant(s model.Server, _ int, _ Options) (float64, Reason) {
	if !s.Covenant {
		return 0, Reason{}
	}
	return 3, Reason{"covenant", "It keeps the Mastodon Server Covenant: moderation against hate, backups, notice before it would close."}
}
