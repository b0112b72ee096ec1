// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"testing"
	"time"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"troubles":                                   {maxTroubles, 16},
		"named nodes of the summary":                 {maxAway, 32},
		"bytes of a client name":                     {maxName, 48},
		"bytes of a cause":                           {maxCause, 200},
		"bytes of a URL":                             {maxURL, 240},
		"milliseconds that a named node may be away": {int(shortAway / time.Millisecond), 1000},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
