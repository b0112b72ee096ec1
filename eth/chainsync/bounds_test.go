// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"testing"
	"time"
)

// The bounds that docs/security.md and doc.go state.
func TestDocumentedBounds(t *testing.T) {
	for name, v := range map[string][2]int{
		"headers forwards, ranges":     {skeletonSize, 128},
		"headers forwards, each":       {gapSize, 192},
		"headers backwards, ranges":    {ahead, 32},
		"headers in a request":         {maxItems[headers], 512},
		"bodies in a request":          {maxItems[bodies], 128},
		"receipts in a request":        {maxItems[receipts], 256},
		"access lists in a request":    {maxItems[accessLists], 128},
		"blocks whose data is wanted":  {maxWants, 2048},
		"blocks that a peer lacks":     {maxLacking, 4096},
		"ranges of another chain":      {maxStrays, 3},
		"depth of the common ancestor": {maxFork, 90_000},
		"blocks beyond a range":        {rangeSlack, 64},
		"access lists looked for":      {listWindow, 8192},
	} {
		if v[0] != v[1] {
			t.Errorf("%s: %d, the document says %d", name, v[0], v[1])
		}
	}
	for name, v := range map[string][2]time.Duration{
		"longest wait for a reply": {maxTTL, time.Minute},
		"first wait for a reply":   {3 * minRTT, 6 * time.Second},
		"grace of a newcomer":      {grace, 3 * time.Second},
		"one peer is enough after": {forceAfter, 10 * time.Second},
	} {
		if v[0] != v[1] {
			t.Errorf("%s: %v, the document says %v", name, v[0], v[1])
		}
	}
}
