// SPDX-License-Identifier: Apache-2.0

package types

import (
	"encoding/hex"
	"strings"
	"testing"
)

// unhex decodes hexadecimal digits, with or without 0x.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}
