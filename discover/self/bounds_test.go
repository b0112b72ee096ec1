// SPDX-License-Identifier: Apache-2.0

package self

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"statements that agree":        {enoughStatements, 10},
		"statements of a wide network": {wideVoices, 2},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
