// SPDX-License-Identifier: Apache-2.0

package v5wire

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"handshakes of a challenge": {MaxFailures, 4},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
