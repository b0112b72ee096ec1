// SPDX-License-Identifier: Apache-2.0

package option

import (
	"fmt"
	"strconv"
	"strings"
)

const hexDigits = "0123456789abcdefABCDEF"

// HasKey reports whether a text has what may be a private key: 64 hex digits, no more. A
// public key has 128.
func HasKey(s string) bool { return HideKeys(s) != s }

// HideKeys takes what may be private keys out of a message, which may quote what the user
// gave in a wrong place.
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

// LooksLikeKey reports whether a text is a key, or most of one, where a file's name should be.
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
