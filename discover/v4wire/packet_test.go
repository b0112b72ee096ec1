// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// messages has each type, with and without its optional parts.
func messages(t testing.TB) []Message {
	var b enr.Builder
	b.SetUDP(30303)
	r, err := b.Sign(testKey(t, 9), 7)
	if err != nil {
		t.Fatal(err)
	}
	list := []Message{
		&Ping{}, &Pong{}, &Findnode{}, &Neighbors{}, &ENRRequest{},
		&ENRRequest{Expiration: 1 << 40},
		&ENRResponse{RequestHash: Hash{1, 2}, Record: r.Raw()},
		&Pong{To: endpoint("10.0.0.1", 1, 65535), PingHash: Hash{3}, Expiration: 5, ENRSeq: 1<<64 - 1},
		&Neighbors{Nodes: slices.Repeat([]Node{{Endpoint: endpoint("2001:db8::1", 30303, 30303)}}, MaxNeighbors), Expiration: -1},
	}
	for _, m := range eip8() {
		list = append(list, m)
	}
	return list
}

func TestAppendDecode(t *testing.T) {
	key := testKey(t, 1)
	for _, m := range messages(t) {
		packet, hash, err := Append(nil, key, m)
		if err != nil {
			t.Errorf("%v: %v", m.Type(), err)
			continue
		}
		p, err := Decode(packet)
		if err != nil {
			t.Errorf("%v: %v", m.Type(), err)
			continue
		}
		equal(t, m.Type().String(), p, Packet{hash, key.Public(), m})
	}
}

// resign puts a valid signature and hash on a type and data.
func resign(key *ecc.PrivateKey, content ...byte) []byte {
	signature := key.Sign(keccak.Sum256(content))
	b := append(signature[:], content...)
	hash := keccak.Sum256(b)
	return append(hash[:], b...)
}

// TestTruncated cuts each packet at every offset. The packet is refused by its size or hash, and so is
// content that ends early under a valid signature.
func TestTruncated(t *testing.T) {
	key := testKey(t, 1)
	for _, m := range messages(t) {
		packet, _, err := Append(nil, key, m)
		if err != nil {
			t.Fatal(err)
		}
		for n := range packet {
			want := ErrHash
			if n < dataAt {
				want = ErrTooShort
			}
			if _, err := Open(packet[:n]); err != want {
				t.Errorf("%v cut to %d bytes: %v", m.Type(), n, err)
			}
		}
		for n := range len(packet) - dataAt {
			d, err := Open(resign(key, packet[typeAt:dataAt+n]...))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Message(); !errors.Is(err, rlp.ErrTruncated) && !errors.Is(err, rlp.ErrMissing) {
				t.Errorf("%v with %d bytes of data: %v", m.Type(), n, err)
			}
		}
	}
}

// TestDamaged: a change of any byte is detected.
func TestDamaged(t *testing.T) {
	packet := readVectors(t)["ping-4"]
	for i := range packet {
		packet[i] ^= 1
		if _, err := Decode(packet); err != ErrHash {
			t.Errorf("byte %d changed: %v", i, err)
		}
		packet[i] ^= 1
	}
}

func TestRefused(t *testing.T) {
	key := testKey(t, 1)
	data := func(m Message) []byte {
		packet, _, _ := Append(nil, key, m)
		return packet[typeAt:]
	}
	list := func(t Type, items ...byte) []byte {
		return append(rlp.AppendListHeader([]byte{byte(t)}, len(items)), items...)
	}
	hash := make([]byte, 33)
	hash[0] = 0xa0
	for _, test := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"type 0", []byte{0, 0xc0}, ErrType},
		{"type 7", []byte{7, 0xc0}, ErrType},
		{"type 66", append([]byte{66}, data(&Ping{})[1:]...), ErrType},
		{"no list", []byte{1, 0x80}, rlp.ErrWantList},
		{"empty list", []byte{3, 0xc0}, rlp.ErrMissing},
		{"an expiration of 65 bits", list(TypeENRRequest, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0), rlp.ErrOverflow},
		{"an address that is a list", list(TypePing, 4, 0xc3, 0xc0, 0x80, 0x80), rlp.ErrWantBytes},
		{"a target of 32 bytes", list(TypeFindnode, append(hash, 1)...), rlp.ErrLength},
		{"a record of 301 bytes", data(&ENRResponse{Record: append(rlp.AppendListHeader(nil, 298), make([]byte, 298)...)}), enr.ErrTooLarge},
		{"a response without a record", list(TypeENRResponse, hash...), rlp.ErrMissing},
	} {
		_, err := Decode(resign(key, test.content...))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}

	packet := resign(key, data(&Ping{})...)
	packet[typeAt-1] = 4 // no such recovery id
	sum := keccak.Sum256(packet[signatureAt:])
	copy(packet, sum[:])
	if _, err := Decode(packet); err != ErrSignature {
		t.Errorf("impossible signature: %v", err)
	}
}

