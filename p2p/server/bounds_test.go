// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"

	"github.com/ethpeer/ethpeer/p2p"
)

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	cfg, err := Config{Key: mustKey(t), Listener: &memListener{}, Protocols: []p2p.Protocol{nod{1}}}.complete()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]struct{ is, documented int }{
		"handshakes at once":                  {cfg.MaxPending, 50},
		"those of a narrow network":           {pendingPerNet, 5},
		"time for a handshake, ms":            {int(setupTimeout.Milliseconds()), 5000},
		"time between connections, ms":        {int(throttleTime.Milliseconds()), 30_000},
		"connections of a narrow network":     {throttlePerNet, 10},
		"connections of a wide network":       {throttlePerWide, 40},
		"addresses that are remembered":       {throttleTable, 16_384},
		"dialled of a narrow network":         {dialledPerNet, 2},
		"dialled of a wide network, one in":   {dialledPerWide, 4},
		"inbound of a narrow network, one in": {inboundPerNet, 8},
		"inbound of a wide network, one in":   {inboundPerWide, 4},
		"time between displacements, ms":      {int(displaceEvery.Milliseconds()), 10_000},
		"time between searches, ms":           {int(resolveFirst.Milliseconds()), 60_000},
		"time of one event of a network, ms":  {int(failureTime.Milliseconds()), 30_000},
		"networks with an event":              {failureTable, 1024},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
