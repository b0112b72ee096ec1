// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"path/filepath"
	"strings"
	"testing"
)

// notEmbedded lists the public packages that a program of another module does not import.
func (t *tree) notEmbedded(program *tree) (bad []string) {
	used := map[string]bool{}
	for _, p := range program.pkgs {
		for _, s := range p.files {
			for imported := range s.imports() {
				used[imported] = true
			}
		}
	}
	for _, p := range t.pkgs {
		if p.public() && !used[strings.TrimSuffix(t.module+"/"+p.path, "/.")] {
			bad = append(bad, "package "+p.path+" is not used in interop/embed: use it there as its documentation shows")
		}
	}
	return bad
}

func TestEmbed(t *testing.T) {
	m := module(t)
	program, err := load(filepath.Join(m.root, "interop", "embed"), nil)
	if err != nil {
		t.Fatal(err)
	}
	report(t, m.notEmbedded(program))
}

func TestEmbedBites(t *testing.T) {
	f := fake(t, "reach", nil) // whose command uses no public package
	expect(t, f.notEmbedded(f), `package out is not used in interop/embed`)
}
