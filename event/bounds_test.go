// SPDX-License-Identifier: Apache-2.0

package event

import (
	"testing"
	"time"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"events of a subscription":           {DefaultRoom, 8192},
		"share of the reserve":               {ReserveShare, 8},
		"kinds of a gap":                     {maxGapKinds, 16},
		"nodes of a summary":                 {maxNodes, 65_536},
		"sites of losses":                    {maxSites, 64},
		"named nodes":                        {maxNamed, 1024},
		"seconds between two sums of losses": {int(DigestEvery / time.Second), 60},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
