// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"testing"
	"time"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"bytes of a Status":        {maxStatus, 1024},
		"addresses of a host name": {maxAddresses, 4},
		"seconds for each stage":   {int(defaultTimeout / time.Second), 5},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
