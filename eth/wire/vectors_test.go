// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A vector is one paragraph of a file in testdata: a payload, the versions in which it
// means the same, and what it says.
type vector struct {
	file, name, message string
	from, to            Version
	payload             []byte
	fields              []string // "key = value", as describe gives them
}

func (x *vector) String() string { return x.file + ": " + x.message + ", " + x.name }

func (x *vector) row() *Row {
	for row := range Rows() {
		if row.Name == x.message {
			return row
		}
	}
	return nil
}

// loadVectors reads testdata. Its keys are name, message, versions, payload, and then one
// line for each field.
func loadVectors(tb testing.TB) (all []*vector) {
	tb.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			tb.Fatal(err)
		}
		defer f.Close()
		var x *vector
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			key, value, ok := strings.Cut(lines.Text(), " = ")
			switch {
			case strings.HasPrefix(key, "#"):
				continue
			case key == "name":
				x = &vector{file: filepath.Base(file), name: value}
				all = append(all, x)
				continue
			case key == "":
				x = nil
				continue
			}
			if x == nil || !ok || !x.set(key, value) {
				tb.Fatalf("%s:%d: cannot read %q", file, n, lines.Text())
			}
		}
		if err := lines.Err(); err != nil {
			tb.Fatal(err)
		}
	}
	return all
}

func (x *vector) set(key, value string) bool {
	var err error
	switch key {
	case "message":
		x.message = value
	case "versions":
		if _, err = fmt.Sscanf(value, "%d-%d", &x.from, &x.to); err != nil {
			_, err = fmt.Sscanf(value, "%d", &x.from)
			x.to = x.from
		}
	case "payload":
		x.payload, err = hex.DecodeString(value)
	default:
		x.fields = append(x.fields, key+" = "+value)
	}
	return err == nil
}

// eachVector calls check for each vector in each of its versions.
func eachVector(t *testing.T, check func(t *testing.T, x *vector, row *Row, v Version)) {
	t.Helper()
	for _, x := range loadVectors(t) {
		row := x.row()
		if row == nil || x.from < row.From || x.to > row.To || x.from > x.to {
			t.Fatalf("%v: no such message in eth/%d to eth/%d", x, x.from, x.to)
		}
		for v := x.from; v <= x.to; v++ {
			check(t, x, row, v)
		}
	}
}

func TestVectors(t *testing.T) {
	var s Storage
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		m, err := s.Decode(v, row.Code, x.payload)
		if err != nil {
			t.Errorf("%v: %v", x, err)
			return
		}
		if m.Kind() != row.Kind {
			t.Errorf("%v: %v: decoded as %v", x, v, m.Kind())
		}
		if got := m.Append([]byte("before"), v); !bytes.Equal(got, append([]byte("before"), x.payload...)) {
			t.Errorf("%v: %v: encoded again:\n%x, want\n%x", x, v, got[6:], x.payload)
		}
		if got, want := strings.Join(describe(m), "\n"), strings.Join(x.fields, "\n"); got != want {
			t.Errorf("%v: %v: fields:\n%s\nwant\n%s", x, v, got, want)
		}
	})
}

// A message that is cut anywhere, or goes on after its end, is an error.
func TestVectorsCut(t *testing.T) {
	var s Storage
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		for n := range x.payload {
			if _, err := s.Decode(v, row.Code, x.payload[:n:n]); err == nil {
				t.Fatalf("%v: %v: %d bytes of %d are accepted", x, v, n, len(x.payload))
			}
		}
		if _, err := s.Decode(v, row.Code, append(bytes.Clone(x.payload), 0x80)); err == nil {
			t.Fatalf("%v: %v: a trailing byte is accepted", x, v)
		}
	})
}

// What comes in one Storage's Decode must not depend on what came before.
func TestVectorsLeaveNothingBehind(t *testing.T) {
	var used Storage
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		var fresh Storage
		m1, err1 := fresh.Decode(v, row.Code, x.payload)
		m2, err2 := used.Decode(v, row.Code, x.payload)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if a, b := fmt.Sprintf("%+v", m1), fmt.Sprintf("%+v", m2); a != b {
			t.Errorf("%v: %v: %s\nafter other messages: %s", x, v, a, b)
		}
	})
}

func TestEveryMessageHasVectors(t *testing.T) {
	type shape struct {
		kind Kind
		v    Version
	}
	have := map[shape]bool{}
	eachVector(t, func(_ *testing.T, _ *vector, row *Row, v Version) { have[shape{row.Kind, v}] = true })
	for row := range Rows() {
		for v := row.From; v <= row.To; v++ {
			if !have[shape{row.Kind, v}] {
				t.Errorf("%s has no vector in %v", row.Name, v)
			}
		}
	}
}

func TestRequestIDOfVectors(t *testing.T) {
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		if !row.IsRequest() && !row.IsReply() {
			return
		}
		id, err := RequestID(v, x.payload)
		if v < 66 {
			if err == nil {
				t.Errorf("%v: %v: has an ID", x, v)
			}
			return
		}
		if want := fmt.Sprintf("id = %d", id); err != nil || x.fields[0] != want {
			t.Errorf("%v: %v: %s (%v), want %s", x, v, want, err, x.fields[0])
		}
	})
}

func TestDecodeAllocatesNothing(t *testing.T) {
	var s Storage
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		dst := make([]byte, 0, 4096)
		n := testing.AllocsPerRun(10, func() {
			m, err := s.Decode(v, row.Code, x.payload)
			if err != nil {
				t.Fatal(err)
			}
			dst = m.Append(dst[:0], v)
			if v >= 66 && (row.IsRequest() || row.IsReply()) {
				_, _ = RequestID(v, x.payload)
			}
		})
		if n != 0 {
			t.Errorf("%v: %v: %v allocations", x, v, n)
		}
	})
}
