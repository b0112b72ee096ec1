// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"unicode/utf8"
)

// How many bytes of a text are shown: of a name, which stands in most lines, and of the
// cause of an end.
const (
	maxName  = 48
	maxCause = 200
	maxURL   = 240
)

// appendText shows up to limit bytes of text that a peer may have chosen: printable ASCII as it
// is, any other character by its number. Other scripts are not let through, because a peer could
// turn the reading direction of our own words with them.
func appendText(b []byte, s string, limit int) []byte {
	for i := 0; i < len(s); {
		if i >= limit {
			return append(b, "…"...)
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= ' ' && r < 0x7f:
			b = append(b, byte(r))
		case r == utf8.RuneError && n == 1, r < ' ', r == 0x7f:
			b = fmt.Appendf(b, `\x%02x`, s[i])
		case r > 0xffff:
			b = fmt.Appendf(b, `\U%08x`, r)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		i += n
	}
	return b
}
