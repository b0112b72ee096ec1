// SPDX-License-Identifier: Apache-2.0

package serve

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"bytes of the cache":               {cacheBytes, 32 << 20},
		"steps beside the canonical chain": {maxSideSteps, 100},
	} {
		if b.is != b.documented {
			t.Errorf("%s: %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
