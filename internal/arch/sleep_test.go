// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

const (
	synctest = "testing/synctest"
	bubble   = "internal/test/bubble"
)

// sleeps checks that tests sleep only in bubbles, where that takes no time, and that bubbles
// are made by package bubble, without which the race detector crashes now and then.
//
// A file that sleeps imports one of the two packages, and a test function that sleeps does it
// in a function literal, which is what bubble.Test and helpers around it take.
func (t *tree) sleeps() (bad []string) {
	for _, p := range t.pkgs {
		if p.path == bubble {
			continue
		}
		for _, s := range p.files {
			if !s.test {
				continue
			}
			names := s.imports()
			inBubble := names[t.module+"/"+bubble]
			for _, d := range s.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || f.Body == nil {
					continue
				}
				isTest := f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test")
				for _, c := range calls(f.Body, names["time"], "Sleep") {
					if names[synctest] == "" && inBubble == "" || isTest && !c.literal {
						bad = append(bad, fmt.Sprintf("%s: time.Sleep outside of a bubble: see internal/test/bubble", t.at(s, c)))
					}
				}
				for _, c := range calls(f.Body, names[synctest], "Test") {
					bad = append(bad, fmt.Sprintf("%s: synctest.Test: call bubble.Test, see internal/test/bubble", t.at(s, c)))
				}
			}
		}
	}
	return bad
}

// A call is of a package's function, in a function literal or not.
type call struct {
	*ast.CallExpr
	literal bool
}

// calls returns the calls of from.name below n. From is the package's name in the file.
func calls(n ast.Node, from, name string) (all []call) {
	var within []ast.Node
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil {
			within = within[:len(within)-1]
			return true
		}
		within = append(within, n)
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := c.Fun.(*ast.SelectorExpr)
		if !ok || f.Sel.Name != name {
			return true
		}
		if x, ok := f.X.(*ast.Ident); ok && from != "" && x.Name == from {
			all = append(all, call{c, slices.ContainsFunc(within, func(n ast.Node) bool { _, ok := n.(*ast.FuncLit); return ok })})
		}
		return true
	})
	return all
}
