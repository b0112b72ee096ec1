// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

func testRecord(t testing.TB, key *ecc.PrivateKey, seq uint64) *enr.Record {
	t.Helper()
	var b enr.Builder
	b.SetIP(specAddr.Addr())
	b.SetUDP(specAddr.Port())
	r, err := b.Sign(key, seq)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// testNode is a codec and where it is.
type testNode struct {
	*Codec
	addr netip.AddrPort
}

func newTestNode(t testing.TB, seed byte) *testNode {
	t.Helper()
	random := rand.NewChaCha8([32]byte{seed})
	key, err := ecc.NewPrivateKey(random)
	if err != nil {
		t.Fatal(err)
	}
	return &testNode{
		NewCodec(random, key, testRecord(t, key, uint64(seed))),
		netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, seed}), 30303),
	}
}

// send returns the packet that says m in a session, or random bytes.
func (n *testNode) send(t testing.TB, to *testNode, m Message) []byte {
	t.Helper()
	packet, _, err := n.AppendMessage(nil, to.id, to.addr, m)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// get decodes a packet that must be good.
func (n *testNode) get(t testing.TB, now time.Time, from *testNode, packet []byte) Packet {
	t.Helper()
	p, err := n.Decode(now, from.addr, packet)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// challenge returns what n answers to a packet that it cannot read.
func (n *testNode) challenge(t testing.TB, now time.Time, from *testNode, packet []byte) []byte {
	t.Helper()
	p := n.get(t, now, from, packet)
	if p.Message != nil || p.Challenge != nil || p.From != from.id {
		t.Fatalf("readable: %+v", p)
	}
	whoareyou, err := n.AppendWhoareyou(nil, now, from.id, from.addr, p.Nonce, nil)
	if err != nil {
		t.Fatal(err)
	}
	return whoareyou
}

// answer returns the handshake that answers a WHOAREYOU.
func (n *testNode) answer(t testing.TB, now time.Time, to *testNode, whoareyou []byte, m Message) []byte {
	t.Helper()
	p := n.get(t, now, to, whoareyou)
	if p.Challenge == nil {
		t.Fatalf("no challenge: %+v", p)
	}
	packet, _, err := n.AppendHandshake(nil, to.record.Node(), to.addr, p.Challenge, m)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// TestSession: a request, the handshake, the answer, and messages in both directions.
func TestSession(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	ping := &Ping{RequestIDOf([]byte{1}), 1}
	request := a.send(t, b, ping)
	if len(request) != authAt+messageAuth+randomSize {
		t.Errorf("a request without keys has %d bytes", len(request))
	}
	p := b.get(t, now, a, a.answer(t, now, b, b.challenge(t, now, a, request), ping))
	equal(t, "handshake", p, Packet{From: a.id, Nonce: p.Nonce, Message: ping, Record: a.record.Unverified()})
	equal(t, "record known to b", b.Known(a.id, a.addr), a.record.Unverified())
	equal(t, "record known to a", a.Known(b.id, b.addr), b.record.Unverified())

	for range 3 {
		pong := &Pong{ping.ID, 7, a.addr.Addr(), a.addr.Port()}
		equal(t, "to a", a.get(t, now, b, b.send(t, a, pong)).Message, pong)
		equal(t, "to b", b.get(t, now, a, a.send(t, b, ping)).Message, ping)
	}
	if a.Sessions() != 1 || b.Sessions() != 1 {
		t.Error(a.Sessions(), b.Sessions())
	}
	if s := b.store.session(endpointOf(a.id, a.addr)); s.sealed != 3 {
		t.Errorf("%d messages were counted", s.sealed)
	}
}

// TestChallengeIsRepeated: while a challenge waits for its handshake, other packets of the
// node get the same bytes; afterwards, and elsewhere, new ones.
func TestChallengeIsRepeated(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	ping := &Ping{}
	request := a.send(t, b, ping)
	first := b.challenge(t, now, a, request)
	again := b.challenge(t, now.Add(ChallengeLifetime-1), a, a.send(t, b, ping))
	equalBytes(t, "the second WHOAREYOU", again, first)
	if got := a.get(t, now, b, again).Challenge.Nonce; got != b.get(t, now, a, request).Nonce {
		t.Errorf("it names %x", got)
	}

	roamed := *a
	roamed.addr = netip.MustParseAddrPort("10.0.0.1:30304")
	if bytes.Equal(b.challenge(t, now, &roamed, request), first) {
		t.Error("another address got the same challenge")
	}
	late := now.Add(ChallengeLifetime)
	handshake := a.answer(t, now, b, first, ping)
	if _, err := b.Decode(late, a.addr, handshake); err != ErrUnexpected {
		t.Errorf("a late handshake: %v", err)
	}
	if bytes.Equal(b.challenge(t, late, a, request), first) {
		t.Error("a challenge was repeated after its time")
	}
	if n := b.store.challenges.Len(); n != 1 {
		t.Errorf("%d challenges are kept", n)
	}
}

// TestSessionStaysAtItsAddress: messages from elsewhere cannot be read.
func TestSessionStaysAtItsAddress(t *testing.T) {
	a, b := newTestNode(t, 1), newTestNode(t, 2)
	connect(t, a, b)
	packet := a.send(t, b, &Ping{})
	roamed := *a
	roamed.addr = netip.MustParseAddrPort("10.0.0.99:30303")
	b.challenge(t, specTime, &roamed, packet)
	if b.get(t, specTime, a, packet).Message == nil {
		t.Error("the session at the old address ended")
	}
	mapped := *a
	mapped.addr = netip.MustParseAddrPort("[::ffff:10.0.0.1]:30303")
	if b.get(t, specTime, &mapped, packet).Message == nil {
		t.Error("the IPv6 form of the address is another address")
	}
}

// connect makes a session that a begins.
func connect(t testing.TB, a, b *testNode) {
	t.Helper()
	whoareyou := b.challenge(t, specTime, a, a.send(t, b, &Ping{}))
	b.get(t, specTime, a, a.answer(t, specTime, b, whoareyou, &Ping{}))
}

// TestBothBegin: when both begin a session at the same time, what each has sent with either
// session's keys can still be read.
func TestBothBegin(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	toB, toA := a.send(t, b, &Ping{}), b.send(t, a, &Ping{})
	whoB, whoA := b.challenge(t, now, a, toB), a.challenge(t, now, b, toA)
	toB, toA = a.answer(t, now, b, whoB, &Ping{}), b.answer(t, now, a, whoA, &Ping{})
	if b.get(t, now, a, toB).Record == nil || a.get(t, now, b, toA).Record == nil {
		t.Fatal("no handshake")
	}
	for range 2 {
		if a.get(t, now, b, b.send(t, a, &Pong{IP: a.addr.Addr()})).Message == nil || b.get(t, now, a, a.send(t, b, &Pong{IP: b.addr.Addr()})).Message == nil {
			t.Error("unreadable")
		}
	}
}

// TestHandshakeIsNotReplayed: a challenge serves for one session.
func TestHandshakeIsNotReplayed(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	whoareyou := b.challenge(t, now, a, a.send(t, b, &Ping{}))
	handshake := a.answer(t, now, b, whoareyou, &Ping{})
	b.get(t, now, a, handshake)
	if _, err := b.Decode(now, a.addr, handshake); err != ErrUnexpected {
		t.Errorf("replayed: %v", err)
	}
}

// TestForgedHandshakes: none begins a session, and none keeps the real one from doing so.
func TestForgedHandshakes(t *testing.T) {
	c, now := newTestNode(t, 3), specTime
	for _, test := range []struct {
		name   string
		change func(h []byte) // of the unmasked header
		want   error
	}{
		{"another sender", func(h []byte) { copy(h[authAt:], c.id[:]) }, ErrUnexpected},
		{"another size of the signature", func(h []byte) { h[authAt+32]-- }, ErrScheme},
		{"another size of the key", func(h []byte) { h[authAt+33]++ }, ErrScheme},
		{"another signature", func(h []byte) { h[authAt+34] ^= 1 }, ErrProof},
		{"another ephemeral key", func(h []byte) { h[authAt+34+64] ^= 1 }, ErrProof},
		{"no ephemeral key", func(h []byte) { clear(h[authAt+34+64:][:33]) }, ErrProof},
		{"bytes that are no record", func(h []byte) { h[authAt+handshakeAuthMin] ^= 1 }, ErrRecord},
		{"another record", func(h []byte) { copy(h[authAt+handshakeAuthMin:], c.record.Raw()) }, ErrRecord},
		{"another signature of the record", func(h []byte) { h[authAt+handshakeAuthMin+20] ^= 1 }, ErrDecrypt},
		{"another port in the record", func(h []byte) { h[len(h)-1] ^= 1 }, ErrDecrypt},
		{"another nonce", func(h []byte) { h[nonceAt] ^= 1 }, ErrDecrypt},
	} {
		a, b := newTestNode(t, 1), newTestNode(t, 2)
		whoareyou := b.challenge(t, now, a, a.send(t, b, &Ping{}))
		good := a.answer(t, now, b, whoareyou, &Ping{})
		for range MaxFailures - 1 {
			_, err := b.Decode(now, a.addr, remask(b.id, good, test.change))
			if !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", test.name, err, test.want)
			}
		}
		if b.Sessions() != 0 {
			t.Fatal("a session began")
		}
		b.get(t, now, a, good)
	}
}

// TestFailedHandshakesAreBounded: four failures end a challenge, so one packet of a stranger pays for at most
// four checks of a signature. Failures of another address or node count separately; the next challenge starts
// at zero.
func TestFailedHandshakesAreBounded(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	whoareyou := b.challenge(t, now, a, a.send(t, b, &Ping{}))
	good := a.answer(t, now, b, whoareyou, &Ping{})
	forged := remask(b.id, good, func(h []byte) { h[authAt+34] ^= 1 }) // in the signature
	elsewhere := netip.MustParseAddrPort("10.0.0.99:30303")
	for i := range 10 {
		if _, err := b.Decode(now, elsewhere, forged); err != ErrUnexpected {
			t.Fatalf("from elsewhere: %v", err)
		}
		want := ErrProof
		if i >= MaxFailures {
			want = ErrUnexpected // nothing is verified any more
		}
		if _, err := b.Decode(now, a.addr, forged); err != want {
			t.Errorf("forged handshake %d: %v, want %v", i+1, err, want)
		}
	}
	if _, err := b.Decode(now, a.addr, good); err != ErrUnexpected || b.Sessions() != 0 {
		t.Errorf("the challenge is still good: %v, %d sessions", err, b.Sessions())
	}
	again := b.challenge(t, now, a, a.send(t, b, &Ping{}))
	if bytes.Equal(again, whoareyou) {
		t.Error("the same challenge is sent again")
	}
	b.get(t, now, a, a.answer(t, now, b, again, &Ping{}))
}

// TestUnsignedRecord: a node that does not sign its record gets its session. The record is about no other
// node, and only a caller that asks for the unverified record gets it.
func TestUnsignedRecord(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	raw := a.record.Raw()
	raw[20] ^= 1 // in the signature
	whoareyou := b.challenge(t, now, a, a.send(t, b, &Ping{}))
	p := b.get(t, now, a, a.answer(t, now, b, whoareyou, &Ping{}))
	if p.Message == nil || !bytes.Equal(p.Record.Raw(), raw) || b.Sessions() != 1 {
		t.Fatalf("%v", p)
	}
	if r, err := p.Record.Verify(); !errors.Is(err, enr.ErrSignature) {
		t.Errorf("its record is %v, %v", r, err)
	}
}

// remask changes the header of a packet, whose size stays.
func remask(to enr.ID, packet []byte, change func(h []byte)) []byte {
	packet = bytes.Clone(packet)
	new(masker).maskHeader(maskOf(to), packet[:authAt])
	size := int(binary.BigEndian.Uint16(packet[authSizeAt:]))
	new(masker).maskHeader(maskOf(to), packet[:authAt])
	h := packet[:authAt+size]
	new(masker).maskHeader(maskOf(to), h)
	change(h)
	new(masker).maskHeader(maskOf(to), h)
	return packet
}

// TestHandshakeWithoutARecord: a handshake without a record is accepted only from a node whose record we
// hold.
func TestHandshakeWithoutARecord(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	whoareyou := b.challenge(t, now, a, a.send(t, b, &Ping{}))
	challenge := a.get(t, now, b, whoareyou).Challenge
	challenge.ENRSeq = 1
	packet, _, err := a.AppendHandshake(nil, b.record.Node(), b.addr, challenge, &Ping{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Decode(now, a.addr, packet); err != ErrRecord {
		t.Error(err)
	}
}

// TestRecordIsSentWhenItIsNewer: the record comes with a handshake only if the other side
// does not have it, and the newest is kept.
func TestRecordIsSentWhenItIsNewer(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	var sizes [4]int
	for i, seq := range []uint64{0, 1, 1, 2} {
		a.SetRecord(testRecord(t, a.key, seq))
		p := b.get(t, now, a, remask(b.id, a.send(t, b, &Ping{}), func(h []byte) { h[nonceAt] ^= 1 }))
		if p.Message != nil {
			t.Fatal("readable")
		}
		whoareyou, err := b.AppendWhoareyou(nil, now, a.id, a.addr, p.Nonce, nil)
		if err != nil {
			t.Fatal(err)
		}
		handshake := a.answer(t, now, b, whoareyou, &Ping{})
		equal(t, "record", b.get(t, now, a, handshake).Record, a.record.Unverified())
		sizes[i] = len(handshake)
	}
	if record := len(a.record.Raw()); sizes[0] != sizes[1] || sizes[2] != sizes[1]-record || sizes[3] != sizes[1] {
		t.Errorf("handshakes have %d bytes, a record %d", sizes, record)
	}
}

// TestChallengeNamesTheNewestRecord: that of the session, or the one that the caller knows.
func TestChallengeNamesTheNewestRecord(t *testing.T) {
	for _, test := range []struct{ session, known, want uint64 }{{0, 0, 0}, {0, 3, 3}, {3, 0, 3}, {3, 2, 3}, {3, 4, 4}, {3, 3, 3}} {
		a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
		if test.session > 0 {
			a.SetRecord(testRecord(t, a.key, test.session))
			b.get(t, now, a, a.answer(t, now, b, b.challenge(t, now, a, a.send(t, b, &Ping{})), &Ping{}))
		}
		var known *enr.Record
		if test.known > 0 {
			known = testRecord(t, a.key, test.known)
		}
		whoareyou, err := b.AppendWhoareyou(nil, now, a.id, a.addr, Nonce{1}, known)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.get(t, now, b, whoareyou).Challenge.ENRSeq; got != test.want {
			t.Errorf("%+v: it names %d", test, got)
		}
	}
}

// TestNonces: no nonce comes twice, since a session ends before its count does.
func TestNonces(t *testing.T) {
	a, b := newTestNode(t, 1), newTestNode(t, 2)
	connect(t, a, b)
	a.store.session(endpointOf(b.id, b.addr)).sealed = 1<<32 - 2
	last := b.get(t, specTime, a, a.send(t, b, &Ping{}))
	if last.Message == nil || binary.BigEndian.Uint32(last.Nonce[:]) != 1<<32-1 {
		t.Errorf("%+v", last)
	}
	b.challenge(t, specTime, a, a.send(t, b, &Ping{}))
	if a.Sessions() != 0 {
		t.Error("the session goes on")
	}
}

// TestBounds: neither sessions nor challenges grow without end; those that go are those
// that were not used, or the oldest.
func TestBounds(t *testing.T) {
	a, s := newTestNode(t, 1), newStore()
	key := newGCM([16]byte{})
	at := func(i int) endpoint {
		return endpoint{id: enr.ID{byte(i), byte(i >> 8), byte(i >> 16)}, addr: a.addr}
	}
	for i := range MaxSessions * 2 {
		s.begin(at(i), &session{seal: key, open: key})
		s.session(at(0))
	}
	if s.sessions.Len() != MaxSessions || s.session(at(0)) == nil || s.session(at(1)) != nil || s.session(at(MaxSessions*2-1)) == nil {
		t.Errorf("%d sessions", s.sessions.Len())
	}

	for i := range MaxChallenges + 10 {
		if _, err := a.AppendWhoareyou(nil, specTime, at(i).id, a.addr, Nonce{}, nil); err != nil {
			t.Fatal(err)
		}
	}
	_, oldest := a.store.challenge(at(9), specTime)
	_, next := a.store.challenge(at(10), specTime)
	if a.store.challenges.Len() != MaxChallenges || oldest || !next {
		t.Errorf("%d challenges", a.store.challenges.Len())
	}
	a.store.expire(specTime.Add(ChallengeLifetime))
	if a.store.challenges.Len() != 0 {
		t.Errorf("%d challenges after their time", a.store.challenges.Len())
	}
}

// TestOursRefused: what cannot be sent leaves nothing behind.
func TestOursRefused(t *testing.T) {
	a, b, now := newTestNode(t, 1), newTestNode(t, 2), specTime
	if out, _, err := a.AppendMessage([]byte("before"), b.id, b.addr, &TalkResp{}); err != ErrNoSession || string(out) != "before" {
		t.Errorf("a response without a session: %q, %v", out, err)
	}
	whoareyou := b.challenge(t, now, a, a.send(t, b, &Ping{}))
	long := &TalkReq{Data: make([]byte, MaxSize)}
	challenge := a.get(t, now, b, whoareyou).Challenge
	if out, _, err := a.AppendHandshake([]byte("before"), b.record.Node(), b.addr, challenge, long); err != ErrTooLarge || string(out) != "before" || a.Sessions() != 0 {
		t.Errorf("a long handshake: %q, %v", out, err)
	}
	connect(t, a, b)
	// 9 is what a TalkReq has besides so much data: kind, two sizes of 3 bytes, two empty items.
	long.Data = long.Data[:MaxSize-authAt-messageAuth-tagSize-9]
	if got := len(a.send(t, b, long)); got != MaxSize {
		t.Errorf("the longest message makes %d bytes", got)
	}
	long.Data = append(long.Data, 0)
	if out, _, err := a.AppendMessage([]byte("before"), b.id, b.addr, long); err != ErrTooLarge || string(out) != "before" {
		t.Errorf("a long message: %q, %v", out, err)
	}

	a.rand = bytes.NewReader(nil)
	if _, err := a.AppendWhoareyou(nil, now, b.id, b.addr, Nonce{}, nil); !errors.Is(err, io.EOF) {
		t.Errorf("no randomness: %v", err)
	}
	if _, _, err := a.AppendMessage(nil, b.id, b.addr, &Ping{}); !errors.Is(err, io.EOF) {
		t.Errorf("no randomness: %v", err)
	}
}

// TestAnswerFromWhatWasAsked: what a message borrows can be sent back.
func TestAnswerFromWhatWasAsked(t *testing.T) {
	a, b := newTestNode(t, 1), newTestNode(t, 2)
	connect(t, a, b)
	data := []byte("hello")
	request := b.get(t, specTime, a, a.send(t, b, &TalkReq{Protocol: []byte("echo"), Data: data})).Message.(*TalkReq)
	reply := b.send(t, a, &TalkResp{Data: request.Data})
	equalBytes(t, "echo", a.get(t, specTime, b, reply).Message.(*TalkResp).Data, data)
}
