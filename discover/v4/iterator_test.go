// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

// waits calls for the next node after each, and returns those that were given.
func (d *dialogue) waits() *[]enr.Node {
	var given []enr.Node
	var give func(n enr.Node)
	give = func(n enr.Node) {
		given = append(given, n)
		d.m.onWait(d.now, give)
	}
	d.m.onWait(d.now, give)
	return &given
}

// requests takes the ENRRequests that were sent, and drops all other packets.
func (d *dialogue) requests() (all []sent) {
	for _, s := range d.out {
		if s.msg.Type() == v4wire.TypeENRRequest {
			all = append(all, s)
		}
	}
	d.out = nil
	return all
}

// found passes the walk remotes with mutual endpoint proofs.
func (d *dialogue) found(count int) (all []*remote, at map[string]*remote) {
	at = map[string]*remote{}
	for i := range count {
		r := remoteOf(d.t, 100+i)
		d.bond(r)
		all, at[r.addr.String()] = append(all, r), r
	}
	for _, r := range all {
		d.m.iterator.OnFound(d.now, r.contact)
	}
	return all, at
}

// TestIteratorRequestsFewRecordsAtOnce: at most fetchAtOnce ENRRequests are pending, and the next is sent when one
// ends; each node is given once, with its record.
func TestIteratorRequestsFewRecordsAtOnce(t *testing.T) {
	d := newDialogue(t)
	d.passes(2 * time.Second)
	all, at := d.found(3 * fetchAtOnce)
	given := d.waits()
	pending := d.requests()
	for n := 0; len(pending) > 0; n++ {
		if want := min(fetchAtOnce, len(all)-n); len(pending) != want {
			t.Fatalf("%d are asked at once after %d answers, want %d", len(pending), n, want)
		}
		s := pending[0]
		r := at[s.to.String()]
		d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: s.hash, Record: r.record.Raw()})
		pending = append(pending[1:], d.requests()...)
	}
	if len(*given) != len(all) {
		t.Errorf("%d of %d were given", len(*given), len(all))
	}
	for _, n := range *given {
		if n.Record == nil || n.Record.Seq() != 5 {
			t.Errorf("%s has no record", n.ID().Short())
		}
	}
}

// TestIteratorKeepsFewNodesReady: while Next is not called, no more than maxReady records are requested.
func TestIteratorKeepsFewNodesReady(t *testing.T) {
	d := newDialogue(t)
	d.passes(2 * time.Second)
	_, at := d.found(2 * maxReady)
	given := 0
	d.m.onWait(d.now, func(enr.Node) { given++ }) // for one
	asked := 0
	for pending := d.requests(); len(pending) > 0; pending = d.requests() {
		asked += len(pending)
		for _, s := range pending {
			r := at[s.to.String()]
			d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: s.hash, Record: r.record.Raw()})
		}
	}
	if given != 1 || asked > maxReady || len(d.m.iterator.ready) >= maxReady {
		t.Errorf("%d given, %d asked, %d ready", given, asked, len(d.m.iterator.ready))
	}
	for range len(d.m.iterator.ready) {
		d.m.onWait(d.now, func(enr.Node) { given++ })
	}
	if given != asked {
		t.Errorf("%d of %d were given", given, asked)
	}
}

// TestIteratorGivesNodesThatRespond: a live node without a record is given as it is known. A node that does not
// respond is not given, nor one that sends the record of another node.
func TestIteratorGivesNodesThatRespond(t *testing.T) {
	d := newDialogue(t)
	d.passes(2 * time.Second)
	silent, plain, liar := remoteOf(t, 1), remoteOf(t, 2), remoteOf(t, 3)
	d.bond(silent)
	d.bond(liar)
	d.passes(freshProof + timeout) // what they have proven says nothing of now
	d.bond(plain)
	for _, r := range []*remote{silent, plain, liar} {
		d.m.iterator.OnFound(d.now, r.contact)
	}
	given := d.waits()
	for _, s := range d.requests() {
		if s.to == liar.addr {
			d.says(liar, liar.addr, &v4wire.ENRResponse{RequestHash: s.hash, Record: plain.record.Raw()})
		}
	}
	d.passes(2 * timeout)
	if len(*given) != 1 || (*given)[0].ID() != plain.contact.ID || (*given)[0].Record != nil {
		t.Errorf("given are %v", *given)
	}
}

// TestRecordsAreGotAgain: a record is requested again after ten minutes, and not before.
func TestRecordsAreGotAgain(t *testing.T) {
	d := newDialogue(t)
	d.passes(2 * time.Second)
	r := remoteOf(t, 1)
	d.bond(r)
	given := d.waits()
	for _, step := range []struct {
		after time.Duration
		asked bool
	}{{0, true}, {time.Minute, false}, {recordLife - time.Minute - time.Millisecond, false}, {time.Minute, true}} {
		d.now = d.now.Add(step.after)
		before := len(*given)
		d.out = nil
		d.m.iterator.OnFound(d.now, r.contact)
		d.m.advance(d.now)
		requests := d.requests()
		if (len(requests) > 0) != step.asked {
			t.Errorf("after %v more: %d requests", step.after, len(requests))
		}
		for _, s := range requests {
			d.says(r, r.addr, &v4wire.ENRResponse{RequestHash: s.hash, Record: r.record.Raw()})
		}
		if len(*given) != before+1 {
			t.Errorf("after %v more: it was given %d times", step.after, len(*given)-before)
		}
	}
}

// TestIteratorAdvancesWithAnEmptyTable: an empty table is refreshed from the bootnodes every ten seconds, and
// more often during a call of Next. A table with nodes is not.
func TestIteratorAdvancesWithAnEmptyTable(t *testing.T) {
	boot, known := remoteOf(t, 1), remoteOf(t, 2)
	d := newDialogue(t, boot)
	asked := func(within time.Duration) (pings int) {
		d.out = nil
		d.passes(within)
		for _, s := range d.out {
			if s.to == boot.addr && s.msg.Type() == v4wire.TypePing {
				pings++
			}
		}
		return pings
	}
	d.passes(time.Minute) // the boot node is silent, and taken out
	idle := asked(time.Minute)
	if idle < 5 || idle > 30 {
		t.Errorf("%d pings to the boot node in a minute while nothing waits", idle)
	}
	d.waits()
	if n := asked(time.Minute); n <= idle {
		t.Errorf("%d pings to the boot node in a minute, as against %d while nothing waits", n, idle)
	}
	d.out = nil
	d.bond(known)
	d.passes(2 * time.Second) // for the refresh that had begun
	if n := asked(5 * time.Second); n > 3 {
		t.Errorf("%d pings to the boot node while another is known", n)
	}
}
