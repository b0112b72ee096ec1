// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// capture keeps the datagram that was written last.
type capture struct{ last []byte }

func (c *capture) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	c.last = append(c.last[:0], b...)
	return len(b), nil
}

// visitor is a client's codec and address.
type visitor struct {
	*v5wire.Codec
	id   enr.ID
	addr netip.AddrPort
}

func newVisitor(t testing.TB, n int) *visitor {
	key := testKey(t, 1000+n)
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{36, 1, byte(n >> 8), byte(n)}), 30303)
	return &visitor{v5wire.NewCodec(rand.NewChaCha8([32]byte{5}), key, testRecord(t, key, 1, addr)), enr.IDOf(key.Public()), addr}
}

func (v *visitor) say(t testing.TB, m *machine, message v5wire.Message) []byte {
	packet, _, err := v.AppendMessage(nil, m.self, selfAt, message)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// prove returns the handshake packet for the machine's last challenge.
func (v *visitor) prove(t testing.TB, m *machine, whoareyou []byte, message v5wire.Message) []byte {
	p, err := v.Decode(epoch, selfAt, whoareyou)
	if err != nil || p.Challenge == nil {
		t.Fatal(p, err)
	}
	packet, _, err := v.AppendHandshake(nil, m.record.Node(), selfAt, p.Challenge, message)
	if err != nil {
		t.Fatal(err)
	}
	return packet
}

// BenchmarkTalk measures the response to a TALKREQ in a session, without the socket.
func BenchmarkTalk(b *testing.B) {
	out := new(capture)
	m := testMachine(b, out)
	v := newVisitor(b, 1)
	m.onDatagram(epoch, v.addr, v.say(b, m, new(v5wire.Ping)))
	m.onDatagram(epoch, v.addr, v.prove(b, m, out.last, new(v5wire.Ping)))
	request := v.say(b, m, &v5wire.TalkReq{ID: v5wire.RequestIDOf([]byte{1, 2, 3}), Protocol: []byte("test"), Data: make([]byte, 100)})
	b.ReportAllocs()
	for b.Loop() {
		m.onDatagram(epoch, v.addr, request)
	}
	if len(out.last) > 150 {
		b.Error("no answer")
	}
}

// BenchmarkHandshake measures the first ping of an unknown node: challenge, handshake and
// response.
func BenchmarkHandshake(b *testing.B) {
	out := new(capture)
	m := testMachine(b, out)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		n++
		v := newVisitor(b, n)
		first := v.say(b, m, new(v5wire.Ping))
		b.StartTimer()
		m.onDatagram(epoch, v.addr, first)
		b.StopTimer()
		second := v.prove(b, m, out.last, new(v5wire.Ping))
		b.StartTimer()
		m.onDatagram(epoch, v.addr, second)
	}
	if m.codec.Sessions() == 0 {
		b.Error("no session")
	}
}
