// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// A mutant is one change of a file: the bytes in [from, to) become text.
type mutant struct {
	file     string // absolute
	line     int
	from, to int
	text     string
	old      string // what the list of survivors shows
}

var flips = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD, token.INC: token.DEC, token.DEC: token.INC,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
}

// A finder collects the mutants of one file.
type finder struct {
	file string
	src  []byte
	set  *token.FileSet
	all  []mutant
}

// find returns the mutants of a file.
func find(file string, src []byte) ([]mutant, error) {
	f := &finder{file: file, src: src, set: token.NewFileSet()}
	tree, err := parser.ParseFile(f.set, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(tree, f.visit)
	return f.all, nil
}

func (f *finder) add(from, to token.Pos, text string) {
	at := f.set.Position(from)
	end := f.set.Position(to).Offset
	f.all = append(f.all, mutant{
		file: f.file, line: at.Line, from: at.Offset, to: end, text: text, old: string(f.src[at.Offset:end]),
	})
}

// flip replaces an operator.
func (f *finder) flip(at token.Pos, op token.Token) {
	if to, ok := flips[op]; ok {
		f.add(at, at+token.Pos(len(op.String())), to.String())
	}
}

// remove leaves the lines of a statement empty, so that the lines below keep their numbers.
func (f *finder) remove(s ast.Stmt) {
	from, to := f.set.Position(s.Pos()).Offset, f.set.Position(s.End()).Offset
	f.add(s.Pos(), s.End(), "{"+strings.Repeat("\n", bytes.Count(f.src[from:to], []byte{'\n'}))+"}")
}

func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.Field: // a tag or the length of an array is not behaviour
		return false
	case *ast.BinaryExpr:
		f.flip(n.OpPos, n.Op)
	case *ast.IncDecStmt:
		f.flip(n.TokPos, n.Tok)
	case *ast.AssignStmt:
		f.flip(n.TokPos, n.Tok)
	case *ast.IfStmt:
		f.negate(n.Cond)
	case *ast.BasicLit:
		f.nudge(n)
	case *ast.BlockStmt:
		f.removals(n.List)
	case *ast.CaseClause:
		f.removals(n.Body)
	case *ast.CommClause:
		f.removals(n.Body)
	}
	return true
}

// negate negates a condition, unless a flipped operator does the same.
func (f *finder) negate(cond ast.Expr) {
	if b, ok := cond.(*ast.BinaryExpr); ok && (b.Op == token.EQL || b.Op == token.NEQ) {
		return
	}
	from, to := f.set.Position(cond.Pos()).Offset, f.set.Position(cond.End()).Offset
	f.add(cond.Pos(), cond.End(), "!("+string(f.src[from:to])+")")
}

// nudge makes an integer one more and one less.
func (f *finder) nudge(lit *ast.BasicLit) {
	n, err := strconv.ParseUint(lit.Value, 0, 63)
	if lit.Kind != token.INT || err != nil {
		return
	}
	f.add(lit.Pos(), lit.End(), strconv.FormatUint(n+1, 10))
	if n > 0 {
		f.add(lit.Pos(), lit.End(), strconv.FormatUint(n-1, 10))
	}
}

// removals removes each call, assignment and jump of a list of statements.
func (f *finder) removals(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && !dull(call) {
				f.remove(s)
			}
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				f.remove(s)
			}
		case *ast.IncDecStmt, *ast.ReturnStmt, *ast.BranchStmt:
			f.remove(s)
		}
	}
}

// dull reports whether the removal of a call says nothing about tests: a lock only matters under load, and a
// panic only to a fault of our own.
func dull(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name == "panic"
	case *ast.SelectorExpr:
		switch fun.Sel.Name {
		case "Lock", "Unlock", "RLock", "RUnlock":
			return true
		}
	}
	return false
}
