// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/enr"
)

func TestCallsAreBounded(t *testing.T) {
	conn := new(sink)
	m := testMachine(t, conn)
	var failed []error
	told := func(_ time.Time, r reply) { failed = append(failed, r.err) }
	nodes := strangers(t, maxCalls+10)
	for range maxLine + 3 {
		m.ask(epoch, nodes[0], &v5wire.Ping{ID: m.newRequestID()}, told)
		check(t, m)
	}
	if len(failed) != 3 || !errors.Is(failed[0], ErrBusy) || conn.sent != 1 {
		t.Fatalf("with one node: %v, %d datagrams", failed, conn.sent)
	}
	for _, to := range nodes[1:] {
		m.ask(epoch, to, &v5wire.Ping{ID: m.newRequestID()}, told)
	}
	check(t, m)
	if want := 3 + len(nodes) - 1 - (maxCalls - maxLine); len(failed) != want || conn.sent != 1+maxCalls-maxLine {
		t.Fatalf("%d failed, not %d; %d datagrams", len(failed), want, conn.sent)
	}
	// Our own questions do not wait for those of others.
	m.act(epoch, []kad.Action{{Kind: kad.Check, Contact: nodes[maxCalls+1]}})
	if conn.sent != 2+maxCalls-maxLine {
		t.Error("a check was not sent")
	}
	for now := epoch; len(m.calls.lines) > 0; now = now.Add(callTimeout) {
		m.onTick(now)
		check(t, m)
	}
	if m.calls.asked != 0 || len(failed) != 3+len(nodes)-1+maxLine {
		t.Errorf("%d calls are left, %d ended", m.calls.asked, len(failed))
	}
}

func TestLookupsAreBounded(t *testing.T) {
	m := testMachine(t, new(sink))
	m.act(epoch, m.table.OnHeard(epoch, strangers(t, 1)[0]))
	done := 0
	for range maxLookups {
		if !m.seek(epoch, &lookup{done: func(time.Time, []kad.Contact) { done++ }}) {
			t.Fatal("no room for a lookup")
		}
	}
	if m.seek(epoch, &lookup{}) {
		t.Error("room for one lookup more")
	}
	check(t, m)
	for now := epoch; done < maxLookups; now = now.Add(callTimeout) {
		m.onTick(now)
		check(t, m)
	}
	if m.seeking != 0 {
		t.Errorf("%d lookups are left", m.seeking)
	}
}

// TestFloodOfIdentities: a hundred thousand packets of as many nodes, and handshakes of a few
// thousand.
func TestFloodOfIdentities(t *testing.T) {
	conn := new(sink)
	m := testMachine(t, conn)
	const flood = 100_000
	for i, c := range strangers(t, flood) {
		from, _ := c.Addr()
		m.onPacket(epoch, from, v5wire.Packet{From: c.ID, Nonce: v5wire.Nonce{byte(i)}})
	}
	check(t, m)
	if conn.sent != flood || conn.bytes > flood*v5wire.MinSize {
		t.Errorf("%d challenges of %d bytes in all", conn.sent, conn.bytes)
	}
	for i, c := range strangers(t, 2*maxRecords) {
		if i%64 == 0 {
			c.Claim = testRecord(t, testKey(t, 100+i), 1, netip.AddrPortFrom(c.Node.IP, c.Node.UDP)).Claim()
		} else {
			c.Claim = m.record.Claim()
		}
		from, _ := c.Addr()
		m.onPacket(epoch, from, v5wire.Packet{From: c.ID, Message: new(v5wire.Ping), Claim: c.Claim})
		check(t, m)
	}
	if n := m.table.Len(); n == 0 || n > 2*maxRecords/256*10 {
		t.Errorf("%d nodes are in the table, of 16 networks of which each may have 10", n)
	}
}

// TestWalkIsBounded: what is found while enough waits is dropped and counted, and a node
// comes again after a while.
func TestWalkIsBounded(t *testing.T) {
	m := testMachine(t, new(sink))
	found := strangers(t, 2*walkAhead)
	for i := range found {
		found[i].Node.Record = m.record
	}
	m.onTold(epoch, append(found, found...))
	check(t, m)
	if len(m.walk.ahead) != walkAhead || m.losses[lostWalk] != 2*walkAhead {
		t.Fatalf("%d wait, %d lost", len(m.walk.ahead), m.losses[lostWalk])
	}
	take := func(now time.Time) (n int) {
		for len(m.walk.ahead) > 0 {
			m.onWant(now, func(time.Time, enr.Node) { n++ })
			check(t, m)
		}
		return n
	}
	if n := take(epoch); n != walkAhead {
		t.Errorf("%d were given", n)
	}
	m.onTold(epoch.Add(walkAgain-1), found[:walkAhead])
	if len(m.walk.ahead) != 0 {
		t.Error("given again too soon")
	}
	m.onTold(epoch.Add(walkAgain), found[:walkAhead])
	if len(m.walk.ahead) != walkAhead {
		t.Error("not given again")
	}
	for _, c := range strangers(t, 2*walkMemory) {
		c.Node.Record = m.record
		m.onTold(epoch, []kad.Contact{c})
		take(epoch)
	}
}
