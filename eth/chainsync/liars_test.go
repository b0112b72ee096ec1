// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A way is how a peer lies, and the reason of the Disconnect that it gets; stays: none.
type way struct {
	name   string
	line   func(c *params.Chain, l line) line // what it serves; nil: the honest line
	change func(s *server, st *wire.Status)
	end    p2p.Reason
	back   p2p.Reason // backwards, if it is another one
}

// stays is the end of a peer that is let be.
const stays = p2p.ReasonQuitting

// invalid returns the line with headers from a number on that are linked, and of which the first breaks the rules.
func invalid(c *params.Chain, l line, from int) line {
	end := len(l) + 100
	l = slices.Clone(l[:from])
	for n := from; n < end; n++ {
		b := child(c, l.last(), 2, 7)
		if n == from {
			b.GasLimit *= 2
			if c.Ethash != nil {
				b.Difficulty.AddUint64(&b.Difficulty, 1<<40)
			}
		}
		b.Raw = nil
		b.Raw = b.Header.Append(nil)
		b.hash = b.Header.Hash()
		b.td.Add(&l.last().td, &b.Difficulty)
		l = append(l, b)
	}
	return l
}

func boast(_ *server, st *wire.Status) { st.TD.Lsh(&st.TD, 3) }

// rootless returns bodies or receipts that fit no root.
func rootless(items [][]byte) [][]byte {
	for i := range items {
		c := rlp.Read(items[i])
		c.List("")
		rest := c.Remaining()
		items[i] = listOf(slices.Concat(rest, rest))
	}
	return items
}

func shifted(items [][]byte) [][]byte {
	if len(items) > 1 {
		items[0], items[1] = items[1], items[0]
	}
	return items
}

func none([][]byte) [][]byte { return nil }

func silentFor(kinds ...wire.Kind) func(s *server, st *wire.Status) {
	return func(s *server, _ *wire.Status) {
		s.silent = func(k wire.Kind) bool { return slices.Contains(kinds, k) }
	}
}

// ways are those that make sense with and without a master.
var ways = []way{
	{name: "headers that break a rule", line: func(c *params.Chain, l line) line { return invalid(c, l, len(l)/3) }, change: boast, end: p2p.ReasonSubprotocol, back: stays},
	{name: "another chain", line: func(c *params.Chain, l line) line { return l[:len(l)/7].grow(c, len(l)/2, 1, 9) }, end: stays},
	{name: "unlinked headers", change: func(s *server, st *wire.Status) {
		boast(s, st)
		s.headers = func(q *wire.GetBlockHeaders, items [][]byte) [][]byte {
			if len(items) > 20 && q.Skip == 0 {
				items[10] = items[11]
			}
			return items
		}
	}, end: p2p.ReasonSubprotocol},
	{name: "other headers than asked for", change: func(s *server, _ *wire.Status) {
		s.headers = func(_ *wire.GetBlockHeaders, items [][]byte) [][]byte {
			if len(items) > 1 {
				return items[1:]
			}
			return items
		}
	}, end: p2p.ReasonSubprotocol},
	{name: "no headers", change: func(s *server, _ *wire.Status) {
		s.headers = func(*wire.GetBlockHeaders, [][]byte) [][]byte { return nil }
	}, end: p2p.ReasonUseless, back: stays},
	{name: "no answers", change: silentFor(wire.KindGetBlockHeaders, wire.KindGetBlockBodies, wire.KindGetReceipts), end: p2p.ReasonUseless},
	{name: "silent about bodies", change: silentFor(wire.KindGetBlockBodies), end: p2p.ReasonUseless},
	{name: "silent about receipts", change: silentFor(wire.KindGetReceipts), end: p2p.ReasonUseless},
	{name: "bodies of no header", change: func(s *server, _ *wire.Status) { s.bodies = rootless }, end: p2p.ReasonSubprotocol},
	{name: "bodies in another order", change: func(s *server, _ *wire.Status) { s.bodies = shifted }, end: p2p.ReasonSubprotocol},
	{name: "receipts of no header", change: func(s *server, _ *wire.Status) { s.receipts = rootless }, end: p2p.ReasonSubprotocol},
	{name: "no bodies, no receipts", change: func(s *server, _ *wire.Status) { s.bodies, s.receipts = none, none }, end: stays},
	{name: "slow", change: func(s *server, _ *wire.Status) { s.delay = 5 * time.Second }, end: stays},
	{name: "numbers without end", change: func(s *server, st *wire.Status) {
		st.Latest, st.Head, st.Earliest = math.MaxUint64, types.Hash{1}, 0
		st.TD.SetAllOne()
		st.TD.Rsh(&st.TD, 160)
		s.headers = func(q *wire.GetBlockHeaders, _ [][]byte) [][]byte {
			h := types.Header{Number: math.MaxUint64, GasLimit: 8_000_000, Time: 1, Difficulty: *uint256.NewInt(1)}
			return [][]byte{h.Append(nil)}
		}
	}, end: p2p.ReasonSubprotocol},
}

// play syncs from four honest peers and a liar. The liar costs time, and never a wrong chain.
func play(t *testing.T, c *params.Chain, l line, w *way, v wire.Version, believe bool) {
	inBubble(t, c, chain.Config{History: chain.HistoryFull}, func(b *bench) {
		theirs := l
		if w.line != nil {
			theirs = w.line(c, l)
		}
		liar := serve(t, b.node, "liar", v, theirs, func(s *server, st *wire.Status) {
			if w.change != nil {
				w.change(s, st)
			}
		})
		pause(time.Second)
		for i := range 4 {
			serve(t, b.node, fmt.Sprint("honest", i), v, l)
		}
		if believe {
			b.sync.Believe(head.Believed{Ref: chain.Ref{Hash: l.last().hash}, By: event.HeadByFixed})
		}
		b.wait(l, 10*time.Minute)
		pause(time.Minute)
		end := w.end
		if believe && w.back != 0 {
			end = w.back
		}
		if end == stays {
			if liar.Ended() {
				t.Errorf("the peer has gone: %v", liar.Cause())
			}
			return
		}
		if !liar.Ended() {
			t.Fatal("the peer is still here")
		}
		if got := p2p.Judge(liar.Cause()); got.Reason != end {
			t.Errorf("the peer got reason %v (%v), want %v", got.Reason, liar.Cause(), end)
		}
		if b.node.Sessions() != 4 {
			t.Errorf("%d sessions are left of 4 honest peers", b.node.Sessions())
		}
	})
}

func TestLiars(t *testing.T) {
	mine, stake := mined(), staked()
	weighed, believed := genesisOf(mine).grow(mine, blocks, 2, 1), genesisOf(stake).grow(stake, blocks, 2, 1)
	for i := range ways {
		w := &ways[i]
		t.Run("forward, "+w.name, func(t *testing.T) { play(t, mine, weighed, w, 68, false) })
		t.Run("backward, "+w.name, func(t *testing.T) { play(t, stake, believed, w, 70, true) })
	}
}
