// SPDX-License-Identifier: Apache-2.0

package script

import (
	"strings"
	"testing"
)

func TestPlay(t *testing.T) {
	echo := func(words []string) string { return strings.Join(words[1:], "\n") }
	in := "# a comment\nsay one two\n  stale\n\nsay\n  stale\nsay three"
	want := "# a comment\nsay one two\n  one\n  two\n\nsay\nsay three\n  three\n"
	if got := play(in, echo); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := play(want, echo); got != want {
		t.Errorf("playing the result again gives\n%s", got)
	}
}

func TestFirstDifference(t *testing.T) {
	got := firstDifference("say one\n  one\n  two\n", "say one\n  one\n  three\n")
	if want := "after say one\n  want   two\n  got    three"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
