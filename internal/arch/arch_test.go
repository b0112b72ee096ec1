// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"sync"
	"testing"
)

// loaded is the source of this module, which the checks only read.
var loaded = sync.OnceValues(func() (*tree, error) { return load("../..", table) })

// module returns the source of this module.
func module(t *testing.T) *tree {
	t.Helper()
	m, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	if m.module != "github.com/ethpeer/ethpeer" || len(m.pkgs) < 40 {
		t.Fatalf("only %d packages of %s were found", len(m.pkgs), m.module)
	}
	return m
}

func report(t *testing.T, bad []string) {
	t.Helper()
	for _, b := range bad {
		t.Error(b)
	}
}

func TestLayers(t *testing.T)    { report(t, module(t).layers()) }
func TestPurity(t *testing.T)    { report(t, module(t).purity()) }
func TestDocuments(t *testing.T) { report(t, module(t).documents()) }
func TestExamples(t *testing.T)  { report(t, module(t).examples()) }
func TestSleeps(t *testing.T)    { report(t, module(t).sleeps()) }

func TestReach(t *testing.T) {
	bad, err := module(t).reach()
	if err != nil {
		t.Fatal(err)
	}
	report(t, bad)
}
