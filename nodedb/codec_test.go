// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// A value of an earlier release has no context, and is otherwise the same.
func TestValueWithoutContext(t *testing.T) {
	n := someNode(t, 1, 3)
	e := Entry{ID: n.ID(), Node: n, LastUp: now, Useful: time.Hour, Score: 3.5, ScoreAt: now, NotBefore: now.Add(time.Hour), Cause: "why"}
	value := e.encode()
	body := rlp.Read(value[1:])
	body.List("entry")
	all := body.Remaining()
	old, list := rlp.OpenList([]byte{noContext})
	old = rlp.CloseList(append(old, all[:len(all)-1-33]...), list)
	got, err := decode(n.ID(), old)
	if err != nil || got.Context != (Context{}) || got.Node.URL() != n.URL() {
		t.Fatalf("%+v, %v", got, err)
	}
	got.Node, e.Node = enr.Node{}, enr.Node{}
	if got != e {
		t.Errorf("%+v, want %+v", got, e)
	}
	if _, err := decode(n.ID(), append([]byte{version}, old[1:]...)); err == nil {
		t.Error("a value of this version is read without its context")
	}
}

// value writes values that encode never writes: any key, address, numbers and cause, without a record.
func value(key, ip []byte, numbers [8]uint64, cause string) []byte {
	dst := []byte{version}
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendBytes(dst, nil)
	dst = rlp.AppendBytes(dst, key)
	dst = rlp.AppendBytes(dst, ip)
	for _, n := range numbers {
		dst = rlp.AppendUint64(dst, n)
	}
	dst = rlp.AppendBytes(dst, []byte(cause))
	dst = rlp.AppendUint64(dst, 1)
	dst = rlp.AppendBytes(dst, make([]byte, 32))
	return rlp.CloseList(dst, list)
}

// The positions of the numbers that have a limit.
const (
	tcpAt = iota
	udpAt
	pongAt
	_
	usefulAt
	scoreAt
)

// TestLimitsOfValues: a value at a limit is read, and a value beyond it is not.
func TestLimitsOfValues(t *testing.T) {
	n := someNode(t, 1, 0)
	own, other := n.Key.Bytes(), someNode(t, 2, 0).Key.Bytes()
	with := func(at int, v uint64) (numbers [8]uint64) {
		numbers[at] = v
		return numbers
	}
	float := func(v float64) [8]uint64 { return with(scoreAt, math.Float64bits(v)) }
	ip := []byte{203, 0, 113, 7}
	for _, test := range []struct {
		name string
		ok   bool
		b    []byte
	}{
		{"nothing but a key", true, value(own[:], nil, [8]uint64{}, "")},
		{"no key", true, value(make([]byte, 64), nil, [8]uint64{}, "")},
		{"another's key", false, value(other[:], nil, [8]uint64{}, "")},
		{"a key of 63 bytes", false, value(own[:63], nil, [8]uint64{}, "")},
		{"a key that is none", false, value(append(make([]byte, 63), 1), nil, [8]uint64{}, "")},
		{"IPv4", true, value(own[:], ip, [8]uint64{}, "")},
		{"an address of five bytes", false, value(own[:], append(ip, 1), [8]uint64{}, "")},
		{"the last TCP port", true, value(own[:], ip, with(tcpAt, 65535), "")},
		{"one beyond", false, value(own[:], ip, with(tcpAt, 65536), "")},
		{"the last UDP port", true, value(own[:], ip, with(udpAt, 65535), "")},
		{"one beyond", false, value(own[:], ip, with(udpAt, 65536), "")},
		{"the longest time", true, value(own[:], ip, with(usefulAt, math.MaxInt64), "")},
		{"one beyond", false, value(own[:], ip, with(usefulAt, math.MaxInt64+1), "")},
		{"the longest cause", true, value(own[:], ip, [8]uint64{}, strings.Repeat("x", maxCause))},
		{"one beyond", false, value(own[:], ip, [8]uint64{}, strings.Repeat("x", maxCause+1))},
		{"a score", true, value(own[:], ip, float(-7.5), "")},
		{"no number", false, value(own[:], ip, float(math.NaN()), "")},
		{"infinity", false, value(own[:], ip, float(math.Inf(-1)), "")},
		{"a time beyond all times", true, value(own[:], ip, with(pongAt, math.MaxUint64), "")}, // read as never
	} {
		e, err := decode(n.ID(), test.b)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
		if !e.LastPong.IsZero() {
			t.Errorf("%s: last pong at %v", test.name, e.LastPong)
		}
	}
}
