// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"testing"

	"github.com/ethpeer/ethpeer/chain"
)

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"headers":                    {recentBlocks, 1024},
		"forks of one peer":          {maxForks, 64},
		"time for one more, ms":      {int(forkEvery.Milliseconds()), 250},
		"waiting blocks":             {maxWaiting, 256},
		"waiting blocks of one peer": {maxPeerWaiting, 64},
		"bytes of waiting blocks":    {maxWaitingBytes, 32 << 20},
		"bytes of those of one peer": {maxPeerBytes, 8 << 20},
		"time that they wait, ms":    {int(waitFor.Milliseconds()), 60_000},
		"ahead of our clock, ms":     {int((maxFuture + chain.MaxAhead).Milliseconds()), 45_000},
		"replies without a body":     {maxWithheld, 2},
		"announced by one peer":      {maxAnnounced, 256},
		"announced by all":           {maxAnnouncedAll, 2048},
		"wanted bodies":              {maxWants, 256},
		"wanted bodies of one peer":  {maxPeerWants, 64},
	} {
		if b.is != b.documented {
			t.Errorf("%s: %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
