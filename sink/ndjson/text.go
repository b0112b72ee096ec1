// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxText is how many bytes of a text are written. What is longer is cut between two
// characters and ends in an ellipsis.
const maxText = 512

// appendQuoted writes s as a JSON string (RFC 8259, section 7). Beyond what JSON demands
// it escapes every character that does not print, so that a line shown on a terminal
// cannot move its cursor or turn its text around.
func appendQuoted(b []byte, s string) []byte {
	s, whole := capText(s)
	b = append(b, '"')
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			b = appendASCII(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:]) // an invalid byte gives U+FFFD
		b = appendRune(b, r)
		i += n
	}
	if !whole {
		b = append(b, "…"...)
	}
	return append(b, '"')
}

func capText(s string) (_ string, whole bool) {
	if len(s) <= maxText {
		return s, true
	}
	end := maxText
	for i := range utf8.UTFMax { // back to the start of the character that the cut would halve
		if utf8.RuneStart(s[maxText-i]) {
			end = maxText - i
			break
		}
	}
	return s[:end], false
}

func appendASCII(b []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, '\\', 'n')
	case c == '\r':
		return append(b, '\\', 'r')
	case c == '\t':
		return append(b, '\\', 't')
	case c < ' ' || c == 0x7f:
		return appendEscape(b, uint16(c))
	}
	return append(b, c)
}

func appendRune(b []byte, r rune) []byte {
	if strconv.IsPrint(r) {
		return utf8.AppendRune(b, r)
	}
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendEscape(appendEscape(b, uint16(high)), uint16(low))
	}
	return appendEscape(b, uint16(r))
}

func appendEscape(b []byte, u uint16) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}
