// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

// checked has the table check the remote, which answers that its record has a sequence number.
func (d *dialogue) checked(r *remote, seq uint64) {
	d.t.Helper()
	d.passes(freshProof + time.Second) // from here on an answer of an earlier time will not do
	d.out = nil
	d.m.check(d.now, d.known(r))
	_, hash := want[*v4wire.Ping](d, "a check", r.addr)
	d.says(r, r.addr, &v4wire.Pong{PingHash: hash, Expiration: d.now.Unix() + 1, ENRSeq: seq})
}

// known returns what the table has of a remote.
func (d *dialogue) known(r *remote) kad.Contact {
	d.t.Helper()
	c, ok := d.m.table.Get(r.contact.ID)
	if !ok {
		d.t.Fatal("it is not in the table")
	}
	return c
}

// endpoint returns where the table has a remote.
func (d *dialogue) endpoint(r *remote) netip.AddrPort {
	d.t.Helper()
	c := d.known(r)
	addr, _ := c.Addr()
	return addr
}

// signed returns a record of a remote's node, with another sequence number.
func (r *remote) signed(t *testing.T, n int, seq uint64) *enr.Record {
	t.Helper()
	var b enr.Builder
	b.SetIP(r.addr.Addr())
	b.SetUDP(r.addr.Port())
	record, err := b.Sign(keyOf(t, n), seq)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// TestChecksBringNewRecords: a pong with a higher sequence number than the known record's makes us request the record.
func TestChecksBringNewRecords(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	d.passes(2 * time.Second) // the first refresh
	d.bond(r)
	d.checked(r, 9)
	d.wantIdle("a record that we do not have is got when somebody wants it")
	d.m.learn(d.now, r.contact.Node, r.record)
	d.checked(r, 5)
	d.wantIdle("we have that record")
	for seq, raw := range map[uint64][]byte{6: r.signed(t, 1, 6).Raw(), 7: nil} {
		before := d.known(r).Node.Record.Seq()
		d.checked(r, 7)
		_, hash := want[*v4wire.ENRRequest](d, "there is a newer one", r.addr)
		d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: hash, Record: raw})
		if raw != nil {
			before = seq
		}
		if got := d.known(r).Node.Record.Seq(); got != before {
			t.Errorf("the table has record %d, want %d", got, before)
		}
	}
}

// TestPingsKeepWhatIsKnown: an entry keeps its record after a ping from its known endpoint. After a ping from
// another endpoint, the entry moves there once that endpoint is proven.
func TestPingsKeepWhatIsKnown(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	d.passes(2 * time.Second)
	d.bond(r)
	d.m.learn(d.now, r.contact.Node, r.record)
	d.pings(r)
	d.out = nil
	if d.known(r).Node.Record == nil {
		t.Error("a ping has cost it its record")
	}
	moved := *r
	moved.addr = netip.MustParseAddrPort("44.1.1.1:30304")
	d.pings(&moved)
	if addr := d.endpoint(r); addr != r.addr {
		t.Errorf("it is at %v, which it has not proven", addr)
	}
	want[*v4wire.Pong](d, "a ping is answered", moved.addr)
	d.pongs(&moved)
	if addr := d.endpoint(r); addr != moved.addr {
		t.Errorf("it is at %v, and has moved to %v", addr, moved.addr)
	}
}
