// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"strings"
	"time"

	"github.com/holiman/uint256"
)

// appendHash shows enough of a hash to find it again.
func appendHash(b []byte, h [32]byte) []byte { return fmt.Appendf(b, "0x%x…", h[:5]) }

// appendBytes shows a size with a unit, in steps of 1,000.
func appendBytes(b []byte, n uint64) []byte {
	switch {
	case n < 1_000:
		return fmt.Appendf(b, "%d B", n)
	case n < 1_000_000:
		return fmt.Appendf(b, "%.1f kB", float64(n)/1e3)
	}
	return fmt.Appendf(b, "%.1f MB", float64(n)/1e6)
}

// appendAmount shows v in units of 10^decimals, with up to places decimals, rounded down.
func appendAmount(b []byte, v uint256.Int, decimals, places int) []byte {
	unit := new(uint256.Int).Exp(uint256.NewInt(10), uint256.NewInt(uint64(decimals-places)))
	n := new(uint256.Int).Div(&v, unit)
	if n.IsZero() && !v.IsZero() {
		return fmt.Appendf(b, "<0.%0*d", places, 1)
	}
	digits := n.Dec()
	if len(digits) <= places {
		digits = strings.Repeat("0", places-len(digits)+1) + digits
	}
	whole, part := digits[:len(digits)-places], strings.TrimRight(digits[len(digits)-places:], "0")
	b = append(b, whole...)
	if part != "" {
		b = append(append(b, '.'), part...)
	}
	return b
}

// appendDuration shows milliseconds below a minute, seconds above.
func appendDuration(b []byte, d time.Duration) []byte {
	unit := time.Millisecond
	if d >= time.Minute {
		unit = time.Second
	}
	return append(b, max(0, d).Round(unit).String()...)
}
