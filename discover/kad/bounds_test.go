// SPDX-License-Identifier: Apache-2.0

package kad

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"slots of a bucket for a narrow network":  {maxNarrowBucket, 2},
		"slots of the table for a narrow network": {maxNarrowTable, 10},
		"slots of a bucket for a wide network":    {maxWideBucket, 4},
		"slots of the table for a wide network":   {maxWideTable, 10},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
