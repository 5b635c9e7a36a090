package fediverse

import (
	"fmt"
	"testing"
)

// Strangers' texts can name any number of hosts; the table stays small, and
// hosts that are being asked stay in it.
func TestHostTableBounded(t *testing.T) {
	table := newHostTable(10)
	busy := table.take("busy.example")
	for i := range 100 {
		table.drop(table.take(fmt.Sprintf("h%d.example", i)))
	}
	if len(table.hosts) > 10 || table.order.Len() != len(table.hosts) {
		t.Errorf("%d hosts, %d in order", len(table.hosts), table.order.Len())
	}
	if table.take("busy.example") != busy {
		t.Error("a host was forgotten while it was asked")
	}
}
