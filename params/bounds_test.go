// SPDX-License-Identifier: Apache-2.0

package params

import (
	"testing"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"bytes of a genesis file": {MaxGenesisSize, 67_108_864},
		"warnings":                {maxWarnings, 20},
		"forks":                   {maxForks, 200},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
