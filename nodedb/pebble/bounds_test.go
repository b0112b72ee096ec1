// SPDX-License-Identifier: Apache-2.0

package pebble

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"time until the store is opened again, ms": {int(reopenFirst.Milliseconds()), 1000},
		"the longest such time, ms":                {int(reopenMost.Milliseconds()), 300_000},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
