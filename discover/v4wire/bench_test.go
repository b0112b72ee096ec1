// SPDX-License-Identifier: Apache-2.0

package v4wire

import "testing"

// BenchmarkPing measures a server's work for a Ping: to open it and to answer.
func BenchmarkPing(b *testing.B) {
	ping, _, err := Append(nil, testKey(b, 1), &Ping{Version: Version, From: endpoint("10.0.0.1", 1, 1), To: endpoint("10.0.0.2", 1, 0), Expiration: 1 << 31})
	if err != nil {
		b.Fatal(err)
	}
	key := testKey(b, 2)
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		p, err := Decode(ping)
		if err != nil {
			b.Fatal(err)
		}
		if out, _, err = Append(out[:0], key, &Pong{To: endpoint("10.0.0.1", 1, 1), PingHash: p.Hash, Expiration: 1 << 31}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen measures the cost of junk.
func BenchmarkOpen(b *testing.B) {
	junk := make([]byte, MaxSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(junk); err != ErrHash {
			b.Fatal(err)
		}
	}
}
