// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
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
			time.Sleep(2 * time.Second) // in a bubble
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
		time.Sleep(2 * time.Second) // in a bubble
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
					time.Sleep(6 * time.Second) // in a bubble
				}
				a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7001, bad.rawHeader()))
				if err := a.WantEnd(); !isBreach(err) || !strings.Contains(err.Error(), says) {
					t.Errorf("late %v: ended with %v; want %s", late, err, says)
				}
			})
		}
	}
}

// A whole block ends the requests for its header and for its body: the block is told once, and asked for no
// more.
func TestBroadcastEndsAFetch(t *testing.T) {
	listen(t, func(l *listening) {
		a, b, c := l.node.Join("a", 68), l.node.Join("b", 68), l.node.Join("c", 68)
		l.want("head 0 by peers, supporters 1")
		a.WantKind(wire.KindGetBlockHeaders)
		a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7000))
		x := build(l.chain.GenesisHash, 1, 1)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x)) // the header is being asked for
		a.WantKind(wire.KindGetBlockHeaders)
		b.SendRaw(wire.KindNewBlock, x.newBlock(1))
		synctest.Wait()
		a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7001, x.rawHeader()))
		c.SendRaw(wire.KindNewBlockHashes, hashes(x))
		synctest.Wait()
		l.want("head 1 by peers, supporters 2",
			fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx))

		y := build(x.hash, 2, 1) // the body is being asked for
		a.SendRaw(wire.KindNewBlockHashes, hashes(y))
		giveHeaders(a, 68, 7002, wire.AtHash(y.hash), 1, y)
		a.WantKind(wire.KindGetBlockBodies)
		b.SendRaw(wire.KindNewBlock, y.newBlock(1))
		synctest.Wait()
		a.SendRaw(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, 7003, y.rawBody()))
		l.want("head 2 by peers, supporters 2",
			fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", y.name(), len(y.raw())),
			fmt.Sprintf("body of a, %x", someTx))
		time.Sleep(10 * time.Second) // in a bubble
		a.WantSilence()
	})
}

// A peer that gives headers of made-up blocks and no body for them is ended after the second request in
// a row, with a reason that counts against it: whether it answers or not.
func TestHeadersWithoutBodies(t *testing.T) {
	for _, answers := range []bool{true, false} {
		listen(t, func(l *listening) {
			z := l.node.Join("z", 68)
			l.polled(z, 68, 7000)
			fake := build(l.chain.GenesisHash, 1, 1)
			z.SendRaw(wire.KindNewBlockHashes, hashes(fake))
			giveHeaders(z, 68, 7001, wire.AtHash(fake.hash), 1, fake)
			for id := uint64(7002); id <= 7003; id++ {
				z.WantKind(wire.KindGetBlockBodies)
				if answers {
					z.SendRaw(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, id))
				}
			}
			err := z.WantEnd()
			if c, ok := errors.AsType[*p2p.LocalClose](err); !ok || c.Reason != p2p.ReasonUseless || p2p.Judge(err).Score >= 0 {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// A peer that announces as much as it can takes its share of the tables: an honest block is told, with its
// body, at once.
func TestOnePeerDoesNotFillTheTables(t *testing.T) {
	listen(t, func(l *listening) {
		a, z := l.node.Join("a", 68), l.node.Join("z", 68)
		l.want("head 0 by peers, supporters 1")
		a.WantKind(wire.KindGetBlockHeaders)
		a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7000))
		for i := range byte(20) {
			var fakes []testBlock
			for j := range byte(250) {
				fakes = append(fakes, build(types.Hash{i, j}, 2+uint64(j)%20, 1))
			}
			z.SendRaw(wire.KindNewBlockHashes, hashes(fakes...))
		}
		x := build(l.chain.GenesisHash, 1, 1)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		began := time.Now()
		giveHeaders(a, 68, 7001, wire.AtHash(x.hash), 1, x)
		giveBodies(a, 68, 7002, x)
		if waited := time.Since(began); waited > announceWait {
			t.Errorf("told after %v", waited)
		}
		synctest.Wait()
		l.mu.Lock()
		defer l.mu.Unlock()
		if !slices.Contains(l.lines, fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw()))) {
			t.Errorf("recorded %s", l.lines)
		}
	})
}

// Without request IDs a second request for bodies waits for the reply to the first, though that timed out:
// what it is for is not lost, and waiting is not taken for silence.
func TestBodiesWaitForALateReplyWithoutIDs(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 65)
		l.polled(a, 65, 0)
		x, y := build(l.chain.GenesisHash, 1, 1), build(l.chain.GenesisHash, 1, 2)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		giveHeaders(a, 65, 0, wire.AtHash(x.hash), 1, x)
		a.WantKind(wire.KindGetBlockBodies)
		l.want("head 1 by peers, supporters 1")
		time.Sleep(7 * time.Second) // in a bubble
		a.SendRaw(wire.KindNewBlockHashes, hashes(y))
		giveHeaders(a, 65, 0, wire.AtHash(y.hash), 1, y)
		time.Sleep(8 * time.Second) // in a bubble
		a.WantSilence()
		l.want()
		a.SendRaw(wire.KindBlockBodies, reply(65, wire.KindBlockBodies, 0, x.rawBody()))
		giveBodies(a, 65, 0, y)
		l.want(fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx),
			fmt.Sprintf("block %s via announcement of a, 2 txs, size %d", y.name(), len(y.raw())),
			fmt.Sprintf("body of a, %x%x", someTx, someTx))
	})
}

