// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
)

// impureImports are packages that a pure package has no use for.
var impureImports = map[string]string{
	"crypto/rand":  "take an io.Reader",
	"math/rand":    "take an io.Reader",
	"math/rand/v2": "take an io.Reader",
	"net":          "no sockets; net/netip has addresses",
	"net/http":     "no sockets",
	"os":           "take bytes",
	"os/exec":      "take bytes",
	"os/signal":    "take bytes",
	"syscall":      "take bytes",
	"log":          "return errors, record events",
	"log/slog":     "return errors, record events",
	"context":      "there is nothing to cancel",
	"reflect":      "no reflection on the wire path",
	"unsafe":       "no tricks in what reads bytes of others",
}

// clock are the functions of package time that read the clock or wait for it.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}

// purity checks that pure packages have no goroutine, clock, socket, file or randomness.
func (t *tree) purity() (bad []string) {
	for _, p := range t.pkgs {
		if r, ok := t.row(p.path); !ok || !r.pure {
			continue
		}
		for _, s := range p.files {
			if s.test {
				continue
			}
			names := s.imports()
			for _, imported := range slices.Sorted(maps.Keys(names)) {
				if why, ok := impureImports[imported]; ok {
					bad = append(bad, fmt.Sprintf("%s imports %s, in a pure package: %s", s.name, imported, why))
				}
			}
			ast.Inspect(s.File, func(n ast.Node) bool {
				if why := impurity(n, names["time"]); why != "" {
					bad = append(bad, fmt.Sprintf("%s: %s", t.at(s, n), why))
				}
				return true
			})
		}
	}
	return bad
}

// impurity says what is impure about a node itself. Time is the name of package time there.
func impurity(n ast.Node, time string) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "a pure package starts no goroutine"
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Go" && len(n.Args) == 1 {
			return "a pure package starts no goroutine"
		}
	case *ast.ImportSpec:
		if n.Name != nil && n.Name.Name == "." {
			return "a pure package names what it imports"
		}
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && time != "" && x.Name == time && slices.Contains(clock, n.Sel.Name) {
			return "a pure package has no clock: time is an argument"
		}
	}
	return ""
}
