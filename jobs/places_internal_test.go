package jobs

import (
	"testing"
	"time"
)

// Two slices act at a host at a time. The others come back, the later the more
// they are, and find room once one has left.
func TestPlaces(t *testing.T) {
	var p places
	first, _ := p.take("home.example", "1")
	second, _ := p.take("home.example", "2")
	if first == nil || second == nil {
		t.Fatal("two find no room at a host")
	}
	for i, run := range []string{"3", "4", "5"} {
		leave, wait := p.take("home.example", run)
		if most := time.Second + time.Duration(i+1)*turnTime/(2*actAtOnce); leave != nil || wait < time.Second || wait > most {
			t.Errorf("run %s has room %v, or comes back after %s, want at most %s", run, leave != nil, wait, most)
		}
	}
	if leave, _ := p.take("away.example", "3"); leave == nil {
		t.Error("no room at another host")
	}
	first()
	first() // gives back once
	third, _ := p.take("home.example", "3")
	if third == nil {
		t.Error("no room although one has left")
	}
	if leave, _ := p.take("home.example", "4"); leave != nil {
		t.Error("three are at a host")
	}
	second()
	third()
	if p.hosts["home.example"] != nil {
		t.Error("a host is remembered where nobody is")
	}
}
