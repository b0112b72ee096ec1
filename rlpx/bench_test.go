// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"fmt"
	"testing"
)

// Both sides of a handshake: four keys made, eight secrets shared, one signature made and
// one recovered.
func BenchmarkHandshake(b *testing.B) {
	b.ReportAllocs()
	alice, bob, rand := testKey(b, 1), testKey(b, 2), testRand(3)
	for b.Loop() {
		i, auth, err := StartInitiator(rand, alice, bob.Public())
		if err != nil {
			b.Fatal(err)
		}
		_, ack, _, err := AnswerAuth(rand, bob, auth)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := i.Finish(ack); err != nil {
			b.Fatal(err)
		}
	}
}

// One frame, sealed, and sealed and opened.
func BenchmarkFrame(b *testing.B) {
	for _, size := range []int{128, 1 << 10, 128 << 10} {
		raw := make([]byte, size)
		if _, err := testRand(1).Read(raw); err != nil {
			b.Fatal(err)
		}
		for _, snappy := range []bool{false, true} {
			for _, both := range []bool{false, true} {
				b.Run(fmt.Sprintf("%dB/snappy=%v/open=%v", size, snappy, both), func(b *testing.B) {
					benchmarkFrame(b, Message{Code: 0x12, Raw: raw}, snappy, both)
				})
			}
		}
	}
}

func benchmarkFrame(b *testing.B, m Message, snappy, both bool) {
	sealer, opener := pair()
	sealer.SetSnappy(snappy)
	opener.SetSnappy(snappy)
	b.SetBytes(int64(m.Size()))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		var err error
		if out, err = sealer.Seal(out[:0], m); err != nil {
			b.Fatal(err)
		}
		if !both {
			continue
		}
		if _, _, _, err := open(opener, out); err != nil {
			b.Fatal(err)
		}
	}
}