// One peer cannot fill the output with blocks that contradict others; the blocks of the chain are told
// meanwhile, also if the peer is always first with another one on the same parent.
func TestForksOfOnePeer(t *testing.T) {
	listen(t, func(l *listening) {
		a, b, z := l.node.Join("a", 68), l.node.Join("b", 68), l.node.Join("z", 68)
		forks := 0
		last := build(l.chain.GenesisHash, 1, 0)
		for n := range 100 {
			if n > 0 {
				last = build(last.hash, last.header.Number+1, 0)
			}
			for range 20 {
				forks++
				fork := build(last.header.ParentHash, last.header.Number, 0, func(h *types.Header) { h.Root = types.Hash{byte(forks), byte(forks >> 8)} })
				z.SendRaw(wire.KindNewBlock, fork.newBlock(1))
			}
			synctest.Wait()
			a.SendRaw(wire.KindNewBlock, last.newBlock(1))
			b.SendRaw(wire.KindNewBlock, last.newBlock(1))
			synctest.Wait()
			time.Sleep(100 * time.Millisecond) // in a bubble
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		told, chain := 0, 0
		for _, line := range l.lines {
			switch {
			case strings.HasPrefix(line, "block ") && strings.Contains(line, "of z"):
				told++
			case strings.HasPrefix(line, "block "):
				chain++
			}
		}
		// z is the first on each of 100 parents, has 64 forks, and 4 more in each of 10 s.
		if chain != 100 || told > 100+64+41 || told < 64 {
			t.Errorf("%d blocks of the chain, %d of %d others", chain, told, forks)
		}
	})
}

func TestAllowance(t *testing.T) {
	var a allowance
	now := time.Unix(1000, 0)
	take := func(want int) {
		t.Helper()
		got := 0
		for got < 1000 && a.take(now) {
			got++
		}
		if got != want {
			t.Errorf("at %v: %d, want %d", now, got, want)
		}
	}
	take(maxForks)
	now = now.Add(forkEvery - 1)
	take(0)
	now = now.Add(1)
	take(1)
	now = now.Add(10*forkEvery + forkEvery/2)
	take(10)
	now = now.Add(forkEvery / 2)
	take(1)
	now = now.Add(time.Hour)
	take(maxForks)
}

// The inbound peers of one network, with any number of addresses, are one for the head: of an IPv4 /16, and
// of an IPv6 /48.
func TestOneNetworkWeighsOne(t *testing.T) {
	for prefix, others := range map[string][]string{
		"34.1.0.0":      {"34.1.255.255", "34.1.2.3", "::ffff:34.1.9.9"},
		"2a01:4f8:17::": {"2a01:4f8:17::1", "2a01:4f8:17:ffff:ffff:ffff:ffff:ffff", "2a01:4f8:17:8000::"},
	} {
		first := origin(true, netip.MustParseAddr(prefix))
		for _, text := range others {
			if o := origin(true, netip.MustParseAddr(text)); o != first || !o.Group.IsValid() || !o.Inbound {
				t.Errorf("%s is %+v, %s is %+v", prefix, first, text, o)
			}
		}
	}
	if a, b := origin(true, netip.MustParseAddr("34.2.0.0")), origin(true, netip.MustParseAddr("34.1.0.0")); a == b {
		t.Error("two networks are one")
	}
	if o := origin(false, netip.MustParseAddr("34.2.0.0")); o.Inbound {
		t.Errorf("%+v", o)
	}
}

// However many messages wait for the loop, the head is worked out once per turn.
func TestSettlesOncePerTurn(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 69)
		l.want("head 0 by peers, supporters 1")
		a.WantKind(wire.KindGetBlockHeaders)
		stop := make(chan struct{})
		slot := l.gossip.loop.Open(nil)
		before := uint64(0)
		slot.Post(0, func(m *machine, _ time.Time) { <-stop; before = m.heads.Settled() })
		for i := range 60 {
			a.Send(&wire.BlockRangeUpdate{Latest: uint64(i) + 1, LatestHash: types.Hash{byte(i + 1)}})
		}
		synctest.Wait()
		close(stop)
		synctest.Wait()
		after := uint64(0)
		slot.Post(0, func(m *machine, _ time.Time) { after = m.heads.Settled() })
		synctest.Wait()
		if n := after - before; n < 1 || n > 2 {
			t.Errorf("worked out %d times", n)
		}
	})
}

// Blocks that follow one that was told are told, though the head is far away.
func TestBlocksFollowWhatWasTold(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		last := build(l.chain.GenesisHash, 1, 0)
		a.SendRaw(wire.KindNewBlock, last.newBlock(1))
		l.want("head 1 by peers, supporters 1", fmt.Sprintf("block %s via broadcast of a, 0 txs, size %d", last.name(), len(last.raw())))
		// Two peers say that the head is far away, and give its header.
		far := build(types.Hash{9}, 500, 0)
		var liars []*peers.Peer
		for _, name := range []string{"b", "c"} {
			liars = append(liars, l.node.Join(name, 69, func(s *wire.Status) { s.Latest, s.Head = 500, far.hash }))
		}
		for _, p := range liars {
			giveHeaders(p, 69, 7000, wire.AtHash(far.hash), 1, far)
		}
		l.want("head 500 by peers, supporters 2", "loss blockgossip.jumps 1")
		for id := range uint64(3) {
			next := build(last.hash, last.header.Number+1, 1)
			a.SendRaw(wire.KindNewBlock, next.newBlock(1))
			giveBodies(a, 68, 7001+id, next)
			l.want(fmt.Sprintf("block %s via broadcast of a, 1 txs, size %d", next.name(), len(next.raw())),
				fmt.Sprintf("body of a, %x", someTx))
			last = next
		}
		a.SendRaw(wire.KindNewBlock, newBlockOf(build(types.Hash{3}, 4, 0)))
		l.want() // not one that follows nothing
	})
}

func newBlockOf(b testBlock) []byte { return b.newBlock(1) }
