// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/types"
)

// A peer whose blocks wait for a parent takes its share of the room.
func TestWaitingIsBounded(t *testing.T) {
	w := newWaiting()
	at := time.Unix(1000, 0)
	from := func() *listener { return new(listener) }
	block := func(n byte, l *listener, size int) *wholeBlock {
		return &wholeBlock{hash: types.Hash{n, byte(size)}, parent: types.Hash{1}, number: uint64(n), body: make([]byte, size), from: l}
	}
	a := from()
	for n := range byte(maxPeerWaiting) {
		if !w.put(at, time.Time{}, block(n, a, 1)) {
			t.Fatal(n)
		}
	}
	if w.put(at, time.Time{}, block(200, a, 1)) || !w.put(at, time.Time{}, block(3, a, 1)) {
		t.Error("one too many of a peer, or a second time")
	}
	if big := from(); !w.put(at, time.Time{}, block(1, big, maxPeerBytes)) || w.put(at, time.Time{}, block(2, big, 2)) {
		t.Error("bytes of one peer")
	}
	none := func(types.Hash) bool { return false }
	if got := w.take(at.Add(waitFor-1), none); len(got) != 0 {
		t.Errorf("took %d", len(got))
	}
	all := func(types.Hash) bool { return true }
	got := w.take(at.Add(waitFor-1), all)
	if len(got) != maxPeerWaiting+1 || got[0].number != 0 || got[len(got)-1].number != maxPeerWaiting-1 || w.bytes != 0 || len(w.shares) != 0 {
		t.Errorf("took %d, %d bytes and %d shares are left", len(got), w.bytes, len(w.shares))
	}
	for n := range byte(5) {
		w.put(at, time.Time{}, block(n, a, 3))
	}
	due := at.Add(5 * time.Second)
	w.put(at, due, block(9, from(), 3))
	if next := w.next(at); next != due {
		t.Errorf("next %v", next)
	}
	w.drop(a)
	if got := w.take(due.Add(-1), all); len(got) != 0 || len(w.blocks) != 1 {
		t.Errorf("took %d before their time, %d wait", len(got), len(w.blocks))
	}
	if got := w.take(due, all); len(got) != 1 || got[0].number != 9 || !w.next(at).IsZero() {
		t.Errorf("took %v", got)
	}
	w.put(at, time.Time{}, block(1, a, 3))
	if got := w.take(at.Add(waitFor), none); len(got) != 0 || len(w.blocks) != 0 {
		t.Error("it waits for ever")
	}
	for i := range maxWaiting / 32 {
		l := from()
		for n := range 32 {
			b := block(byte(n), l, 1)
			b.hash[2] = byte(i)
			w.put(at, time.Time{}, b)
		}
	}
	if w.put(at, time.Time{}, block(250, from(), 1)) {
		t.Error("one too many in all")
	}
}
