// SPDX-License-Identifier: Apache-2.0

package status

import (
	"testing"
	"time"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"bytes of a path":      {MaxPath, 107},
		"clients":              {maxClients, 8},
		"seconds for a client": {int(patience / time.Second), 5},
		"bytes of a report":    {MaxReport, 16 << 20},
		"peers in a report":    {maxPeers, 1000},
		"clique blocks":        {cliqueBlocks, 256},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
