// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// columns is a table of the documentation as the events say it: of each field its name,
// its type in JSON and whether it is always there.
type columns struct {
	rows    []string
	unknown map[string]bool // fields that some event does not know
	flags   map[string]bool
}

func (c *columns) add(name, typ string, known bool) {
	c.rows = append(c.rows, name+" "+typ)
	if !known {
		c.unknown[name] = true
	}
}

func (c *columns) Hash(name string, _ types.Hash, known bool) { c.add(name, "string", known) }

func (c *columns) ID(name string, _ enr.ID, known bool) { c.add(name, "string", known) }

func (c *columns) Endpoint(name string, _ netip.AddrPort, known bool) { c.add(name, "string", known) }

func (c *columns) Text(name, _ string, known bool) { c.add(name, "string", known) }

func (c *columns) Uint(name string, _ uint64, known bool) { c.add(name, "number", known) }

func (c *columns) Amount(name string, _ *uint256.Int, known bool) { c.add(name, "string", known) }

func (c *columns) Duration(name string, _ time.Duration, known bool) { c.add(name, "number", known) }

func (c *columns) Bool(name string, _, known bool) { c.add(name, "boolean", known) }

func (c *columns) Losses(name string, _ []event.Lost, known bool) { c.add(name, "object", known) }

func (c *columns) Absences(name string, _ []event.Absence, known bool) {
	c.add(name, "object", known)
}

func (c *columns) Address(name string, _ *types.Address, known bool) {
	typ := "string"
	if name == "to" { // the only address that may be none
		typ = "string or null"
	}
	c.add(name, typ, known)
}

func (c *columns) Flag(name string, v bool) {
	c.flags[name] = true
	c.add(name, "boolean", v)
}

var columnRow = regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| ([a-z ]+) \\| ([^|]+) \\|")

// Each table of docs/events.md has the names, the types and the order that the kind
// visits; "always" stands there if and only if no event of the corpus, nor the zero value, leaves the field out.
func TestTablesOfTheDocumentationAreWhatEachKindVisits(t *testing.T) {
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, zero := range event.All() {
		_, section, ok := strings.Cut(string(text), "\n## "+string(zero.Kind())+"\n")
		if !ok {
			t.Errorf("%s has no section %q", docsFile, zero.Kind())
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		_, section, _ = strings.Cut(section, "\n| field |")
		section, _, _ = strings.Cut(section, "\n\n")

		want := columns{unknown: map[string]bool{}, flags: map[string]bool{}}
		for _, e := range append(corpus(), zero) {
			if e.Kind() == zero.Kind() {
				want.rows = nil
				e.Visit(&want)
			}
		}
		var rows []string
		for _, m := range columnRow.FindAllStringSubmatch(section, -1) {
			name, present := m[1], m[3]
			rows = append(rows, name+" "+m[2])
			switch {
			case want.flags[name] != (present == "only as `true`"):
				t.Errorf("%s.%s is documented as present %q, flag %v", zero.Kind(), name, present, want.flags[name])
			case want.unknown[name] == (present == "always"):
				t.Errorf("%s.%s is documented as present %q; an event leaves it out: %v", zero.Kind(), name, present, want.unknown[name])
			}
		}
		if diff := cmp.Diff(rows, want.rows); diff != "" {
			t.Errorf("%s (-documented +visited):\n%s", zero.Kind(), diff)
		}
	}
}
