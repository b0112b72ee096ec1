// SPDX-License-Identifier: Apache-2.0

package option

import (
	"strings"
	"unicode"
)

// Nearest returns the known word that is closest to word, if it is close enough to be the intended one.
func Nearest(word string, known []string) (best string, ok bool) {
	word = fold(word)
	if len(word) > 64 {
		return "", false // too far for a typing error
	}
	least := 2*((len(word)+1)/3) + 2 // in half errors: as many make another word
	for _, k := range known {
		if d := apart(word, fold(k)); d < least {
			best, least = k, d
		}
	}
	return best, best != ""
}

// apart returns the distance of two folded words, in half errors.
func apart(word, known string) int {
	d := 2 * slips(word, known)
	switch short := min(len(word), len(known)); {
	case short < 3 || len(word) >= 2*len(known):
	case word[:short] == known[:short]:
		d = min(d, 2) // one is the beginning of the other
	case strings.Contains(known, word):
		d = min(d, 3)
	}
	return d
}

// fold keeps letters and digits, so that log_level and logLevel equal log-level.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// slips counts the insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal
// string alignment), in bytes.
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
