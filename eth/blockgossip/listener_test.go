// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// A whole block whose body is another's is never told, and is asked for of other peers.
func TestAnothersBodyIsNeverTold(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		x := build(l.chain.GenesisHash, 1, 2)
		for _, change := range []func(b *testBlock){
			func(b *testBlock) { b.body.Txs = slices.Repeat(someTx, 1) },
			func(b *testBlock) { b.body.Txs = slices.Repeat(someTx, 5) },
			func(b *testBlock) { b.body.Uncles = b.rawHeader() },
			func(b *testBlock) { b.body.HasWithdrawals = true },
		} {
			other := x
			change(&other)
			b := l.node.Join("b", 68)
			b.SendRaw(wire.KindNewBlock, other.newBlock(1<<40))
			l.pass(2 * time.Second)
			l.want("loss blockgossip.mismatched 1")
			b.Leave()
		}
		a.SendRaw(wire.KindNewBlock, x.newBlock(1<<40))
		l.want("head 1 by peers, supporters 1",
			fmt.Sprintf("block %s via broadcast of a, 2 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x%x", someTx, someTx))
	})
}

// After a body of another block only the headers of the peer's whole blocks count: it is asked for bodies.
func TestWholeBlocksAfterAMismatch(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		x := build(l.chain.GenesisHash, 1, 1)
		other := x
		other.body.Txs = slices.Repeat(someTx, 3)
		a.SendRaw(wire.KindNewBlock, other.newBlock(1))
		l.want("loss blockgossip.mismatched 1")
		a.SendRaw(wire.KindNewBlock, x.newBlock(1))
		giveBodies(a, 68, 7001, x)
		l.want("head 1 by peers, supporters 1",
			fmt.Sprintf("block %s via broadcast of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx))
	})
}

// The roots of a whole block are not computed before the cheap checks: a block far from the head, one of a
// gas limit far from the head's, and one with more transactions than its gas used allows.
func TestCheapChecksFirst(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		x := build(l.chain.GenesisHash, 1, 1)
		a.SendRaw(wire.KindNewBlock, x.newBlock(1))
		l.want("head 1 by peers, supporters 1",
			fmt.Sprintf("block %s via broadcast of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx))
		// Near the head, with its own body, and more transactions than 10,500 gas each allow.
		many := build(x.hash, 2, 3, func(h *types.Header) { h.GasUsed = 31_000 })
		b := l.node.Join("b", 68)
		b.SendRaw(wire.KindNewBlock, many.newBlock(1))
		l.want("loss blockgossip.mismatched 1")
		// Far from the head, or of another gas limit: the header counts, and the body is not read, so that it
		// is no fault that there is none.
		c := l.node.Join("c", 68)
		far := build(types.Hash{7}, 1000, 0)
		high := build(types.Hash{7}, 20, 1, func(h *types.Header) { h.GasLimit = 1 << 40 })
		for _, b := range []testBlock{far, high} {
			b.body.Txs = []byte{0x05} // no transaction
			c.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}
		l.pass(2 * time.Second)
		l.want(fmt.Sprintf("block %s via broadcast of c, 0 txs, size 0", high.name()), "loss blockgossip.bodies 1")
	})
}

// A reply to a request for bodies has at most as many as were asked for, and a body at most the
// transactions that the gas used allows: counted before the roots are computed.
func TestBodiesAreCountedFirst(t *testing.T) {
	for says, items := range map[string][][]byte{
		"more items than were asked for": {{0xc0}, {0xc0}},
		errTooManyTxs.Error():            {(&types.Body{Txs: slices.Repeat(someTx, 3)}).Append(nil)},
	} {
		listen(t, func(l *listening) {
			a := l.node.Join("a", 68)
			l.polled(a, 68, 7000)
			x := build(l.chain.GenesisHash, 1, 1)
			a.SendRaw(wire.KindNewBlockHashes, hashes(x))
			giveHeaders(a, 68, 7001, wire.AtHash(x.hash), 1, x)
			a.WantKind(wire.KindGetBlockBodies)
			a.SendRaw(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, 7002, items...))
			if err := a.WantEnd(); !isBreach(err) || !strings.Contains(err.Error(), says) {
				t.Errorf("ended with %v; want %s", err, says)
			}
		})
	}
}

// Header rules hold for replies, and for those that come late.
func TestHeaderRulesHoldForReplies(t *testing.T) {
	tests := map[string]func(h *types.Header){
		"difficulty has more than 80 bits": func(h *types.Header) { h.Difficulty.Lsh(uint256.NewInt(1), 80) },
		"extra data is longer":             func(h *types.Header) { h.Extra = make([]byte, 100<<10+1) },
		"more gas used":                    func(h *types.Header) { h.GasUsed = h.GasLimit + 1 },
		"gas limit is not between":         func(h *types.Header) { h.GasLimit = 1 },
		"number is not the parent's":       func(h *types.Header) { h.Number = 7 },
		"gas limit is more than twice":     func(h *types.Header) { h.GasLimit *= 3 },
	}
	for says, change := range tests {
		for _, late := range []bool{false, true} {
			listen(t, func(l *listening) {
				a := l.node.Join("a", 68)
				l.polled(a, 68, 7000)
				x := build(l.chain.GenesisHash, 1, 0)
				a.SendRaw(wire.KindNewBlock, x.newBlock(1))
				bad := build(x.hash, 2, 0, change)
				name := wire.BlockName{Hash: bad.hash, Number: bad.header.Number}
				a.SendRaw(wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{name}))
				a.WantKind(wire.KindGetBlockHeaders)
				if late {
					l.pass(6 * time.Second)
				}
				a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7001, bad.rawHeader()))
				if err := a.WantEnd(); !isBreach(err) || !strings.Contains(err.Error(), says) {
					t.Errorf("late %v: ended with %v; want %s", late, err, says)
				}
			})
		}
	}
}

// A reply with another header than the one that was asked for ends the session, late or not. Without
// request IDs it may be to an earlier request: it is counted.
func TestAnotherHeaderThanAskedFor(t *testing.T) {
	for _, v := range []wire.Version{65, 68} {
		for _, late := range []bool{false, true} {
			listen(t, func(l *listening) {
				a := l.node.Join("a", v)
				l.polled(a, v, 7000)
				x, other := build(l.chain.GenesisHash, 1, 0), build(l.chain.GenesisHash, 1, 1)
				a.SendRaw(wire.KindNewBlockHashes, hashes(x))
				a.WantKind(wire.KindGetBlockHeaders)
				if late {
					l.pass(6 * time.Second)
				}
				a.SendRaw(wire.KindBlockHeaders, reply(v, wire.KindBlockHeaders, 7001, other.rawHeader()))
				if v == 65 {
					l.want("loss blockgossip.unexpected 1")
					a.WantSilence()
				} else if err := a.WantEnd(); !isBreach(err) || !strings.Contains(err.Error(), "asked for header") {
					t.Errorf("late %v: ended with %v", late, err)
				}
			})
		}
	}
}
