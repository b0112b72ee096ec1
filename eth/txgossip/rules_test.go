// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// The documented bounds and times of fetching are those that the table works by.
func TestRulesOfFetching(t *testing.T) {
	m := newMachine(nil, newSeen(), rand.New(rand.NewPCG(1, 2)))
	l, now := new(listener), time.Unix(1000, 0)
	m.join(l)
	for i := range 4097 {
		if m.table.Offer(now, l, hashOf(i), 1, described{}) != (i < 4096) {
			t.Fatalf("offer %d", i)
		}
	}
	next := func(after time.Duration, want int) (keys []types.Hash) {
		t.Helper()
		now = now.Add(after)
		asks, _ := m.table.Next(now)
		if len(asks) > 0 {
			keys = asks[0].Keys
		}
		if len(keys) != want {
			t.Fatalf("after %v more, %d hashes are asked for; want %d", after, len(keys), want)
		}
		return keys
	}
	next(500*time.Millisecond-1, 0)
	next(1, 256)
	for n, wait := range []time.Duration{30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
		m.table.Failed(now, l)
		next(wait*time.Second-1, 0)
		if next(1, 256); t.Failed() {
			t.Fatalf("failure %d", n)
		}
	}
	m.leave(l)

	large := new(listener)
	m.join(large)
	for i := range 10 {
		m.table.Offer(now.Add(time.Duration(i)*50*time.Millisecond), large, hashOf(i), 40<<10, described{})
	}
	next(500*time.Millisecond, 3) // 80 and 120 KiB are less than 128 KiB, 160 is not: after the third, 4 are due
}

// Offers of all peers are bounded by 65,536 hashes.
func TestTrackedInAll(t *testing.T) {
	m := newMachine(nil, newSeen(), rand.New(rand.NewPCG(1, 2)))
	for p := range 17 {
		l := new(listener)
		m.join(l)
		for i := range 4096 {
			m.table.Offer(time.Unix(1000, 0), l, hashOf(p<<20+i), 1, described{})
		}
	}
	if n := m.table.Len(); n != 65_536 {
		t.Errorf("%d hashes are tracked", n)
	}
}

// A transaction that arrives another way, in a broadcast or a block, ends the fetching of it, whether it
// waits or was asked for.
func TestArrivalEndsFetching(t *testing.T) {
	x, h := newTx(t, 1)
	for _, asks := range []bool{false, true} {
		for _, via := range []event.Via{event.ViaBroadcast, event.ViaBlock} {
			listen(t, func(l *listening) {
				a, b, c := l.node.Join("a", 68), l.node.Join("b", 68), l.node.Join("c", 68)
				a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
				if asks {
					a.Want(wire.KindGetPooledTransactions, asked(68, 7000, h))
				}
				c.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
				if via == event.ViaBroadcast {
					b.SendRaw(wire.KindTransactions, list(raw(x)))
				} else {
					l.gossip.FromBlock(time.Now(), event.Source{Client: "b"}, raw(x))
				}
				synctest.Wait()
				time.Sleep(6 * time.Second) // a's request times out
				a.WantSilence()
				c.WantSilence()
				l.want(
					fmt.Sprintf("tx %x via announcement of a, type 2 (true), size %d", h[:3], len(x.Binary())),
					fmt.Sprintf("sighting %x via announcement of c", h[:3]),
					fmt.Sprintf("tx %x via %s of b, type 2 (true), size %d, update, from %s nonce 1", h[:3], via, len(x.Binary()), from()),
				)
			})
		}
	}
}

// A block's transaction is compared with what was announced of it, as one in a reply is.
func TestAnnouncementsAreComparedWithBlocks(t *testing.T) {
	x, h := newTx(t, 1)
	for name, said := range map[string]wire.Announced{
		"larger":       {Hash: h, Type: 2, Size: uint64(len(x.Binary())) + 9},
		"smaller":      {Hash: h, Type: 2, Size: uint64(len(x.Binary())) - 9},
		"another type": {Hash: h, Type: 1, Size: uint64(len(x.Binary()))},
	} {
		t.Run(name, func(t *testing.T) {
			listen(t, func(l *listening) {
				a := l.node.Join("a", 68)
				a.SendRaw(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, []wire.Announced{said}))
				synctest.Wait()
				l.gossip.FromBlock(time.Now(), event.Source{Client: "b"}, raw(x))
				wantBreach(t, a, "announced")
			})
		})
	}
}

// A delivery is useful at once if another peer has announced the transaction.
func TestAnnouncedByAnotherIsUseful(t *testing.T) {
	for _, other := range []bool{false, true} {
		m := newMachine(nil, newSeen(), rand.New(rand.NewPCG(1, 2)))
		a, b := new(listener), new(listener)
		m.join(a)
		m.join(b)
		from := a
		if other {
			from = b
		}
		m.table.Offer(time.Unix(1000, 0), from, hashOf(1), 1, described{})
		m.arrived(&arrival{via: event.ViaBroadcast, credit: &a.credit}, []heard{{body: body{hash: hashOf(1)}, read: new(reading)}})
		if useful := a.credit.useful == 1; useful != other {
			t.Errorf("announced by another %t: useful %t", other, useful)
		}
	}
}
