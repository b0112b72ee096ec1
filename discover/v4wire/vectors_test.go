// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/test/vectors"
)

func readVectors(t testing.TB) vectors.Vectors {
	t.Helper()
	return vectors.Read(t, "eip8.txt")
}

func vectorKey(t testing.TB) *ecc.PrivateKey {
	t.Helper()
	return readVectors(t).PrivateKey(t, "key")
}

func testKey(t testing.TB, seed byte) *ecc.PrivateKey {
	t.Helper()
	k, err := ecc.NewPrivateKey(rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func unhex[T ~[64]byte | ~[32]byte](s string) (v T) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(v) {
		panic(s)
	}
	return T(b)
}

func endpoint(ip string, udp, tcp uint16) Endpoint {
	return Endpoint{netip.MustParseAddr(ip), udp, tcp}
}

// eip8 are the contents of the vectors.
func eip8() map[string]Message {
	const expiration = 1136239445
	plain := Ping{
		Version: 4, From: endpoint("127.0.0.1", 3322, 5544), To: endpoint("::1", 2222, 3333),
		Expiration: expiration,
	}
	withSeq := plain
	withSeq.ENRSeq = 1
	return map[string]Message{
		"ping-plain": &plain,
		"ping-4":     &withSeq,
		"ping-555": &Ping{
			Version: 555, From: endpoint("2001:db8:3c4d:15::abcd:ef12", 3322, 5544),
			To: endpoint("2001:db8:85a3:8d3:1319:8a2e:370:7348", 2222, 33338), Expiration: expiration,
		},
		"pong": &Pong{
			To:         endpoint("2001:db8:85a3:8d3:1319:8a2e:370:7348", 2222, 33338),
			PingHash:   unhex[Hash]("fbc914b16819237dcd8801d7e53f69e9719adecb3cc0e790c57e91ca4461c954"),
			Expiration: expiration,
		},
		"findnode": &Findnode{
			Target:     unhex[[64]byte]("ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd31387574077f301b421bc84df7266c44e9e6d569fc56be00812904767bf5ccd1fc7f"),
			Expiration: expiration,
		},
		"neighbors": &Neighbors{Expiration: expiration, Nodes: []Node{
			{endpoint("99.33.22.55", 4444, 4445), unhex[[64]byte]("3155e1427f85f10a5c9a7755877748041af1bcd8d474ec065eb33df57a97babf54bfd2103575fa829115d224c523596b401065a97f74010610fce76382c0bf32")},
			{endpoint("1.2.3.4", 1, 1), unhex[[64]byte]("312c55512422cf9b8a4097e9a6ad79402e87a15ae909a4bfefa22398f03d20951933beea1e4dfa6f968212385e829f04c2d314fc2d4e255e0d3bc08792b069db")},
			{endpoint("2001:db8:3c4d:15::abcd:ef12", 3333, 3333), unhex[[64]byte]("38643200b172dcfef857492156971f0e6aa2c538d8b74010f8e140811d53b98c765dd2d96126051913f44582e8c199ad7c6d6819e9a56483f637feaac9448aac")},
			{endpoint("2001:db8:85a3:8d3:1319:8a2e:370:7348", 999, 1000), unhex[[64]byte]("8dcab8618c3253b558d459da53bd8fa68935a719aff8b811197101a4b2b47dd2d47295286fc00cc081bb542d760717d1bdd6bec2c37cd72eca367d6dd3b9df73")},
		}},
	}
}

// equal compares messages and packets.
func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, ecc.PublicKey{})); d != "" {
		t.Errorf("%s: -want +got\n%s", what, d)
	}
}

// TestSpecVectors: later versions, additional elements and trailing bytes do not matter (EIP-8).
func TestSpecVectors(t *testing.T) {
	v, key := readVectors(t), vectorKey(t)
	for name, want := range eip8() {
		p, err := Decode(v[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		equal(t, name, p.Message, want)
		if p.Sender != key.Public() || p.Hash != Hash(v[name][:32]) {
			t.Errorf("%s: sender %x, hash %x", name, p.Sender.Bytes(), p.Hash)
		}
	}
}

// TestSpecVectorAgain: a packet without additions is encoded to the same bytes. (The signatures of the
// vectors are from before RFC 6979, so ours differ.)
func TestSpecVectorAgain(t *testing.T) {
	want := readVectors(t)["ping-plain"]
	got, hash, err := Append([]byte("before"), vectorKey(t), eip8()["ping-plain"])
	if err != nil || !bytes.HasPrefix(got, []byte("before")) {
		t.Fatalf("%q, %v", got, err)
	}
	got = got[len("before"):]
	if !bytes.Equal(got[typeAt:], want[typeAt:]) || hash != Hash(got[:32]) {
		t.Errorf("encoded as\n%x, want\n%x", got, want)
	}
}
