// SPDX-License-Identifier: Apache-2.0

package p2p

import "testing"

// The documentation states these bounds (doc.go, SPEC.md, docs/security.md). The other tests use
// the constants, so this one keeps their values.
func TestDocumentedBounds(t *testing.T) {
	for name, bound := range map[string]struct{ is, documented int }{
		"the budget":                 {NewBudget(0).size, 256 << 20},
		"a direction's own":          {allowance, 128 << 10},
		"a kept buffer":              {keepBuffer, 64 << 10},
		"a first read":               {firstRead, 4 << 10},
		"a Hello":                    {maxHello, 2048},
		"another base message":       {maxBase, 2048},
		"a Disconnect":               {maxDisconnect, 64},
		"capabilities of a Hello":    {maxCaps, 64},
		"a client's name":            {maxClientName, 128},
		"pongs that are owed":        {maxPongs, 16},
		"a fair share":               {fairShare, 1 << 20},
		"one write":                  {corkBytes, 64 << 10},
		"unread messages":            {maxUnread, 64},
		"unread bytes":               {maxUnreadBytes, 256 << 10},
		"time between pings, ms":     {int(pingInterval.Milliseconds()), 15_000},
		"time for a message, ms":     {int(readTimeout.Milliseconds()), 30_000},
		"time for a write, ms":       {int(writeTimeout.Milliseconds()), 20_000},
		"time for a Disconnect, ms":  {int(goodbyeTime.Milliseconds()), 1000},
		"time without a ReadMsg, ms": {int(stallTimeout.Milliseconds()), 30_000},
		"the largest frame":          {frameOf(0), 1<<24 + 32},
		"a frame of a small payload": {frameOf(60), 9 + 32 + 60 + 10 + 15 + 16},
	} {
		if bound.is != bound.documented {
			t.Errorf("%s: %d, documented as %d", name, bound.is, bound.documented)
		}
	}
}