// TestSizeLimits: a packet has at most 1280 bytes, in both directions (devp2p/discv4.md#wire-protocol).
func TestSizeLimits(t *testing.T) {
	key := testKey(t, 1)
	short, _, _ := Append(nil, key, &ENRRequest{Expiration: 1})
	fill := make([]byte, MaxSize-len(short))
	if _, err := Decode(resign(key, append(short[typeAt:], fill...)...)); err != nil {
		t.Errorf("%d bytes: %v", MaxSize, err)
	}
	if _, err := Decode(resign(key, append(short[typeAt:], append(fill, 0)...)...)); err != ErrTooLarge {
		t.Errorf("%d bytes: %v", MaxSize+1, err)
	}

	nodes := slices.Repeat([]Node{{Endpoint: endpoint("2001:db8::1", 30303, 30303)}}, MaxNeighbors+1)
	const now = 1_700_000_000
	if b, _, err := Append(nil, key, &Neighbors{Nodes: nodes[1:], Expiration: now}); err != nil {
		t.Errorf("%d neighbours: %d bytes, %v", MaxNeighbors, len(b), err)
	}
	b, _, err := Append([]byte("before"), key, &Neighbors{Nodes: nodes, Expiration: now})
	if err != ErrTooLarge || string(b) != "before" {
		t.Errorf("%d neighbours: %v", MaxNeighbors+1, err)
	}
}

// TestExpired: a packet is valid to the last second of its expiration. A negative time, read as a positive
// one, has expired.
func TestExpired(t *testing.T) {
	now := time.Unix(1_700_000_000, 999)
	late := -(now.Unix() + 20)
	for _, test := range []struct {
		at   int64
		want bool
	}{
		{now.Unix() + 20, false}, {now.Unix(), false}, {now.Unix() - 1, true}, {0, true}, {-1, true}, {late, true},
	} {
		for _, m := range []Message{
			&Ping{Expiration: test.at},
			&Pong{Expiration: test.at},
			&Findnode{Expiration: test.at},
			&Neighbors{Expiration: test.at},
			&ENRRequest{Expiration: test.at},
		} {
			packet, _, _ := Append(nil, testKey(t, 1), m)
			p, err := Decode(packet)
			if err != nil || Expired(p.Message, now) != test.want {
				t.Errorf("%v at %d: expired %v, want %v (%v)", m.Type(), test.at, !test.want, test.want, err)
			}
		}
	}
	if Expired(&ENRResponse{}, now) {
		t.Error("an ENRResponse has no expiration")
	}
}

// TestPongNamesItsPing: a Pong matches only the Ping that it answers.
func TestPongNamesItsPing(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	ping, asked, _ := Append(nil, a, &Ping{Version: Version, Expiration: 1})
	_, other, _ := Append(nil, a, &Ping{Version: Version, Expiration: 2})
	p, err := Decode(ping)
	if err != nil {
		t.Fatal(err)
	}
	pong, _, _ := Append(nil, b, &Pong{PingHash: p.Hash})
	if p, err = Decode(pong); err != nil {
		t.Fatal(err)
	}
	if token := p.Message.(*Pong).PingHash; token != asked || token == other {
		t.Errorf("the token is %x, asked was %x", token, asked)
	}
}

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		n    int
		want []int
	}{
		{0, []int{0}}, {1, []int{1}}, {12, []int{12}}, {13, []int{12, 1}}, {16, []int{12, 4}}, {30, []int{12, 12, 6}},
	} {
		var got []int
		for part := range Split(make([]Node, test.n)) {
			got = append(got, len(part))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%d nodes in parts of %v, want %v", test.n, got, test.want)
		}
	}
}

