// SPDX-License-Identifier: Apache-2.0

package option

import (
	"strings"
	"unicode"
)

// Nearest returns the known word that a user who wrote word may have meant.
func Nearest(word string, known []string) (best string, ok bool) {
	word = fold(word)
	if len(word) > 64 {
		return "", false // no slip of the fingers
	}
	least := 2*((len(word)+1)/3) + 2 // in half slips: as many make it another word
	for _, k := range known {
		if d := apart(word, fold(k)); d < least {
			best, least = k, d
		}
	}
	return best, best != ""
}

// apart says how far apart two folded words are, in half slips.
func apart(word, known string) int {
	d := 2 * slips(word, known)
	switch short := min(len(word), len(known)); {
	case short < 3 || len(word) >= 2*len(known):
	case word[:short] == known[:short]:
		d = min(d, 2) // one begins the other
	case strings.Contains(known, word):
		d = min(d, 3)
	}
	return d
}

// fold leaves letters and digits: log_level and logLevel are log-level.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// slips counts the letters to insert, to drop, to replace or to swap with the next that
// make b of a (optimal string alignment), in bytes.
func slips(a, b string) int {
	rows := make([][]int, len(a)+1) // rows[i][j]: from a[:i] to b[:j]
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
			default:
				rows[i][j] = 1 + min(rows[i-1][j-1], rows[i-1][j], rows[i][j-1])
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					rows[i][j] = min(rows[i][j], 1+rows[i-2][j-2])
				}
			}
		}
	}
	return rows[len(a)][len(b)]
}
