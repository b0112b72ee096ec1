// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"testing"

	"github.com/ethpeer/ethpeer/event"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"lines that wait":            {Bound, 65_536},
		"bytes of a write":           {chunkSize, 32 << 10},
		"lines that wait in a flood": {Bound - Bound/event.ReserveShare, 57_344},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
