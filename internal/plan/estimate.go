package plan

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Mastodon's limits (config/initializers/rack_attack.rb, app/lib/rate_limiter.rb)
// and GoToSocial's (advanced-rate-limit-requests, for a whole IP address).
const (
	followsPerDay     = 400
	statusesPerWindow = 300 // in 3 hours
	mediaPerWindow    = 30  // in 30 minutes
	requestsPerWindow = 300 // in 5 minutes
	perHour           = 4   // posts that reach followers, unless set otherwise
	perFollow         = 3   // requests: find the account, see how things stand, follow
)

// ours is what of an allowance is used: the Owner's phone shares it.
const ours = 0.75

// Estimate says how long a Run takes, and why so long.
type Estimate struct {
	Steps    int
	Duration time.Duration
	Days     int // begun days; 0 without Steps
	Reason   string
}

// FollowEstimate estimates n follows by API on a server with that software.
// Software without known limits is taken for Mastodon.
func FollowEstimate(n int, software string) Estimate {
	if n <= 0 {
		return Estimate{Reason: "nothing to follow"}
	}
	each := time.Duration(float64(5*time.Minute) / (requestsPerWindow * ours / perFollow))
	if software == "gotosocial" {
		return estimate(n, time.Duration(n)*each, "this server allows 300 requests in 5 minutes, and a follow takes 3")
	}
	daily := int(followsPerDay * ours)
	whole, rest := (n-1)/daily, (n-1)%daily+1
	return estimate(n, time.Duration(whole)*24*time.Hour+time.Duration(rest)*each,
		fmt.Sprintf("%d follows a day: the server allows %d, and a quarter stays free for your phone", daily, followsPerDay))
}

// FollowCSVText says what the CSV file does instead of n follows by API.
func FollowCSVText(n int, software string) string {
	if n <= 0 {
		return ""
	}
	if software == "gotosocial" {
		return fmt.Sprintf("The file following_accounts.csv holds all %s; your server reads it in the background.", number(n))
	}
	return fmt.Sprintf("The file following_accounts.csv holds all %s. Import it on your server under Preferences → Import and export: "+
		"that does not count against its %d follows a day.", number(n), followsPerDay)
}

// Pace is what decides how long posting takes.
type Pace struct {
	Statuses int
	Media    int    // files
	Software string // without known limits it is taken for Mastodon
	Quiet    bool   // the server takes past dates without telling anybody
	PerHour  int    // posts an hour; if zero, 4 on a loud server, no pace of ours on a quiet one
}

// PostEstimate estimates a posts Run: whatever takes longest decides.
func PostEstimate(p Pace) Estimate {
	if p.Statuses <= 0 {
		return Estimate{Reason: "nothing to post"}
	}
	hours, reason := 0.0, "nothing slows it down"
	slower := func(h float64, why string) {
		if h > hours {
			hours, reason = h, why
		}
	}
	if p.PerHour <= 0 && !p.Quiet {
		p.PerHour = perHour
	}
	if p.PerHour > 0 {
		slower(float64(p.Statuses-1)/float64(p.PerHour), fmt.Sprintf("%d posts an hour, so that your followers' home feeds are not flooded", p.PerHour))
	}
	switch {
	case p.Quiet || p.Software == "gotosocial":
		slower(float64(p.Statuses+p.Media)/(requestsPerWindow*ours*12), "this server allows 300 requests in 5 minutes, and a quarter stays free for your phone")
	case p.Software == "pleroma" || p.Software == "akkoma" || p.Software == "snac": // no limits that we know of
	default:
		slower(float64(p.Statuses-1)/(statusesPerWindow*ours/3), "the server allows 300 posts in 3 hours, and a quarter stays free for your phone")
		slower(float64(p.Media)/(mediaPerWindow*ours*2), "the server takes 30 pictures or videos in half an hour, and a quarter stays free for your phone")
	}
	return estimate(p.Statuses, time.Duration(hours*float64(time.Hour)), reason)
}

func estimate(steps int, d time.Duration, why string) Estimate {
	d = max(d.Round(time.Second), time.Second)
	days := int(math.Ceil(d.Hours() / 24))
	return Estimate{Steps: steps, Duration: d, Days: days, Reason: about(d) + ": " + why}
}

// about says a duration as people do.
func about(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return "about a minute"
	case d < 90*time.Minute:
		return fmt.Sprintf("about %d minutes", int(math.Ceil(d.Minutes())))
	case d < 36*time.Hour:
		return fmt.Sprintf("about %d hours", int(math.Ceil(d.Hours())))
	}
	return fmt.Sprintf("about %s days", number(int(math.Ceil(d.Hours()/24))))
}

// number writes n with commas: 12,345.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
