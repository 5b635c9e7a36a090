package ledger

import "time"

// Seen is one of the Account's own statuses, as a look found it.
type Seen struct {
	ID          string
	Text        string // plain, HTML stripped
	ParentID    string // the status it answers; empty at top level
	Quotes      string // the status it quotes; empty where the server does not say
	MediaCount  int
	Application string // empty where the server does not show it
	CreatedAt   time.Time
}

// Expected is the status that a Step would have made.
type Expected struct {
	Text        string
	ParentID    string
	Quotes      string
	MediaCount  int
	Application string // our application's name on that server
}

// Verdict is what a look proves. StatePlanned stands for the next attempt.
type Verdict struct {
	State   State  // StateConfirmed, StatePlanned or StateUnsure
	SeenID  string // of StateUnsure the oldest of several equal ones: the likeliest
	Adopted bool   // nothing but its looks says that it is ours: undo leaves it alone
}

// Judge decides a Step from a look at the server. seen are the Account's own
// statuses since the id noted before sending (on a back-dating server: of that
// millisecond), complete tells whether none of them is missing, claimed holds
// the ids that other Steps confirmed. same compares two plain texts.
//
// One equal status confirms, whether or not the list is complete: taking it for
// ours can never double a post. No equal status proves that nothing happened
// only where the list is complete. Several prove nothing.
func Judge(want Expected, seen []Seen, complete bool, claimed map[string]bool, same func(a, b string) bool) Verdict {
	equal := map[string]Seen{} // by id: servers show a status twice on one page
	for _, s := range seen {
		if !claimed[s.ID] && want.equals(s, same) {
			equal[s.ID] = s
		}
	}
	switch {
	case len(equal) == 1:
		for _, s := range equal {
			proven := s.Application != "" && s.Application == want.Application
			return Verdict{State: StateConfirmed, SeenID: s.ID, Adopted: !proven}
		}
	case len(equal) == 0 && complete:
		return Verdict{State: StatePlanned}
	}
	return Verdict{State: StateUnsure, SeenID: oldest(equal)}
}

// oldest returns the id of the status that was made first, "" if there is none.
// Ids decide between two of the same time, so that each look says the same.
func oldest(statuses map[string]Seen) string {
	var first Seen
	for _, s := range statuses {
		older := s.CreatedAt.Compare(first.CreatedAt)
		if first.ID == "" || older < 0 || older == 0 && s.ID < first.ID {
			first = s
		}
	}
	return first.ID
}

func (want Expected) equals(s Seen, same func(a, b string) bool) bool {
	if s.Application != "" && want.Application != "" && s.Application != want.Application {
		return false
	}
	if s.Quotes != "" && s.Quotes != want.Quotes {
		return false
	}
	return s.ParentID == want.ParentID && s.MediaCount == want.MediaCount && same(want.Text, s.Text)
}

// RelationJudge decides a follow, block or mute, or the taking back of one, from
// a look. before says whether it was so already when the Step was sent, there
// whether it is so now; readable is false where the server did not say. What was
// so before is adopted: undo leaves it alone. What is not so, or of which nobody
// can tell, may be asked for again, since following twice is following once.
func RelationJudge(before, there, readable bool) Verdict {
	if readable && there {
		return Verdict{State: StateConfirmed, Adopted: before}
	}
	return Verdict{State: StatePlanned}
}
