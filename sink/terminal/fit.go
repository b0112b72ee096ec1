// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// hang is what a folded line's continuation begins with.
const hang = "    "

// wide are the ranges of East Asian Width W and F (Unicode UAX #11) that text contains.
var wide = unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1},
		{0x2e80, 0x303e, 1},
		{0x3041, 0x33ff, 1},
		{0x3400, 0x4dbf, 1},
		{0x4e00, 0xa4cf, 1},
		{0xa960, 0xa97f, 1},
		{0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1},
		{0xfe30, 0xfe6f, 1},
		{0xff00, 0xff60, 1},
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x16fe0, 0x18cff, 1}, {0x1b000, 0x1b2ff, 1}, {0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1faff, 1}, {0x20000, 0x3fffd, 1},
	},
}

// columns returns how many columns of a screen a character takes.
func columns(r rune) int {
	switch {
	case r < ' ', r == 0x7f, unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(&wide, r):
		return 2
	}
	return 1
}

// next returns the length and the columns of what s begins with: a character, or a control
// sequence (ECMA-48, 5.4), which takes no column.
func next(s string) (size, width int) {
	if strings.HasPrefix(s, "\x1b[") {
		if end := strings.IndexFunc(s[2:], func(r rune) bool { return r >= 0x40 && r <= 0x7e }); end >= 0 {
			return end + 3, 0
		}
	}
	r, size := utf8.DecodeRuneInString(s)
	return size, columns(r)
}

// widthOf returns how many columns s takes.
func widthOf(s string) (width int) {
	for len(s) > 0 {
		size, w := next(s)
		width += w
		s = s[size:]
	}
	return width
}

// clip cuts a line to width columns; one that is cut ends in an ellipsis. Control sequences
// are kept, those behind the cut too: they end a colour.
func clip(s string, width int) string {
	if widthOf(s) <= width {
		return s
	}
	var b strings.Builder
	col, cut := 0, false
	for len(s) > 0 {
		size, w := next(s)
		switch {
		case size > 1 && s[0] == '\x1b':
			b.WriteString(s[:size])
		case cut:
		case col+w > width-1:
			cut = true
			if width > 0 {
				b.WriteString("…")
			}
		default:
			b.WriteString(s[:size])
			col += w
		}
		s = s[size:]
	}
	return b.String()
}

// fold breaks a line at spaces so that no part is longer than width columns, except a
// single word that is: an address is there to be copied whole.
func fold(s string, width int) string {
	if widthOf(s) <= width {
		return s
	}
	var b strings.Builder
	col, started := 0, false // columns of the current part, and whether it has a word
	for len(s) > 0 {
		word := strings.TrimLeft(s, " ")
		gap := len(s) - len(word)
		if end := strings.IndexByte(word, ' '); end >= 0 {
			word = word[:end]
		}
		s = s[gap+len(word):]
		if started && col+gap+widthOf(word) > width {
			b.WriteString("\n")
			col, gap = 0, min(len(hang), max(0, width-widthOf(word)))
		}
		b.WriteString(strings.Repeat(" ", gap))
		b.WriteString(word)
		col += gap + widthOf(word)
		started = true
	}
	return b.String()
}
