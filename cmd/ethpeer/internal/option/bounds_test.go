// SPDX-License-Identifier: Apache-2.0

package option

import (
	"testing"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"bytes of a key file":           {maxKeyFile, 1024},
		"bytes of a file of nodes":      {maxNodesFile, 4_194_304},
		"bytes of a configuration file": {maxConfigFile, 1_048_576},
		"bytes of an identity":          {MaxIdentity, 64},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
