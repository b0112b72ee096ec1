// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

// sink counts datagrams.
type sink struct {
	sent, bytes int
	err         error
}

func (s *sink) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	s.sent++
	s.bytes += len(b)
	return len(b), s.err
}

var selfAt = netip.MustParseAddrPort("34.1.1.1:30303")

func testMachine(t testing.TB, conn Conn) *machine {
	t.Helper()
	key := testKey(t, 1)
	record := testRecord(t, key, 1, selfAt)
	m := newMachine(epoch, Config{Key: key, Conn: conn, Self: func() *enr.Record { return record }, Rand: rand.NewChaCha8([32]byte{1})})
	m.onTick(epoch)
	return m
}

func check(t testing.TB, m *machine) {
	t.Helper()
	if err := m.checkInvariants(); err != nil {
		t.Fatal(err)
	}
}

// strangers returns contacts with IDs of no real node, and one key.
func strangers(t testing.TB, count int) []kad.Contact {
	r := testRecord(t, testKey(t, 7), 1, netip.MustParseAddrPort("34.7.7.7:30303"))
	cs := make([]kad.Contact, count)
	for i := range cs {
		cs[i].Node = r.Node()
		cs[i].Node.IP = netip.AddrFrom4([4]byte{35, byte(i >> 16), byte(i >> 8), byte(i)})
		binary.BigEndian.PutUint32(cs[i].ID[:], uint32(i+1)*2654435761)
	}
	return cs
}

func TestLossesAreReported(t *testing.T) {
	conn := &sink{err: errors.New("network is unreachable")}
	m := testMachine(t, conn)
	for _, c := range strangers(t, 3) {
		m.requestExternal(epoch, c, new(v5wire.Ping), func(time.Time, response) {})
	}
	var losses []string
	for range 2 {
		for _, l := range m.losses.table() {
			if n := l.Take(); n > 0 {
				losses = append(losses, fmt.Sprint(l.Where, " ", n))
			}
		}
	}
	if !slices.Equal(losses, []string{"v5.send 3"}) {
		t.Errorf("%q", losses)
	}
}

// TestRecordsAreVerifiedOnce: a valid record is verified once, and an invalid one is never accepted.
func TestRecordsAreVerifiedOnce(t *testing.T) {
	r := newRecords()
	good := testRecord(t, testKey(t, 3), 5, selfAt)
	c, err := r.decode(good.Raw())
	if err != nil || c.ID != good.ID() {
		t.Fatal(c, err)
	}
	again, err := r.decode(good.Raw())
	if err != nil || again.Node.Record != c.Node.Record {
		t.Error("decoded twice", err)
	}
	bad := append([]byte(nil), good.Raw()...)
	bad[20] ^= 1
	if _, err := r.decode(bad); err == nil {
		t.Error("a forged record is believed")
	}
	old := testRecord(t, testKey(t, 3), 4, selfAt)
	if _, err := r.decode(old.Raw()); err != nil || r.latest(c.ID).Seq() != 5 {
		t.Error("an old record replaces a newer one", err)
	}
}

// TestRestrict: nodes outside of Config.Restrict are not remembered, but their requests are
// answered.
func TestRestrict(t *testing.T) {
	out := new(capture)
	m := testMachine(t, out)
	m.cfg.Restrict = []netip.Prefix{netip.MustParsePrefix("36.1.0.0/24")}
	m = newMachine(epoch, m.cfg)
	m.onTick(epoch)
	for n, want := range map[int]int{1: 1, 256: 0} { // 36.1.0.1, 36.1.1.0
		v := newVisitor(t, n)
		before := m.table.Len()
		m.onDatagram(epoch, v.addr, v.say(t, m, new(v5wire.Ping)))
		m.onDatagram(epoch, v.addr, v.prove(t, m, out.last, new(v5wire.Ping)))
		if p, err := v.Decode(epoch, selfAt, out.last); err != nil || p.Message == nil || p.Message.Kind() != v5wire.KindPong {
			t.Errorf("%v: %+v, %v", v.addr, p, err)
		}
		if added := m.table.Len() - before; added != want {
			t.Errorf("%v: %d nodes were added", v.addr, added)
		}
	}
}

// TestKnownRecords: WHOAREYOU to a node with a known record states the record's sequence number, so that the
// node does not send the record, and we do not verify it again.
func TestKnownRecords(t *testing.T) {
	out := new(capture)
	m := testMachine(t, out)
	v := newVisitor(t, 1)
	for i, want := range []uint64{0, 1, 1} {
		v.addr = netip.AddrPortFrom(v.addr.Addr(), uint16(30303+i))
		again := newVisitor(t, 1) // without a session
		m.onDatagram(epoch, v.addr, again.say(t, m, new(v5wire.Ping)))
		p, err := again.Decode(epoch, selfAt, out.last)
		if err != nil || p.Challenge == nil || p.Challenge.ENRSeq != want {
			t.Fatalf("%d: %+v, %v", i, p.Challenge, err)
		}
		m.onDatagram(epoch, v.addr, again.prove(t, m, out.last, new(v5wire.Ping)))
		if m.codec.Sessions() != i+1 {
			t.Errorf("%d sessions", m.codec.Sessions())
		}
	}
}

// TestUselessRecordsAreCounted: of a NODES response what is of no use is skipped and counted, and the rest is used.
func TestUselessRecordsAreCounted(t *testing.T) {
	m := testMachine(t, new(sink))
	responder := testRecord(t, testKey(t, 50), 1, netip.MustParseAddrPort("34.5.5.5:30303"))
	var got []response
	m.request(epoch, kad.NewContact(responder.Node()), &v5wire.Findnode{Distances: []uint16{256}}, func(_ time.Time, r response) { got = append(got, r) })
	var at256, elsewhere [][]byte
	for i := 0; len(at256) < 20 || len(elsewhere) < 2; i++ {
		r := testRecord(t, testKey(t, 100+i), 1, netip.AddrPortFrom(netip.AddrFrom4([4]byte{34, byte(i), 1, 1}), 30303))
		if kad.LogDist(responder.ID(), r.ID()) == 256 {
			at256 = append(at256, r.Raw())
		} else {
			elsewhere = append(elsewhere, r.Raw())
		}
	}
	forged := append([]byte(nil), at256[0]...)
	forged[20] ^= 1
	records := [][]byte{at256[0], forged, elsewhere[0], at256[0], elsewhere[1]}
	records = append(records, at256[1:13]...) // 17 in all
	c := m.requests.underWay(responder.ID())
	m.onNodes(epoch, c, &v5wire.Nodes{Total: 1, Records: records, Skipped: 3})
	if len(got) != 1 || got[0].err != nil || len(got[0].found) != 12 {
		t.Errorf("%+v", got)
	}
	if n := m.losses.records; n != 4+1+3 {
		t.Errorf("%d records are counted as lost, want 8", n)
	}
}
