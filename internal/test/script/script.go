// SPDX-License-Identifier: Apache-2.0

package script

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the answers that the tests got into their golden files")

// Run runs each file that matches the pattern as a subtest. Start is called once for each
// file and returns the function that takes its commands, one after the other, as words,
// and returns the answer: lines, or nothing.
func Run(t *testing.T, pattern string, start func(*testing.T) func(words []string) string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no file matches %s (%v)", pattern, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(string(in), start(t))
			switch {
			case got == string(in):
			case *update:
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("%s: %s\n(-update writes what the test got)", file, firstDifference(string(in), got))
			}
		})
	}
}

// play returns the script with the answers that its commands get now.
func play(in string, run func([]string) string) string {
	var out strings.Builder
	for line := range strings.Lines(in) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "  ") {
			continue
		}
		out.WriteString(line + "\n")
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		for answer := range strings.Lines(run(words)) {
			out.WriteString("  " + strings.TrimSuffix(answer, "\n") + "\n")
		}
	}
	return out.String()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	command := ""
	for i := range max(len(w), len(g)) {
		line := func(of []string) string {
			if i < len(of) {
				return of[i]
			}
			return "(end)"
		}
		if line(w) != line(g) {
			return "after " + command + "\n  want " + line(w) + "\n  got  " + line(g)
		}
		if l := line(g); l != "" && l[0] != ' ' && l[0] != '#' {
			command = l
		}
	}
	return "the files are equal"
}
