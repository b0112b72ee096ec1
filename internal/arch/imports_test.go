// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const howToAdd = "add a row to the table in internal/arch/table_test.go: " +
	`{"%[1]s", layer, pure or impure, []string{the packages above L1 or of its own layer that it imports}}`

// layers checks that each package has a row, and each row a package, and that imports are
// what the rows say.
func (t *tree) layers() (bad []string) {
	for i, r := range t.rows {
		if !slices.ContainsFunc(t.pkgs, func(p *pkg) bool { return p.path == r.path }) {
			bad = append(bad, fmt.Sprintf("the row %q names no package: remove it from internal/arch/table_test.go", r.path))
		}
		if i > 0 && r.layer < t.rows[i-1].layer {
			bad = append(bad, fmt.Sprintf("the row %q stands below a row of a higher layer: move it up", r.path))
		}
		if slices.ContainsFunc(t.rows[:i], func(other row) bool { return other.path == r.path }) {
			bad = append(bad, fmt.Sprintf("the row %q is there twice", r.path))
		}
	}
	for _, p := range t.pkgs {
		r, ok := t.row(p.path)
		if !ok {
			bad = append(bad, fmt.Sprintf("package %[1]s has no row: "+howToAdd, p.path))
			continue
		}
		bad = append(bad, t.importsOf(p, r)...)
	}
	return bad
}

func (t *tree) importsOf(p *pkg, r row) (bad []string) {
	used := map[string]bool{}
	for _, s := range p.files {
		for _, imported := range slices.Sorted(maps.Keys(s.imports())) {
			if why := t.foreign(imported); why != "" {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s", s.name, imported, why))
				continue
			}
			path, ours := t.own(imported)
			if !ours || s.test || r.layer == tests {
				continue // tests may import what they like
			}
			used[path] = true
			if why := t.mayNot(r, path); why != "" {
				bad = append(bad, fmt.Sprintf("%s imports %s: %s", s.name, path, why))
			}
		}
	}
	for _, path := range r.uses {
		if path != "*" && !used[path] {
			bad = append(bad, fmt.Sprintf("the row %q uses %q, which the package does not import: take the name out", r.path, path))
		}
	}
	return bad
}

// foreign says why no file at all may import something.
func (t *tree) foreign(imported string) string {
	path, ours := t.own(imported)
	switch {
	case imported == "github.com/ethereum/go-ethereum" || strings.HasPrefix(imported, "github.com/ethereum/go-ethereum/"):
		return "go-ethereum is an oracle, for interop/ only"
	case ours && (path == "interop" || strings.HasPrefix(path, "interop/")):
		return "interop/ is a module of its own"
	}
	return ""
}

// mayNot says why a package may not import another one.
func (t *tree) mayNot(r row, path string) string {
	to, ok := t.row(path)
	named := slices.Contains(r.uses, path)
	switch {
	case !ok:
		return "that package has no row in internal/arch/table_test.go"
	case to.layer == tests:
		return "that package is for tests only"
	case to.layer > r.layer:
		return fmt.Sprintf("imports point down, from layer %d to at most %d, and that is %d", r.layer, r.layer, to.layer)
	case to.layer == roles && r.layer == roles:
		return "roles never import each other"
	case r.pure && !to.pure:
		return "a pure package imports only pure ones"
	case to.layer < r.layer && (to.layer <= machines || slices.Contains(r.uses, "*")):
		return ""
	case !named:
		return fmt.Sprintf("the row %q in internal/arch/table_test.go does not name it: if it belongs below, add %q to the row", r.path, path)
	}
	return ""
}
