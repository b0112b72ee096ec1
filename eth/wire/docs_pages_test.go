// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A page is what there is to say of one message.
type page struct {
	row    *Row
	before string // what the comment says until the shapes
	shapes []payloadShape
	after  string
}

// A payloadShape is how the payload looks in some versions.
type payloadShape struct {
	from, to Version
	text     string
}

// readPages reads the comments of the messages' types.
func readPages(t *testing.T) (pages []page) {
	t.Helper()
	pkg := parsePackage(t)
	for row := range Rows() {
		at := slices.IndexFunc(pkg.Types, func(x *doc.Type) bool { return x.Name == row.Name })
		if at < 0 {
			t.Fatalf("no type %s", row.Name)
		}
		p := page{row: row}
		var before, after strings.Builder
		prose := &before
		for line := range strings.Lines(pkg.Types[at].Doc) {
			if shape, ok := strings.CutPrefix(line, "\t"); ok {
				p.shapes = append(p.shapes, p.shape(t, strings.TrimSpace(shape)))
				prose = &after
			} else {
				prose.WriteString(line)
			}
		}
		p.checkShapes(t)
		p.before, p.after = markdown(pkg, before.String()), markdown(pkg, after.String())
		pages = append(pages, p)
	}
	return pages
}

func parsePackage(t *testing.T) *doc.Package {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/ethpeer/ethpeer/eth/wire")
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

var (
	specification = regexp.MustCompile(`devp2p/(caps/eth\.md#[a-z0-9-]+)`)
	proposal      = regexp.MustCompile(`EIP-(\d+)`)
)

// markdown makes links of what a comment cites; those into the code go.
func markdown(pkg *doc.Package, comment string) string {
	printer := pkg.Printer()
	printer.TextWidth = 120
	text := strings.TrimSpace(string(printer.Text(pkg.Parser().Parse(comment))))
	text = specification.ReplaceAllString(text, "[$0](https://github.com/ethereum/devp2p/blob/master/$1)")
	return proposal.ReplaceAllString(text, "[$0](https://eips.ethereum.org/EIPS/eip-$1)")
}

// shape reads a line such as "eth/63–65  [hash, …]". Where it names one version it begins
// there, and checkShapes says where it ends; where it names none it is that of all.
func (p *page) shape(t *testing.T, line string) payloadShape {
	t.Helper()
	versions, text, ok := strings.Cut(line, " ")
	if !strings.HasPrefix(line, "eth/") {
		return payloadShape{from: p.row.From, to: p.row.To, text: line}
	}
	s := payloadShape{text: strings.TrimSpace(text)}
	n, _ := fmt.Sscanf(versions, "eth/%d–%d", &s.from, &s.to)
	if !ok || n == 0 {
		t.Fatalf("%s: cannot read %q", p.row.Name, line)
	}
	return s
}

// checkShapes checks that there is a shape for every version that has the message.
func (p *page) checkShapes(t *testing.T) {
	t.Helper()
	next := p.row.From
	for i := range p.shapes {
		s := &p.shapes[i]
		if s.to == 0 {
			s.to = p.row.To
			if i+1 < len(p.shapes) {
				s.to = p.shapes[i+1].from - 1
			}
		}
		other := i > 0 && p.shapes[i-1].from == s.from && p.shapes[i-1].to == s.to
		if !other && s.from != next || s.to < s.from {
			t.Errorf("%s: shape of eth/%s, where eth/%d comes next", p.row.Name, span(s.from, s.to), next)
		}
		next = s.to + 1
	}
	if next != p.row.To+1 {
		t.Errorf("%s: no shape for eth/%d", p.row.Name, next)
	}
}
