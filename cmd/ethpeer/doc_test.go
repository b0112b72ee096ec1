// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
)

// TestDocumentedCommands: doc.go lists every command, in the order of the help, each with the words
// of its help.
func TestDocumentedCommands(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var got, want [][2]string
	for line := range strings.Lines(string(b)) {
		if command, ok := strings.CutPrefix(strings.TrimSpace(line), "//\tethpeer "); ok {
			name, short, _ := strings.Cut(command, "  ")
			got = append(got, [2]string{name, strings.ToLower(strings.TrimSpace(short))})
		}
	}
	for _, c := range commands((&program{}).command()) {
		if c.HasParent() && !c.HasSubCommands() && c.Name() != "help" {
			want = append(want, [2]string{strings.TrimPrefix(c.CommandPath(), "ethpeer "), strings.ToLower(c.Short)})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("doc.go (-commands +doc.go):\n%s", diff)
	}
}

// commands returns a command and all below it.
func commands(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

// TestEveryFlagHasItsVariable: the flags of each command, but those of the parser.
func TestEveryFlagHasItsVariable(t *testing.T) {
	p := &program{}
	for _, c := range commands(p.command()) {
		var want, got []string
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" {
				want = append(want, option.VariableOf(f.Name))
			}
		})
		if set, ok := p.sets[c]; ok {
			got = set.Variables()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("variables of %s (-flags +variables):\n%s", c.CommandPath(), diff)
		}
	}
}
