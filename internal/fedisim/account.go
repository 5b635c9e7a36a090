package fedisim

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Account is an account on a Server. Texts are plain: the server makes HTML of
// them, with links. Once added, the Sim owns it: change nothing in it.
type Account struct {
	User        string
	DisplayName string
	Note        string
	Fields      []Field
	Locked      bool
	Bot         bool
	// Discoverable accounts stand in the server's profile directory.
	Discoverable bool
	NoIndex      bool   // wants no search engines: noindex, and not indexable
	NotIndexable bool   // its posts may not be searched: indexable is false, as Mastodon has it unless chosen
	MovedTo      string // user@host
	AlsoKnownAs  []string
	Suspended    bool // shown as such, with nothing else
	Silenced     bool // by its server: shown as limited, and in no directory
	Gone         bool // deleted: 410
	Joined       time.Time
	LastStatusAt time.Time // before the posts that are made here
	// ExtraFollowers, ExtraFollowing and ExtraPosts are added to what the Sim
	// counts, for accounts with a life of their own.
	ExtraFollowers, ExtraFollowing, ExtraPosts int
	Email, Password                            string   // with a password the authorize page asks for it
	SignIn                                     bool     // offered on the authorize page; if none is, all are
	Subject                                    string   // WebFinger subject, if it is to be another one than is right
	Picture                                    *Picture // the avatar; a drawn one if nil

	server    *Server
	posts     []*status
	latest    time.Time // date of the newest post that was made here
	following []*follow
	followers []*follow
	blocking  map[*Account]bool
	muting    map[*Account]bool
	home      []*status // the newest posts of the home timeline
	delivered int
	notes     []notification
}

// Field is a row of the table on a profile.
type Field struct {
	Name, Value string
	VerifiedAt  time.Time
}

// AddAccount adds a copy of a to the server and returns it. A name that is
// taken is a mistake in the caller: AddAccount panics.
func (v *Server) AddAccount(a Account) *Account {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	key := strings.ToLower(a.User)
	if key == "" || v.accounts[key] != nil {
		panic(fmt.Sprintf("fedisim: cannot add account %q to %s: no name, or taken", a.User, v.cfg.Host))
	}
	added := &a
	added.server, added.blocking, added.muting = v, map[*Account]bool{}, map[*Account]bool{}
	or(&added.DisplayName, a.User)
	if added.Joined.IsZero() {
		added.Joined = v.sim.now().AddDate(-1, 0, 0)
	}
	v.accounts[key] = added
	v.joined = append(v.joined, added)
	v.know(added)
	return added
}

// Change edits an account of the server under the Sim's lock.
func (v *Server) Change(user string, edit func(*Account)) {
	v.sim.mu.Lock()
	defer v.sim.mu.Unlock()
	edit(v.must(user))
}

// Address returns user@host.
func (a *Account) Address() string { return a.User + "@" + a.server.cfg.AccountDomain }

// must returns a local account that the caller says is there.
func (v *Server) must(user string) *Account {
	a := v.accounts[strings.ToLower(user)]
	if a == nil {
		panic(fmt.Sprintf("fedisim: no account %q on %s", user, v.cfg.Host))
	}
	return a
}

// know gives the account an id on this server, if it has none yet.
func (v *Server) know(a *Account) string {
	id := v.ids[a]
	if id == "" {
		at := v.sim.now()
		if a.server == v {
			at = a.Joined
		}
		id = v.newID(at)
		v.ids[a], v.byID[id] = id, a
	}
	return id
}

// account finds user@host among all servers of the Sim, also by the name of
// the host that serves a split domain.
func (s *Sim) account(user, host string) *Account {
	host = strings.ToLower(host)
	for _, v := range s.order {
		if v.cfg.AccountDomain == host || v.cfg.Host == host {
			if a := v.accounts[strings.ToLower(user)]; a != nil {
				return a
			}
		}
	}
	return nil
}

func (s *Sim) address(address string) *Account {
	user, host, _ := strings.Cut(strings.TrimPrefix(address, "@"), "@")
	return s.account(user, host)
}

// find is what this server gets when it asks another one for user@host: nothing
// where that is down or gone, or where one of the two blocks the other.
func (v *Server) find(user, host string) *Account {
	a := v.sim.account(user, host)
	if a == nil || a.Gone || a.server != v && (a.server.down || v.blocks(a.server) || a.server.blocks(v)) {
		return nil
	}
	return a
}

// blocks tells whether the server suspends the other one's domain.
func (v *Server) blocks(other *Server) bool {
	return slices.ContainsFunc(v.cfg.Blocks, func(b Block) bool {
		return b.Severity != "silence" && (b.Domain == other.cfg.AccountDomain || b.Domain == other.cfg.Host)
	})
}

func (a *Account) indexable() bool { return !a.NoIndex && !a.NotIndexable }

// lastStatus returns when the account last posted, or the zero time.
func (a *Account) lastStatus() time.Time {
	if a.latest.After(a.LastStatusAt) {
		return a.latest
	}
	return a.LastStatusAt
}

func (a *Account) userURL() string    { return a.server.public("/users/" + a.User) }
func (a *Account) profileURL() string { return a.server.public("/@" + a.User) }
