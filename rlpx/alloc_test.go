// SPDX-License-Identifier: Apache-2.0

//go:build !race

package rlpx

import (
	"fmt"
	"testing"
)

// In steady state a message costs no memory, in either direction, at any size, with raw
// bytes and with chunks. (Under the race detector sync.Pool drops at random.)
func TestNoAllocations(t *testing.T) {
	chunk := func(n int) *Chunk { return NewChunk(make([]byte, n)) }
	for _, m := range []Message{
		{Code: 2},
		{Code: 0x120, Raw: make([]byte, 128)},
		{Code: 0x12, Raw: make([]byte, 128<<10)},
		{Code: 0x12, Raw: make([]byte, 5), Chunks: []*Chunk{chunk(300), chunk(40 << 10)}},
	} {
		for _, snappy := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes, snappy %v", m.Size(), snappy), func(t *testing.T) {
				sealer, opener := pair()
				sealer.SetSnappy(snappy)
				opener.SetSnappy(snappy)
				var out []byte
				if n := testing.AllocsPerRun(50, func() {
					var err error
					if out, err = sealer.Seal(out[:0], m); err != nil {
						t.Fatal(err)
					}
					rest, err := opener.Header(out[:HeaderSize])
					if err != nil {
						t.Fatal(err)
					}
					frame, err := opener.Body(out[HeaderSize : HeaderSize+rest])
					if err != nil {
						t.Fatal(err)
					}
					if code, payload, err := opener.Message(frame); err != nil || code != m.Code || len(payload) != m.Size() {
						t.Fatalf("code %d, %d bytes, %v", code, len(payload), err)
					}
				}); n != 0 {
					t.Errorf("%v allocations", n)
				}
			})
		}
	}
}
