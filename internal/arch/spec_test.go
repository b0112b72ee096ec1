// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const moduleRoot = "../.."

// TestSpec checks that each row of SPEC.md has a requirement, its code and its tests, that the
// files are there, and that each test is a function of the package that the row names.
func TestSpec(t *testing.T) {
	for where, cells := range rowsOf(t, "SPEC.md", "requirement", 100) {
		for _, bad := range append(missingFiles(moduleRoot, cells[1]), missingTests(moduleRoot, cells[2])...) {
			t.Errorf("%s: %s", where, bad)
		}
	}
}

// TestSecurity checks that each row of docs/security.md has an attack, the bound and its tests, and that each
// test is a function of the package that the row names.
func TestSecurity(t *testing.T) {
	for where, cells := range rowsOf(t, "docs/security.md", "an attacker", 50) {
		if !testNames.MatchString(cells[2]) {
			t.Errorf("%s: the row names no test", where)
		}
		for _, bad := range missingTests(moduleRoot, cells[2]) {
			t.Errorf("%s: %s", where, bad)
		}
	}
}

// rowsOf returns the rows of three cells of a document, by file and line. The head of the table begins with
// head; there must be at least so many rows.
func rowsOf(t *testing.T, file, head string, least int) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot, file))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for n, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| --- ") || strings.HasPrefix(line, "| "+head+" ") {
			continue
		}
		where := fmt.Sprintf("%s:%d", file, n+1)
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | ")
		if len(cells) != 3 {
			t.Errorf("%s has %d cells, want 3", where, len(cells))
			continue
		}
		rows[where] = cells
	}
	if len(rows) < least {
		t.Errorf("%s has %d rows", file, len(rows))
	}
	return rows
}

var (
	quoted    = regexp.MustCompile("`([^`]+)`")
	choice    = regexp.MustCompile(`\{([^}]*)\}`)
	testNames = regexp.MustCompile(`\b(?:Test|Fuzz|Example)[A-Z]\w*`)
)

// missingFiles returns what is wrong with the paths of a row, such as `p2p/{reader,writer}.go`.
func missingFiles(root, code string) (bad []string) {
	for _, m := range quoted.FindAllStringSubmatch(code, -1) {
		paths := []string{m[1]}
		if c := choice.FindStringSubmatch(m[1]); c != nil {
			paths = nil
			for part := range strings.SplitSeq(c[1], ",") {
				paths = append(paths, strings.Replace(m[1], c[0], part, 1))
			}
		}
		for _, p := range paths {
			if _, err := os.Stat(filepath.Join(root, p)); err != nil {
				bad = append(bad, "there is no "+p)
			}
		}
	}
	return bad
}

// missingTests returns what is wrong with the tests of a row: "`p2p` TestA, TestB; `eth` TestC".
func missingTests(root, tests string) (bad []string) {
	for part := range strings.SplitSeq(tests, ";") {
		names := testNames.FindAllString(part, -1)
		if len(names) == 0 {
			continue // all tests of a package, or the conformance suites
		}
		m := quoted.FindStringSubmatch(part)
		if m == nil {
			bad = append(bad, fmt.Sprintf("%s: name the package of the tests", strings.TrimSpace(part)))
			continue
		}
		dir := m[1]
		if dir == "ethpeer" {
			dir = "."
		}
		files, _ := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
		var source strings.Builder
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				bad = append(bad, err.Error())
			}
			source.Write(b)
		}
		for _, name := range names {
			if !strings.Contains(source.String(), "func "+name+"(") {
				bad = append(bad, fmt.Sprintf("%s has no %s", m[1], name))
			}
		}
	}
	return bad
}

// TestSpecBites shows what TestSpec finds.
func TestSpecBites(t *testing.T) {
	for code, want := range map[string]int{
		"`internal/arch/spec_test.go`": 0, "`internal/arch/{arch,spec}_test.go`, `internal`": 0,
		"`internal/arch/none.go`": 1, "`internal/arch/{arch,none}_test.go`": 1, "all": 0,
	} {
		if bad := missingFiles(moduleRoot, code); len(bad) != want {
			t.Errorf("%s: %q", code, bad)
		}
	}
	for tests, want := range map[string]int{
		"`internal/arch` TestSpec, TestLayers; suites": 0, "`internal/arch` TestSpec/part": 0, "`ethpeer` TestFindsPeers": 0,
		"TestSpec": 1, "`internal/arch` TestNothing": 1, "`internal/none` TestSpec": 1, "`internal/arch` TestSpecBite": 1,
	} {
		if bad := missingTests(moduleRoot, tests); len(bad) != want {
			t.Errorf("%s: %q", tests, bad)
		}
	}
}
