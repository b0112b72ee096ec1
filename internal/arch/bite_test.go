// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fake loads a tree of testdata.
func fake(t *testing.T, name string, rows []row) *tree {
	t.Helper()
	f, err := load(filepath.Join("testdata", name), rows)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// expect compares what a check says with what it must say: no less, and no more. Each line
// wanted is the beginning of one that the check says.
func expect(t *testing.T, have []string, want string) {
	t.Helper()
	wanted := strings.Split(strings.TrimSpace(want), "\n")
	for _, w := range wanted {
		i := slices.IndexFunc(have, func(h string) bool { return strings.HasPrefix(h, strings.TrimSpace(w)) })
		if i < 0 {
			t.Errorf("not said: %s", strings.TrimSpace(w))
			continue
		}
		have = slices.Delete(have, i, i+1)
	}
	for _, h := range have {
		t.Errorf("said without need: %s", h)
	}
}

func TestLayersBite(t *testing.T) {
	f := fake(t, "layers", []row{
		{"low", values, pure, nil},
		{"low2", values, pure, []string{"engine"}},
		{"named", values, pure, []string{"low"}},
		{"same", values, pure, nil},
		{"engine", engines, impure, []string{"gone", "norow", "help"}},
		{"engine2", engines, impure, nil},
		{"pureengine", engines, pure, []string{"engine"}},
		{"gone", engines, impure, nil},
		{"roles/a", roles, impure, []string{"engine", "roles/b"}},
		{"roles/b", roles, impure, nil},
		{"roles/b", roles, impure, nil},
		{"top", nodes, impure, []string{"*"}},
		{"top2", nodes, impure, nil},
		{"help", tests, impure, nil},
		{"late", values, pure, nil},
	})
	expect(t, f.layers(), `
		the row "gone" names no package
		the row "late" names no package
		the row "late" stands below a row of a higher layer
		the row "roles/b" is there twice
		package norow has no row: add a row to the table in internal/arch/table_test.go: {"norow", layer,
		low2/up.go imports engine: imports point down
		low2/up.go imports roles/a: imports point down
		same/same.go imports low: the row "same" in internal/arch/table_test.go does not name it
		engine/engine.go imports help: that package is for tests only
		engine/engine.go imports norow: that package has no row
		engine/engine_test.go imports github.com/ethereum/go-ethereum/common: go-ethereum is an oracle
		engine/engine_test.go imports example.org/fake/interop/bench: interop/ is a module of its own
		the row "engine" uses "gone", which the package does not import
		engine2/engine2.go imports engine: the row "engine2" in internal/arch/table_test.go does not name it
		pureengine/pureengine.go imports engine: a pure package imports only pure ones
		roles/a/a.go imports roles/b: roles never import each other
		roles/b/b.go imports github.com/ethereum/go-ethereum: go-ethereum is an oracle
		top/top.go imports top2: the row "top" in internal/arch/table_test.go does not name it
	`)
}

func TestPurityBites(t *testing.T) {
	f := fake(t, "purity", []row{{"pure", values, pure, nil}, {"engine", engines, impure, nil}})
	want := `
		pure/clock.go:10: a pure package has no clock
		pure/clock.go:11: a pure package has no clock
		pure/clock.go:12: a pure package has no clock
		pure/clock.go:13: a pure package has no clock
		pure/clock.go:14: a pure package has no clock
		pure/clock.go:15: a pure package has no clock
		pure/clock.go:16: a pure package has no clock
		pure/clock.go:17: a pure package has no clock
		pure/clock.go:18: a pure package has no clock
		pure/clock.go:19: a pure package has no clock
		pure/goroutine.go:6: a pure package names what it imports
		pure/goroutine.go:12: a pure package starts no goroutine
		pure/goroutine.go:14: a pure package starts no goroutine
		pure/goroutine.go:15: a pure package has no clock
	`
	for imported := range impureImports {
		want += "pure/imports.go imports " + imported + ", in a pure package\n"
	}
	expect(t, f.purity(), want)
}

func TestDocumentsBite(t *testing.T) {
	f := fake(t, "documents", nil)
	expect(t, f.documents(), `
		package none has no documentation
		the documentation of wrong begins with "This is package wrong.", not with "Package wrong "
		the documentation of cut begins with no sentence
		the first sentence of long has 256 bytes, more than 200
		place/place.go documents the package: move that to doc.go
	`)
}

func TestExamplesBite(t *testing.T) {
	f := fake(t, "documents", nil)
	expect(t, f.examples(), `
		package none has no Example
		package wrong has no Example
		package cut has no Example
		package long has no Example
		package place has no Example
	`)
}

func TestSleepsBite(t *testing.T) {
	f := fake(t, "sleeps", nil)
	expect(t, f.sleeps(), `
		awake/awake_test.go:19: time.Sleep outside of a bubble
		awake/awake_test.go:23: synctest.Test: call bubble.Test
		awake/alone_test.go:7: time.Sleep outside of a bubble
	`)
}

func TestReachBites(t *testing.T) {
	bad, err := fake(t, "reach", nil).reach()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, needs := range []string{
		"Result needs internal/in.Hidden", "Param needs internal/in.Hidden", "Seq needs internal/in.Hidden",
		"Constraint needs internal/in.Doer", "Func needs internal/in.Hidden", "Var needs internal/in.Hidden",
		"Alias needs internal/in.Hidden", "Key needs internal/in.Hidden", "Struct.Public needs internal/in.Hidden",
		"Struct.Inner needs internal/in.Hidden", "Struct.Method needs internal/in.Doer", "Embeds.Hidden needs internal/in.Hidden",
		"Embeds.Get needs internal/in.Hidden", "Promotes.Promoted needs internal/in.Hidden", "Interface needs internal/in.Hidden",
		"Union needs internal/in.Hidden", "Generic needs internal/in.Doer",
	} {
		want.WriteString("example.org/fake/out." + needs + "\n")
	}
	expect(t, bad, want.String())
}

func TestWordsBite(t *testing.T) {
	expect(t, fake(t, "words", nil).words(newSpeller()), `
		said/said.go:7: "news": say newBlock
		said/said.go:10: "rest": say cooldown
		said/said.go:13: "claim": say waiter
		said/said.go:14: "claim": say waiter
		said/said.go:5: "leash": say supervisor
	`)
}
