// SPDX-License-Identifier: Apache-2.0

package head

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"blocks of a source that are compared": {trailLength, 64},
		"time between rounds of polls, ms":     {int(roundEvery.Milliseconds()), 4000},
	} {
		if b.is != b.documented {
			t.Errorf("%s: %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
