// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"bytes"
	"crypto/cipher"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
)

// TestMasker: the key stream is that of cipher.NewCTR, however it is cut into parts, and where
// the counter carries.
func TestMasker(t *testing.T) {
	mask := maskOf(enr.ID{1, 2, 3})
	for _, iv := range [][]byte{make([]byte, ivSize), bytes.Repeat([]byte{0xff}, ivSize), append(make([]byte, ivSize-2), 0xff, 0xfe)} {
		want := make([]byte, 100)
		cipher.NewCTR(mask, iv).XORKeyStream(want, want)
		for size := 1; size <= len(want); size++ {
			var m masker
			m.begin(mask, iv)
			got := make([]byte, len(want))
			for rest := got; len(rest) > 0; {
				n := min(size, len(rest))
				m.xor(rest[:n])
				rest = rest[n:]
			}
			if !bytes.Equal(got, want) {
				t.Errorf("IV %x, parts of %d: %x, not %x", iv, size, got, want)
			}
		}
	}
}
