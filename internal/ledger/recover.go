package ledger

import "time"

// Rest is how long a Step found as sent stays untouched after its deadline:
// servers go on working on a request whose connection was cut.
const Rest = 90 * time.Second

// KeyAge is how old a key may be and still be sent again. Mastodon keeps keys
// for an hour; what is left covers the request itself and clocks that differ.
const KeyAge = 50 * time.Minute

// Sent is a Step that was sent and has no outcome.
type Sent struct {
	Attempt     int
	At          time.Time     // when this attempt was sent for the first time: the age of its key
	Deadline    time.Time     // when the latest request of this attempt had to end
	KeyHonoured bool          // by the Account's server, as its capability says
	Rest        time.Duration // Rest if zero; tests set it short
}

// Action is what to do with a Step found as sent.
type Action string

// Wait means leave it alone until the time given; Resend the same request with
// the same key, after committing sent again with a new deadline; Look read the
// server and Judge.
const (
	Wait   Action = "wait"
	Resend Action = "resend"
	Look   Action = "look"
)

// Recover says what to do with s at now. With Wait comes the time at which to
// ask again. A key sent in the future (the clock went back) is not trusted.
func Recover(s Sent, now time.Time) (Action, time.Time) {
	rest := s.Rest
	if rest <= 0 {
		rest = Rest
	}
	if until := s.Deadline.Add(rest); now.Before(until) {
		return Wait, until
	}
	age := now.Sub(s.At)
	if s.KeyHonoured && age >= 0 && age < KeyAge {
		return Resend, time.Time{}
	}
	return Look, time.Time{}
}
