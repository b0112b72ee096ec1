// SPDX-License-Identifier: Apache-2.0

package types

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestHashAndAddressReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := Hash(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"))
		a := Address(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "address"))
		for _, form := range []func(string) string{
			func(s string) string { return s },
			func(s string) string { return s[2:] },
			func(s string) string { return "0x" + strings.ToUpper(s[2:]) },
		} {
			if got, err := ParseHash(form(h.String())); err != nil || got != h {
				t.Fatalf("%s reads as %v, %v", form(h.String()), got, err)
			}
			if got, err := ParseAddress(form(a.String())); err != nil || got != a {
				t.Fatalf("%s reads as %v, %v", form(a.String()), got, err)
			}
		}
	})
}

func TestHashAndAddressRefusals(t *testing.T) {
	digits := strings.Repeat("5a", 32)
	for _, text := range []string{"", "0x", digits[1:], digits + "0", digits + "00", "0x0x" + digits, " " + digits, "g" + digits[1:], "0x" + digits[2:]} {
		if h, err := ParseHash(text); err == nil || !h.IsZero() {
			t.Errorf("hash %q reads as %v, %v", text, h, err)
		}
	}
	digits = digits[:40]
	for _, text := range []string{"", "0x", digits[1:], digits + "0", digits + "00", "0x0x" + digits, " " + digits, "g" + digits[1:], "0x" + digits[2:]} {
		if a, err := ParseAddress(text); err == nil || a != (Address{}) {
			t.Errorf("address %q reads as %v, %v", text, a, err)
		}
	}
}
