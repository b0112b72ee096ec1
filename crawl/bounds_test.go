// SPDX-License-Identifier: Apache-2.0

package crawl

import (
	"testing"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"nodes heard of":           {maxNodes, 100_000},
		"nodes of lists":           {listed, 64},
		"workers":                  {DefaultWorkers, 32},
		"targets in discovery v4":  {v4Targets, 8},
		"lost answers in a row":    {maxFailed, 2},
		"empty distances in a row": {maxEmpty, 3},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
