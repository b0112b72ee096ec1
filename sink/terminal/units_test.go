// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"testing"
	"time"

	"github.com/holiman/uint256"
)

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		wei              string
		decimals, places int
		want             string
	}{
		{"0", 18, 6, "0"},
		{"1", 18, 6, "<0.000001"},
		{"999999999999", 18, 6, "<0.000001"},
		{"1000000000000", 18, 6, "0.000001"},
		{"1500000000000000000", 18, 6, "1.5"},
		{"1000000000000000000", 18, 6, "1"},
		{"1234567890000000000000", 18, 6, "1234.56789"},
		{"30000000000", 9, 3, "30"},
		{"1000000", 9, 3, "0.001"},
		{"7", 9, 3, "<0.001"},
	} {
		if got := string(appendAmount(nil, *uint256.MustFromDecimal(c.wei), c.decimals, c.places)); got != c.want {
			t.Errorf("%s wei: %s, want %s", c.wei, got, c.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                  "0s",
		1234567 * time.Nanosecond:     "1ms",
		59*time.Second + 1500_000:     "59.002s",
		61*time.Second + 400_000_000:  "1m1s",
		26*time.Hour + 30*time.Second: "26h0m30s",
	} {
		if got := string(appendDuration(nil, d)); got != want {
			t.Errorf("%v is shown as %s, want %s", d, got, want)
		}
	}
}
