// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/event"
)

func TestClip(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"", 0, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abcd", 1, "…"},
		{"abcd", 0, ""},
		{"世界", 4, "世界"},
		{"世界", 3, "世…"},
		{"世界", 2, "…"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"},
		{"\x1b[1;31mabcd\x1b[0m", 4, "\x1b[1;31mabcd\x1b[0m"},
		{"\x1b[1;31mabcd\x1b[0m!", 3, "\x1b[1;31mab…\x1b[0m"},
		{"\r\x1b[Kabcd", 4, "\r\x1b[Kabcd"},
		{"\x1b[12", 3, "\x1b[12"}, // no control sequence: it has no end
	} {
		if got := clip(c.in, c.width); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		in    string
		width int
		want  string
	}{
		{"one two", 7, "one two"},
		{"one two", 6, "one\n   two"},
		{"one  two three", 9, "one  two\n    three"},
		{"a verylongword b", 9, "a\nverylongword\n    b"},
		{"世界 世界", 8, "世界\n    世界"},
		{"one two", 0, "one\ntwo"},
	} {
		if got := fold(c.in, c.width); got != c.want {
			t.Errorf("fold(%q, %d) = %q, want %q", c.in, c.width, got, c.want)
		}
	}
}

func TestColumnsOfACharacter(t *testing.T) {
	for want, chars := range []string{"\x00\n\x7f\u0301\u200b\u202e", "a é…→\u00a0", "世カ한　！🜁😀"} {
		for _, r := range chars {
			if r == '\U0001f701' { // an alchemical symbol is narrow
				want := 1
				if got := columns(r); got != want {
					t.Errorf("%q takes %d columns, want %d", r, got, want)
				}
				continue
			}
			if got := columns(r); got != want {
				t.Errorf("%q takes %d columns, want %d", r, got, want)
			}
		}
	}
}

// No line is wider than the screen, except a single word of a line that is to be copied.
func TestLinesFitTheScreen(t *testing.T) {
	for _, color := range []bool{false, true} {
		for width := 1; width < 200; width++ {
			f := Format{Color: color, Width: func() int { return width }}
			for _, e := range corpus() {
				text := string(f.Append(nil, e))
				if !strings.HasSuffix(text, "\n") {
					t.Fatalf("%q ends in no newline", text)
				}
				if n := strings.Count(text, "\n"); n != 1 && e.Kind() != event.KindSummary && e.Kind() != event.KindSelf && e.Kind() != event.KindTrouble {
					t.Errorf("%s takes %d lines at %d columns", e.Kind(), n, width)
				}
				if color && strings.Count(text, "\x1b[") != 2*strings.Count(text, "\x1b[0m") {
					t.Errorf("a colour does not end: %q", text)
				}
				for line := range strings.Lines(text) {
					line = strings.TrimSuffix(line, "\n")
					if n := widthOf(line); n > width && strings.Contains(strings.TrimLeft(line, " "), " ") {
						t.Errorf("%d columns on a screen of %d: %q", n, width, line)
					}
				}
			}
		}
	}
}

// What is cut ends in an ellipsis, what is folded keeps its words.
func TestFittingKeepsWhatItCan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("ab  é世\u0301…"))).Draw(t, "text")
		width := rapid.IntRange(1, 30).Draw(t, "width")
		cut := clip(s, width)
		if widthOf(cut) > width {
			t.Fatalf("%q is wider than %d", cut, width)
		}
		if kept, was := strings.CutSuffix(cut, "…"); cut != s && (!was || !strings.HasPrefix(s, kept)) {
			t.Fatalf("%q of %q", cut, s)
		}
		if got, want := strings.Fields(fold(s, width)), strings.Fields(s); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%q, want the words %q", got, want)
		}
	})
}
