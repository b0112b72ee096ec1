// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"strconv"
	"strings"
)

const hexDigits = "0123456789abcdefABCDEF"

// HasKey reports whether a text has a possible private key: exactly 64 hex digits. A public key has 128.
func HasKey(s string) bool { return HideKeys(s) != s }

// HideKeys removes possible private keys from a message, which may quote a value that the user gave in the
// wrong place.
func HideKeys(s string) string {
	var b strings.Builder
	for s != "" {
		run := len(s) - len(strings.TrimLeft(s, hexDigits))
		if run == 64 {
			b.WriteString("(64 hex digits)")
		} else {
			b.WriteString(s[:run])
		}
		s = s[run:]
		next := strings.IndexAny(s, hexDigits)
		if next < 0 {
			next = len(s)
		}
		b.WriteString(s[:next])
		s = s[next:]
	}
	return b.String()
}

// LooksLikeKey reports whether a text in place of a file name is a key, or most of one.
func LooksLikeKey(s string) bool {
	s = strings.TrimPrefix(strings.ToLower(s), "0x")
	return len(s) >= 32 && strings.Trim(s, hexDigits) == ""
}

// Printable escapes the characters that do not print.
func Printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
