// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/event"
)

var update = flag.Bool("update", false, "write the golden file anew")

const goldenFile = "testdata/lines.golden"

func lines(events []event.Event) []byte {
	var e Encoder
	var b []byte
	for _, ev := range events {
		b = e.Append(b, ev)
	}
	return b
}

func TestLinesAreAsPromised(t *testing.T) {
	got := lines(corpus())
	if *update {
		if err := os.WriteFile(goldenFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("lines (-want +got); if they must change, docs/events.md and CHANGELOG.md must too:\n%s", diff)
	}
}

func TestEveryLineIsOneObject(t *testing.T) {
	for i, line := range bytes.SplitAfter(lines(corpus()), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		if !json.Valid(line) || !utf8.Valid(line) || bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Errorf("line %d is not one object in UTF-8 on one line: %q", i+1, line)
		}
	}
}

// foreign is an event of another package.
type foreign struct{ event.At }

func (foreign) Kind() event.Kind { return "foreign" }

func (foreign) Visit(f event.Fields) {
	f.Text("text", "x", true)
	f.Uint("absent", 1, false)
	f.Flag("set", true)
}

func TestForeignEventHasItsOwnFields(t *testing.T) {
	var e Encoder
	if b := e.Append([]byte("x"), nil); string(b) != "x" {
		t.Errorf("a nil event appended %q", b)
	}
	want := `{"kind":"foreign","time":"2026-03-01T12:00:00.123456789Z","seq":1,"text":"x","set":true}` + "\n"
	if b := e.Append(nil, foreign{at(0)}); string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	events := corpus()
	var e Encoder
	buf := lines(events) // grown
	n := testing.AllocsPerRun(100, func() {
		buf = buf[:0]
		for _, ev := range events {
			if p, ok := ev.(event.Peer); ok && p.Addr.Addr().Zone() != "" {
				continue // link-local addresses take the slow path
			}
			buf = e.Append(buf, ev)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations per %d lines, want 0", n, len(events))
	}
}

// BenchmarkCorpus writes every kind of line.
func BenchmarkCorpus(b *testing.B) {
	events := corpus()
	var e Encoder
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = buf[:0]
		for _, ev := range events {
			buf = e.Append(buf, ev)
		}
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkTx(b *testing.B) {
	ev := corpus()[2]
	var e Encoder
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = e.Append(buf[:0], ev)
	}
	b.SetBytes(int64(len(buf)))
}