// TestOddAddresses: IPv4 has one form, and an invalid address does not invalidate its packet.
func TestOddAddresses(t *testing.T) {
	e := EndpointOf(netip.MustParseAddrPort("[::ffff:10.0.0.1]:30303"), 7)
	if e != endpoint("10.0.0.1", 30303, 7) || e.UDPAddr().String() != "10.0.0.1:30303" {
		t.Error(e)
	}
	if e := EndpointOf(netip.MustParseAddrPort("[fe80::1%eth0]:1"), 0); e.IP.String() != "fe80::1" {
		t.Error(e)
	}
	for in, want := range map[string]Endpoint{
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04": endpoint("1.2.3.4", 1, 2),
		"":          {UDP: 1, TCP: 2},
		"localhost": {UDP: 1, TCP: 2},
	} {
		c := rlp.Read(append(rlp.AppendString(nil, in), 1, 2))
		if got := readEndpointItems(&c); got != want || c.Done() != nil {
			t.Errorf("%q: %v %v, want %v", in, got, c.Err(), want)
		}
	}
}

// TestUselessNeighbors: an invalid node or port does not invalidate its packet.
func TestUselessNeighbors(t *testing.T) {
	good := Node{endpoint("1.2.3.4", 1, 2), [64]byte{1}}
	item := func(n Node) []byte {
		b, list := rlp.OpenList(nil)
		return rlp.CloseList(rlp.AppendBytes(n.appendItems(b), n.Key[:]), list)
	}
	wide := slices.Concat([]byte{0xf8, 2 + 64 + 6}, []byte{0x80, 0x83, 1, 0, 0, 2, 0xb8, 64}, good.Key[:]) // a port of 17 bits
	b, m := rlp.OpenList([]byte{byte(TypeNeighbors)})
	b, nodes := rlp.OpenList(b)
	b = append(b, item(good)...)
	b = append(b, 0xc3, 0x80, 0x80, 0x80) // without a key
	b = append(b, 0x05)                   // no list
	b = append(b, wide...)
	b = append(b, item(good)...)
	b = rlp.CloseList(appendExpiration(rlp.CloseList(b, nodes), 9), m)
	p, err := Decode(resign(testKey(t, 1), b...))
	want := []Node{good, {Endpoint{TCP: 2}, good.Key}, good}
	if err != nil || !slices.Equal(p.Message.(*Neighbors).Nodes, want) {
		t.Errorf("%+v, %v", p.Message, err)
	}
}

func TestNode(t *testing.T) {
	n := enr.Node{Key: testKey(t, 3).Public(), IP: netip.MustParseAddr("10.0.0.1"), UDP: 1, TCP: 2}
	if back, err := NodeOf(n).Node(); err != nil || back != n {
		t.Errorf("%v: back as %v, %v", n, back, err)
	}
	if _, err := (Node{Key: [64]byte{1}}).Node(); err != ErrKey {
		t.Errorf("no key: %v", err)
	}
}

func TestTypeNames(t *testing.T) {
	if TypePing.String() != "Ping" || TypeENRResponse.String() != "ENRResponse" || Type(0).String() != "type 0" || Type(7).String() != "type 7" || Type(66).String() != "type 66" {
		t.Error(TypePing, TypeENRResponse, Type(0), Type(66))
	}
}

// FuzzDecode signs any content. An accepted packet must mean the same after it is encoded again.
func FuzzDecode(f *testing.F) {
	key := testKey(f, 1)
	for _, m := range messages(f) {
		packet, _, _ := Append(nil, key, m)
		f.Add(packet[typeAt:])
	}
	for _, packet := range readVectors(f) {
		if len(packet) > typeAt {
			f.Add(packet[typeAt:])
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		sum := keccak.Sum256(make([]byte, 65), content)
		d, err := Open(slices.Concat(sum[:], make([]byte, 65), content))
		if err != nil {
			return
		}
		m, err := d.Message()
		if err != nil {
			return
		}
		packet, hash, err := Append(nil, key, m)
		if err != nil {
			t.Fatalf("%v is not encoded: %v", m, err)
		}
		p, err := Decode(packet)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, m.Type().String(), p, Packet{hash, key.Public(), m})
	})
}

// FuzzOpen passes any bytes to Decode.
func FuzzOpen(f *testing.F) {
	for _, packet := range readVectors(f) {
		f.Add(packet)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		if p, err := Decode(b); err == nil && (p.Message == nil || p.Sender.IsZero()) {
			t.Fatal("nothing was decoded")
		}
		if !bytes.Equal(b, before) {
			t.Fatal("the input was changed")
		}
	})
}
