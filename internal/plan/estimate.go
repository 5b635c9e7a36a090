package plan

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// What a Step takes: finding the account, how things stand, the change itself.
const (
	perRelation = 3
	perUndone   = 2 // the account is known by its id
	perHour     = 4 // posts that reach followers, unless set otherwise
	perSecond   = 5 // changes to one host, unless set otherwise
	perDay      = 400
	fastest     = 3600 // posts an hour that stand for as many as the server allows
)

// Estimate says how long a Run takes, and why so long.
type Estimate struct {
	Steps    int
	Duration time.Duration
	Days     int // begun days; 0 without Steps
	Reason   string
}

// Work is what a Run has to do at a server.
type Work struct {
	steps    int
	none     string // what is said without Steps
	software string // where it has to be that
	pace     int    // posts an hour, where that pace holds it up
	loads    []load
	from     time.Time // not before
}

// From returns the work of a Run that waits until then.
func (w Work) From(t time.Time) Work {
	w.from = t
	return w
}

// FollowsWork is n follows by API.
func (l Limits) FollowsWork(n int) Work {
	return Work{steps: n, none: "nothing to follow", loads: []load{
		{steps: n, takes: map[string]float64{FamilyAPI: perRelation, FamilyFollows: 1}, write: l.write()},
	}}
}

// RelationsWork is n blocks, mutes or members of lists.
func (l Limits) RelationsWork(n int) Work {
	return Work{steps: n, none: "nothing to do", loads: []load{
		{steps: n, takes: map[string]float64{FamilyAPI: perRelation}, write: l.write()},
	}}
}

// UndoWork is that so many posts are deleted and so many other things, such as
// follows, taken back.
func (l Limits) UndoWork(deletes, others int) Work {
	return Work{steps: max(0, deletes) + max(0, others), none: "nothing to take back", loads: []load{
		{steps: deletes, takes: map[string]float64{FamilyAPI: 1, FamilyDeletes: 1}, write: l.write()},
		{steps: others, takes: map[string]float64{FamilyAPI: perUndone}, write: l.write()},
	}}
}

// Follows estimates n follows by API.
func (l Limits) Follows(n int) Estimate { return l.Estimate(l.FollowsWork(n)) }

// Relations estimates n blocks, mutes or members of lists.
func (l Limits) Relations(n int) Estimate { return l.Estimate(l.RelationsWork(n)) }

// Undo estimates that so many posts are deleted and so many other things, such
// as follows, taken back.
func (l Limits) Undo(deletes, others int) Estimate { return l.Estimate(l.UndoWork(deletes, others)) }

// FollowCSVText says what the CSV file does instead of n follows by API.
func FollowCSVText(n int, software string) string {
	if n <= 0 {
		return ""
	}
	if software == "gotosocial" {
		return fmt.Sprintf("The file following_accounts.csv holds all %s; your server reads it in the background.", number(n))
	}
	return fmt.Sprintf("The file following_accounts.csv holds all %s. Import it on your server under Preferences → Import and export: "+
		"that does not count against its %d follows a day.", number(n), perDay)
}

// Pace is what decides how long posting takes.
type Pace struct {
	Statuses int
	Media    int    // files
	Software string // without known limits it is taken for Mastodon
	Quiet    bool   // the server takes past dates without telling anybody
	PerHour  int    // posts an hour, 3600 for as many as the server allows; if zero, 4 on a loud server, that on a quiet one
}

// Posts estimates a posts Run. Files are taken to be spread evenly over it.
func (l Limits) Posts(p Pace) Estimate { return l.Estimate(l.PostsWork(p)) }

// PostsWork is what a posts Run has to do.
func (l Limits) PostsWork(p Pace) Work {
	if p.PerHour <= 0 && !p.Quiet {
		p.PerHour = perHour
	}
	w := Work{steps: p.Statuses, none: "nothing to post"}
	if p.Quiet {
		w.software = "gotosocial" // no other software does that
	}
	units := max(p.Statuses, p.Media)
	if p.Statuses <= 0 || units <= 0 {
		return w
	}
	statuses, media := float64(p.Statuses)/float64(units), float64(max(0, p.Media))/float64(units)
	d := load{
		steps: units, write: time.Duration(float64(l.write()) * (statuses + media)),
		takes: map[string]float64{FamilyAPI: statuses + media, FamilyStatuses: statuses, FamilyMedia: media},
	}
	if p.PerHour > 0 && p.PerHour < fastest {
		d.last = time.Hour / time.Duration(p.PerHour)
		d.every = time.Duration(float64(d.last) * statuses)
	}
	if d.every > d.write {
		w.pace = p.PerHour
	}
	w.loads = []load{d}
	return w
}

// write is the time from one change to the next, as no host gets more of them.
func (l Limits) write() time.Duration {
	perSecond := cmp.Or(l.Writes, perSecond)
	return time.Duration(float64(time.Second) / perSecond)
}

// Estimate foresees how long a Run takes, beside the others that there are.
func (l Limits) Estimate(w Work) Estimate {
	if w.steps <= 0 {
		return Estimate{Reason: w.none}
	}
	l.Software = cmp.Or(w.software, l.Software)
	d, slowest := l.foresee(w.loads...)
	d = max(d.Round(time.Second), time.Second)
	e := Estimate{Steps: w.steps, Duration: d, Days: int(math.Ceil(d.Hours() / 24)), Reason: about(d) + ": " + l.why(slowest)}
	if w.pace > 0 {
		e.Reason = strings.Replace(e.Reason, byPace, fmt.Sprintf("%d posts an hour, so that your followers' home feeds are not flooded", w.pace), 1)
	}
	return e
}

// why says what a Run waits for longest. The pace is the caller's to say.
func (l Limits) why(by string) string {
	limits := limitsOf(l.Software)
	most := limits[by].max
	if known := l.Known[by].Max; known > 0 {
		most = known
	}
	free := fmt.Sprintf("%s stays free for your phone", part(l.Reserve))
	switch by {
	case FamilyAPI:
		return fmt.Sprintf("this server allows %d requests in 5 minutes, and %s", most, free)
	case FamilyStatuses:
		return fmt.Sprintf("the server allows %d posts in 3 hours, and %s", most, free)
	case FamilyFollows:
		return fmt.Sprintf("%d follows a day: the server allows %d, and %s", Usable(most, l.Reserve), most, free)
	case FamilyMedia:
		return fmt.Sprintf("the server takes %d pictures or videos in half an hour, and %s", most, free)
	case FamilyDeletes:
		return fmt.Sprintf("the server lets %d posts be deleted in half an hour, and %s", most, free)
	case byWrites:
		return "we change at most a few things a second at any one server"
	case byPace:
		return byPace
	}
	return "nothing slows it down"
}

// part says a share as people do.
func part(share float64) string {
	if share == Quarter {
		return "a quarter"
	}
	return fmt.Sprintf("%.0f %% of that", share*100)
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
