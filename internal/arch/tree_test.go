// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A tree is the source of a module.
type tree struct {
	root   string // directory
	module string // import path
	fset   *token.FileSet
	pkgs   []*pkg // by path
	rows   []row
}

type pkg struct {
	path  string // from the module's root
	name  string
	files []*source
}

type source struct {
	*ast.File
	name string // from the module's root
	test bool
}

// load parses all Go files below root, whatever their build tags, but not those of testdata
// and of other modules.
func load(root string, rows []row) (*tree, error) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(mod), "\n")
	t := &tree{root: root, module: strings.TrimPrefix(first, "module "), fset: token.NewFileSet(), rows: rows}
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch base := d.Name(); {
		case d.IsDir() && file != root:
			_, err := os.Stat(filepath.Join(file, "go.mod"))
			if base == "testdata" || base[0] == '.' || base[0] == '_' || !errors.Is(err, fs.ErrNotExist) {
				return filepath.SkipDir
			}
		case d.Type().IsRegular() && strings.HasSuffix(base, ".go"):
			return t.add(file)
		}
		return nil
	})
	return t, err
}

func (t *tree) add(file string) error {
	name, err := filepath.Rel(t.root, file)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(t.fset, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	name = filepath.ToSlash(name)
	dir := path.Dir(name)
	i := slices.IndexFunc(t.pkgs, func(p *pkg) bool { return p.path == dir })
	if i < 0 {
		i = len(t.pkgs)
		t.pkgs = append(t.pkgs, &pkg{path: dir})
	}
	p := t.pkgs[i]
	s := &source{f, name, strings.HasSuffix(name, "_test.go")}
	p.files = append(p.files, s)
	if p.name == "" || !s.test {
		p.name = strings.TrimSuffix(f.Name.Name, "_test")
	}
	return nil
}

// row returns the row of a package.
func (t *tree) row(path string) (row, bool) {
	for _, r := range t.rows {
		if r.path == path {
			return r, true
		}
	}
	return row{}, false
}

// own returns the path of a package of this module from its root.
func (t *tree) own(imported string) (string, bool) {
	if imported == t.module {
		return ".", true
	}
	return strings.CutPrefix(imported, t.module+"/")
}

// at says where in the module's source a node is.
func (t *tree) at(s *source, n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, t.fset.Position(n.Pos()).Line)
}

// public reports whether other modules can import a package and are meant to.
func (p *pkg) public() bool {
	return p.name != "main" && !internal(p.path)
}

func internal(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "internal")
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// imports returns what a file imports, with the name that each import has there.
func (s *source) imports() map[string]string {
	names := map[string]string{}
	for _, i := range s.Imports {
		imported, _ := strconv.Unquote(i.Path.Value)
		names[imported] = strings.TrimPrefix(path.Base(imported), "go-")
		if majorVersion.MatchString(names[imported]) {
			names[imported] = path.Base(path.Dir(imported))
		}
		if i.Name != nil {
			names[imported] = i.Name.Name
		}
	}
	return names
}
