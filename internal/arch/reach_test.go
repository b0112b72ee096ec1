// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/importer"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// reach checks that no exported declaration of a public package needs a type of internal/, which importers of
// the module could not name.
func (t *tree) reach() (bad []string, err error) {
	files, err := t.exportData()
	if err != nil {
		return nil, err
	}
	load := importer.ForCompiler(t.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
	for _, p := range t.pkgs {
		path := strings.TrimSuffix(t.module+"/"+p.path, "/.")
		if !p.public() || files[path] == "" { // only tests there
			continue
		}
		pkg, err := load.Import(path)
		if err != nil {
			return nil, err
		}
		for _, name := range pkg.Scope().Names() {
			for _, n := range t.needs(pkg.Scope().Lookup(name)) {
				bad = append(bad, fmt.Sprintf("%s.%s, which another module cannot name", path, n))
			}
		}
	}
	return bad, nil
}

// exportData returns the compiler's export data of the module's packages and of all that they
// import: file by import path.
func (t *tree) exportData() (map[string]string, error) {
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./...")
	list.Dir = t.root
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", list, err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			files[path] = file
		}
	}
	return files, nil
}

// needs lists what an exported object and its methods need of internal/.
func (t *tree) needs(o types.Object) (needs []string) {
	if !o.Exported() {
		return nil
	}
	add := func(name string, typ types.Type) {
		if hidden := t.hidden(typ, nil); hidden != "" {
			needs = append(needs, name+" needs "+hidden)
		}
	}
	named, ok := o.Type().(*types.Named)
	if _, isType := o.(*types.TypeName); !ok || !isType {
		add(o.Name(), o.Type())
		return needs
	}
	for p := range named.TypeParams().TypeParams() {
		add(o.Name(), p.Constraint())
	}
	if s, ok := named.Underlying().(*types.Struct); ok {
		for f := range s.Fields() {
			if f.Exported() {
				add(o.Name()+"."+f.Name(), f.Type())
			}
		}
	} else {
		add(o.Name(), named.Underlying())
	}
	if !types.IsInterface(named) { // promoted methods, too
		for m := range types.NewMethodSet(types.NewPointer(named)).Methods() {
			if m.Obj().Exported() {
				add(o.Name()+"."+m.Obj().Name(), m.Type())
			}
		}
	}
	return needs
}

// hidden returns the first type of internal/ that a type is made of, or "".
func (t *tree) hidden(typ types.Type, seen []types.Type) string {
	if slices.Contains(seen, typ) {
		return ""
	}
	seen = append(seen, typ)
	first := func(all ...types.Type) string {
		for _, typ := range all {
			if h := t.hidden(typ, seen); h != "" {
				return h
			}
		}
		return ""
	}
	switch typ := typ.(type) {
	case *types.Alias:
		return first(types.Unalias(typ))
	case *types.Named:
		if p := typ.Obj().Pkg(); p != nil {
			if path, ours := t.own(p.Path()); ours && internal(path) {
				return path + "." + typ.Obj().Name()
			}
		}
		return first(slices.Collect(typ.TypeArgs().Types())...)
	case *types.TypeParam:
		return first(typ.Constraint())
	case interface{ Elem() types.Type }: // pointer, slice, array, channel; a map has a key, too
		if m, ok := typ.(*types.Map); ok {
			return first(m.Key(), m.Elem())
		}
		return first(typ.Elem())
	case *types.Signature:
		return first(typ.Params(), typ.Results())
	case *types.Tuple:
		for v := range typ.Variables() {
			if h := first(v.Type()); h != "" {
				return h
			}
		}
	case *types.Struct:
		for f := range typ.Fields() {
			if h := first(f.Type()); h != "" && f.Exported() {
				return h
			}
		}
	case *types.Interface:
		for e := range typ.EmbeddedTypes() {
			if h := first(e); h != "" {
				return h
			}
		}
		for m := range typ.Methods() {
			if h := first(m.Type()); h != "" && m.Exported() {
				return h
			}
		}
	case *types.Union:
		for term := range typ.Terms() {
			if h := first(term.Type()); h != "" {
				return h
			}
		}
	}
	return ""
}
