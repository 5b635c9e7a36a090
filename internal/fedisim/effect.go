package fedisim

import (
	"slices"
	"time"
)

// What an Effect can be. A new follow is logged once: as Followed, or as
// FollowRequested and FollowAccepted when that comes.
const (
	AppRegistered   = "app registered"
	TokenIssued     = "token issued"
	TokenRevoked    = "token revoked"
	PostCreated     = "post created"
	PostScheduled   = "post scheduled"
	PostDeleted     = "post deleted"
	Mentioned       = "mentioned" // Target was notified by a post
	Followed        = "followed"
	FollowRequested = "follow requested"
	FollowAccepted  = "follow accepted"
	FollowRepeated  = "follow repeated" // of somebody followed or asked already: nothing changed
	Unfollowed      = "unfollowed"
	Blocked         = "blocked"
	Unblocked       = "unblocked"
	Muted           = "muted"
	Unmuted         = "unmuted"
	ListCreated     = "list created"
	ListDeleted     = "list deleted"
	ListAdded       = "added to list"
	ListRemoved     = "removed from list"
	MediaUploaded   = "media uploaded"
	Imported        = "imported"
	LookedUp        = "looked up"         // the server itself asked the host Target, by WebFinger
	TooMany         = "too many requests" // a 429 was sent; Detail names the limit, or says fault
)

// Effect is something that happened on a server, seen from the outside.
type Effect struct {
	At          time.Time
	Server      string // Config.Host
	Account     string // who did it: the local user, "" for nobody
	Kind        string
	ID          string // of the post, list, media …
	Target      string // user@host, or the host looked up
	Text        string // of a post; the title of a list
	CreatedAt   time.Time
	Delivered   int // home timelines that the post reached
	Media       int
	Application string
	Key         string // Idempotency-Key as it was sent
	Detail      string
	serial      int64
}

// Effects returns the log of this server, oldest first.
func (v *Server) Effects() []Effect {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	return slices.Clone(v.effects)
}

// Count returns how many effects of that kind the server has logged.
func (v *Server) Count(kind string) int {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	n := 0
	for _, e := range v.effects {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// Requests returns how many requests the server got, by "METHOD route", with
// the route as in "POST /api/v1/accounts/{id}/follow".
func (v *Server) Requests() map[string]int {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	all := make(map[string]int, len(v.requests))
	for route, n := range v.requests {
		all[route] = n
	}
	return all
}

// log notes an effect. Called under the lock.
func (v *Server) log(e Effect) {
	v.sim.serial++
	e.At, e.Server, e.serial = v.sim.now(), v.cfg.Host, v.sim.serial
	v.effects = append(v.effects, e)
}

func sortEffects(all []Effect) {
	slices.SortFunc(all, func(a, b Effect) int { return int(a.serial - b.serial) })
}
