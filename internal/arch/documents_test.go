// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/ast"
	"go/doc"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxSynopsis bounds the first sentence of a package's documentation, in bytes, links left out.
const maxSynopsis = 200

var link = regexp.MustCompile(` ?\(?https?://[^ )]*\)?`)

// documents checks that each package says in its doc.go, in one sentence, what it is for.
func (t *tree) documents() (bad []string) {
	for _, p := range t.pkgs {
		begins := "Package " + p.name + " "
		if p.name == "main" {
			begins = "Command " + path.Base(p.path) + " "
		}
		said := ""
		for _, s := range p.files {
			if s.Doc == nil {
				continue
			}
			if path.Base(s.name) != "doc.go" {
				bad = append(bad, fmt.Sprintf("%s documents the package: move that to doc.go", s.name))
			}
			said = s.Doc.Text()
		}
		first := link.ReplaceAllString(new(doc.Package).Synopsis(said), "")
		switch {
		case said == "":
			bad = append(bad, fmt.Sprintf("package %s has no documentation: write doc.go", p.path))
		case !strings.HasPrefix(first, begins):
			bad = append(bad, fmt.Sprintf("the documentation of %s begins with %q, not with %q", p.path, head(said), begins))
		case !strings.ContainsAny(first[len(first)-1:], ".:"):
			bad = append(bad, fmt.Sprintf("the documentation of %s begins with no sentence: %q", p.path, first))
		case len(first) > maxSynopsis:
			bad = append(bad, fmt.Sprintf("the first sentence of %s has %d bytes, more than %d: %q", p.path, len(first), maxSynopsis, first))
		}
	}
	return bad
}

func head(s string) string {
	return strings.Join(strings.Fields(s)[:min(4, len(strings.Fields(s)))], " ")
}

// examples checks that each public package has an example whose output is checked.
func (t *tree) examples() (bad []string) {
	for _, p := range t.pkgs {
		var files []*ast.File
		for _, s := range p.files {
			if s.test {
				files = append(files, s.File)
			}
		}
		checked := slices.ContainsFunc(doc.Examples(files...), func(e *doc.Example) bool { return e.Output != "" })
		if p.public() && !checked {
			bad = append(bad, fmt.Sprintf("package %s has no Example with an // Output:", p.path))
		}
	}
	return bad
}
