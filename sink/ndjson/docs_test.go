// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/event"
)

const docsFile = "../../docs/events.md"

// kinds are the sections of docs/events.md that must exist.
func kinds() (all []event.Kind) {
	for _, e := range event.All() {
		all = append(all, e.Kind())
	}
	return all
}

var fieldRow = regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|")

// documented returns the fields that the table after the heading names, in order.
func documented(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("%s has no section %q", docsFile, heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	_, section, _ = strings.Cut(section, "\n| field |")
	section, _, _ = strings.Cut(section, "\n\n") // another table may follow
	var names []string
	for _, m := range fieldRow.FindAllStringSubmatch(section, -1) {
		names = append(names, m[1])
	}
	return names
}

// emitted returns the fields of a line in the order in which they stand.
func emitted(t *testing.T, line []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	var names []string
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func TestFieldsAreDocumentedAndDocumentedFieldsExist(t *testing.T) {
	common := documented(t, "The promise")
	if diff := cmp.Diff([]string{"kind", "time", "seq"}, common); diff != "" {
		t.Errorf("common fields (-want +documented):\n%s", diff)
	}
	seen := map[event.Kind]map[string]bool{}
	var e Encoder
	for _, ev := range corpus() {
		line := e.Append(nil, ev)
		names := emitted(t, line)
		want := append(slices.Clone(common), documented(t, string(ev.Kind()))...)
		if seen[ev.Kind()] == nil {
			seen[ev.Kind()] = map[string]bool{}
		}
		last := -1
		for _, name := range names {
			i := slices.Index(want, name)
			if i <= last {
				t.Errorf("%s: field %q is not documented there, or stands in another order: %s", ev.Kind(), name, line)
			}
			last = i
			seen[ev.Kind()][name] = true
		}
	}
	for _, kind := range kinds() {
		want := append(slices.Clone(common), documented(t, string(kind))...)
		got := slices.Sorted(maps.Keys(seen[kind]))
		slices.Sort(want)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-emitted +documented):\n%s", kind, diff)
		}
	}
}

func TestExamplesInTheDocumentationAreRealLines(t *testing.T) {
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	real := map[string]bool{}
	for line := range strings.Lines(string(lines(corpus()))) {
		real[strings.TrimSpace(line)] = true
	}
	shown := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimSpace(line)
			var m struct{ Kind string }
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				t.Errorf("%v in the example %s", err, line)
			}
			if !real[line] {
				t.Errorf("not in %s, and so not what we print: %s", goldenFile, line)
			}
			shown[m.Kind] = true
		}
	}
	for _, kind := range kinds() {
		if !shown[string(kind)] {
			t.Errorf("%s has no example", kind)
		}
	}
}

// The places of losses are named where the losses are; the documentation must follow.
func TestPlacesOfLossesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`"((?:txgossip|blockgossip|serve|reply)\.[a-z]+)"`)
	found := 0
	err = fs.WalkDir(os.DirFS("../.."), "eth", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(filepath.Join("../..", path))
		if err != nil {
			return err
		}
		for _, m := range place.FindAllSubmatch(source, -1) {
			found++
			if !bytes.Contains(text, []byte("| `"+string(m[1])+"` |")) {
				t.Errorf("%s loses in %q, which %s does not explain", path, m[1], docsFile)
			}
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d places found, %v", found, err)
	}
}
