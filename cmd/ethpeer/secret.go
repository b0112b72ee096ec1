// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

const hexDigits = "0123456789abcdefABCDEF"

// hasKey reports whether a text has what may be a private key: 64 hex digits, no more. A
// public key has 128.
func hasKey(s string) bool { return hideKeys(s) != s }

// hideKeys takes what may be private keys out of a message, which may quote what the user
// gave in a wrong place.
func hideKeys(s string) string {
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
