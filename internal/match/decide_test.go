package match_test

import (
	"testing"
	"time"

	"github.com/skein-migrate/skein/internal/match"
	"github.com/skein-migrate/skein/internal/model"
)

func TestDecide(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	a := model.Address{User: "ada", Host: "example.social"}
	guess := match.Match{Address: a, Grade: match.Guess, Profile: model.Profile{Existence: model.Exists}, Evidence: []model.Evidence{
		{Address: a, Source: "probe", Side: model.FediverseSide, Tie: model.TieName, Text: "same name"},
	}}
	yes := guess.Decide(match.Yes, at)
	if yes.Grade != match.Claimed || !yes.Chosen() || yes.Evidence[0].Source != match.SourceOwner {
		t.Errorf("after a yes: %+v", yes)
	}
	if again := yes.Decide(match.Yes, at); len(again.Evidence) != len(yes.Evidence) {
		t.Errorf("a second yes adds evidence: %+v", again)
	}
	if back := yes.Decide(match.Undecided, time.Time{}); back.Grade != match.Guess || back.Chosen() || len(back.Evidence) != 1 {
		t.Errorf("after taking it back: %+v", back)
	}
	if no := yes.Decide(match.No, at); no.Chosen() || no.Grade != match.Guess {
		t.Errorf("after a no: %+v", no)
	}
}
