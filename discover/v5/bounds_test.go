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
	told := func(_ time.Time, r response) { failed = append(failed, r.err) }
	nodes := strangers(t, maxRequests+10)
	for range maxLine + 3 {
		m.requestExternal(epoch, nodes[0], &v5wire.Ping{ID: m.newRequestID()}, told)
		check(t, m)
	}
	if len(failed) != 3 || !errors.Is(failed[0], ErrBusy) || conn.sent != 1 {
		t.Fatalf("with one node: %v, %d datagrams", failed, conn.sent)
	}
	for _, to := range nodes[1:] {
		m.requestExternal(epoch, to, &v5wire.Ping{ID: m.newRequestID()}, told)
	}
	check(t, m)
	if want := 3 + len(nodes) - 1 - (maxRequests - maxLine); len(failed) != want || conn.sent != 1+maxRequests-maxLine {
		t.Fatalf("%d failed, not %d; %d datagrams", len(failed), want, conn.sent)
	}
	// The machine's own requests do not count against the bounds of callers.
	m.act(epoch, []kad.Action{{Kind: kad.Check, Contact: nodes[maxRequests+1]}})
	if conn.sent != 2+maxRequests-maxLine {
		t.Error("a check was not sent")
	}
	for now := epoch; len(m.requests.lines) > 0; now = now.Add(timeout) {
		m.onTick(now)
		check(t, m)
	}
	if m.requests.asked != 0 || len(failed) != 3+len(nodes)-1+maxLine {
		t.Errorf("%d requests are left, %d ended", m.requests.asked, len(failed))
	}
}

// TestLookupsWaitForARefresh: with an empty table, at most maxHeld lookups wait for a refresh.
func TestLookupsWaitForARefresh(t *testing.T) {
	m := testMachine(t, new(sink))
	m.table = kad.New(epoch, kad.Config{Self: m.self, Choose: m.choose})
	m.search.Table = m.table
	m.table.OnTick(epoch) // it waits for the refresh that it wants
	done := 0
	q := kad.Query{Done: func(_ time.Time, nearest []kad.Contact) { done++ }}
	for range maxHeld {
		if !m.seek(epoch, q) {
			t.Fatal("no room for a lookup")
		}
		check(t, m)
	}
	if m.seek(epoch, q) || done != 0 {
		t.Errorf("room for one lookup more; %d have ended", done)
	}
	m.onRefreshed(epoch)
	check(t, m)
	if done != maxHeld {
		t.Errorf("%d lookups ended", done)
	}
}

// TestIteratorIsBounded: nodes found while the queue is full are dropped and counted, and no node without a
// record is given.
func TestIteratorIsBounded(t *testing.T) {
	m := testMachine(t, new(sink))
	const many = 1000
	for i, c := range strangers(t, many) {
		if i == 0 {
			c.Node.Record = nil
		}
		m.onFound(epoch, c)
	}
	given := 0
	for {
		waits := true
		m.onWant(epoch, func(n enr.Node) { waits, given = false, given+1 })
		if waits {
			break
		}
		check(t, m)
	}
	if lost := m.iterator.TakeLost(); given == 0 || given+int(lost) != many-1 {
		t.Errorf("%d were given, %d lost", given, lost)
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
			c.Unverified = testRecord(t, testKey(t, 100+i), 1, netip.AddrPortFrom(c.Node.IP, c.Node.UDP)).Unverified()
		} else {
			c.Unverified = m.record.Unverified()
		}
		from, _ := c.Addr()
		m.onPacket(epoch, from, v5wire.Packet{From: c.ID, Message: new(v5wire.Ping), Record: c.Unverified})
		check(t, m)
	}
	if n := m.table.Len(); n == 0 || n > 2*maxRecords/256*10 {
		t.Errorf("%d nodes are in the table, of 16 networks of which each may have 10", n)
	}
}
