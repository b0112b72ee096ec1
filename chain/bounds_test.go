// SPDX-License-Identifier: Apache-2.0

package chain

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"blocks beside the canonical ones": {MaxSide, 90_000},
		"bytes of those":                   {MaxSideBytes, 64 << 20},
		"ahead of our clock, ms":           {int(MaxAhead.Milliseconds()), 15_000},
	} {
		if b.is != b.documented {
			t.Errorf("%s: %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
