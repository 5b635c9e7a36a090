package fediverse

import "testing"

// What passes names an account, and an actor that may be asked.
func FuzzWebFinger(f *testing.F) {
	f.Add([]byte(`{"subject":"acct:ada@s.example","links":[{"rel":"self","type":"application/activity+json","href":"https://s.example/users/ada"}]}`))
	f.Add([]byte(`{"subject":"acct:ada@müller.example","links":{"rel":"self","type":"application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"","href":"https://S.example/u"}}`))
	f.Add([]byte(`{"subject":7,"links":[null,7,{"href":{}}]}`))
	f.Add([]byte(`<html>`))
	f.Add([]byte(`{"subject":"acct:a@b.c","links":[{"rel":"self","type":"application/activity+json","href":"https://[::1]/"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseFinger("s.example", body)
		if err != nil {
			return
		}
		if again, err := parseAcct(got.subject.String(), ""); err != nil || again != got.subject {
			t.Errorf("subject %q does not round-trip: %v", got.subject, err)
		}
		if err := checkURL(got.self); err != nil {
			t.Errorf("actor %s: %v", got.self, err)
		}
	})
}
