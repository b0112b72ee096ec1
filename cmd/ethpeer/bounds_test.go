// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"
)

// TestDocumentedBounds: the bounds as the documentation states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"rows of a table":                           {tableRows, 20},
		"draws of the progress in a second":         {int(time.Second / redraw), 5},
		"milliseconds in which two signals are one": {int(sameSignal / time.Millisecond), 500},
		"seconds without a byte read":               {int(patience / time.Second), 10},
		"seconds for all that waits":                {int(allPatience / time.Second), 75},
		"hosts of ping":                             {maxSeen, 1024},
		"bytes of a record":                         {maxRecordText, 1024},
	} {
		if b.is != b.documented {
			t.Errorf("%s is %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
