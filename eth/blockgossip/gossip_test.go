// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A listening is a role at work, with what it recorded.
type listening struct {
	t      *testing.T
	chain  *params.Chain
	node   *peers.Node
	gossip *Gossip

	mu    sync.Mutex
	lines []string // guarded by mu
}

// listen runs f with a role whose loop runs, in a bubble.
func listen(t *testing.T, f func(l *listening)) {
	t.Helper()
	listenOn(t, "mainnet", f)
}

func listenOn(t *testing.T, chain string, f func(l *listening)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1_600_000_000, 0))) // the blocks are of the past
		l := &listening{t: t}
		l.chain, _ = params.ByName(chain)
		g := New(Config{Record: l.record, Params: l.chain, Body: l.body})
		l.gossip, l.node = g, peers.NewNode(t, l.chain, g)
		l.node.Go(g.Run)
		f(l)
	})
}

func (l *listening) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *listening) record(e event.Event) {
	switch e := e.(type) {
	case event.Block:
		l.note("block %d %x via %s of %s, %d txs, size %d", e.Number, e.Hash[:3], e.Via, e.Client, e.Txs, e.Size)
	case event.Head:
		l.note("head %d by %s, supporters %d", e.Number, e.By, e.Supporters)
	case event.Loss:
		l.note("loss %s %d", e.Where, e.Count)
	}
}

func (l *listening) body(_ time.Time, by event.Source, txs []byte) {
	l.note("body of %s, %x", by.Client, txs)
}

// pass lets time pass.
func (l *listening) pass(d time.Duration) { time.Sleep(d) }

// want lets everything settle and compares what was recorded since the last call.
func (l *listening) want(lines ...string) {
	l.t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, lines) {
		l.t.Fatalf("recorded\n  %s\nwant\n  %s", strings.Join(l.lines, "\n  "), strings.Join(lines, "\n  "))
	}
	l.lines = nil
}

// A testBlock is one of a chain that a test makes up.
type testBlock struct {
	header types.Header
	body   types.Body
	hash   types.Hash
}

// A legacy transaction in form only.
var someTx = []byte{0xc9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x1b, 0x01, 0x01}

// build returns a block on a parent, with n transactions, after a change to its header.
func build(parent types.Hash, number uint64, n int, change ...func(*types.Header)) testBlock {
	b := testBlock{body: types.Body{Txs: slices.Repeat(someTx, n)}}
	b.header = types.Header{
		ParentHash: parent, Number: number, Time: 1_500_000_000 + number, GasLimit: 1 << 25, GasUsed: 21_000 * uint64(n),
		Difficulty: *uint256.NewInt(1), TxRoot: b.body.TxRoot(), UncleHash: b.body.UncleHash(),
	}
	for _, f := range change {
		f(&b.header)
	}
	b.hash = b.header.Hash()
	return b
}

func (b *testBlock) rawHeader() []byte { return b.header.Append(nil) }
func (b *testBlock) rawBody() []byte   { return b.body.Append(nil) }
func (b *testBlock) raw() []byte       { return types.AppendBlock(nil, &b.header, &b.body) }

func (b *testBlock) newBlock(td uint64) []byte {
	return wire.AppendNewBlock(nil, b.raw(), uint256.NewInt(td))
}

func (b *testBlock) name() string { return fmt.Sprintf("%d %x", b.header.Number, b.hash[:3]) }

func hashes(blocks ...testBlock) []byte {
	var names []wire.BlockName
	for _, b := range blocks {
		names = append(names, wire.BlockName{Hash: b.hash, Number: b.header.Number})
	}
	return wire.AppendNewBlockHashes(nil, names)
}

func reply(v wire.Version, kind wire.Kind, id uint64, items ...[]byte) []byte {
	return wire.Reply{Kind: kind, ID: id}.Append(nil, v, items)
}

// The dialogue's two requests, with what each is answered.
func giveHeaders(p *peers.Peer, v wire.Version, id uint64, origin wire.Origin, amount uint64, blocks ...testBlock) {
	p.Want(wire.KindGetBlockHeaders, wire.HeadersRequest{Origin: origin, Amount: amount}.Append(nil, v, id))
	var items [][]byte
	for _, b := range blocks {
		items = append(items, b.rawHeader())
	}
	p.SendRaw(wire.KindBlockHeaders, reply(v, wire.KindBlockHeaders, id, items...))
}

func giveBodies(p *peers.Peer, v wire.Version, id uint64, blocks ...testBlock) {
	var items [][]byte
	var request wire.BodiesRequest
	for _, b := range blocks {
		items = append(items, b.rawBody())
		request.Hashes = append(request.Hashes, b.hash)
	}
	p.Want(wire.KindGetBlockBodies, request.Append(nil, v, id))
	p.SendRaw(wire.KindBlockBodies, reply(v, wire.KindBlockBodies, id, items...))
}

// polled answers the poll that every peer at the genesis block gets at the start.
func (l *listening) polled(p *peers.Peer, v wire.Version, id uint64) {
	l.t.Helper()
	l.want("head 0 by peers, supporters 1")
	giveHeaders(p, v, id, wire.AtNumber(0), 64)
}

func TestWholeBlocks(t *testing.T) {
	for _, v := range []wire.Version{63, 65, 68} {
		listen(t, func(l *listening) {
			a := l.node.Join("a", v)
			l.polled(a, v, 7000)
			x := build(l.chain.GenesisHash, 1, 2)
			a.SendRaw(wire.KindNewBlock, x.newBlock(1<<40))
			l.want("head 1 by peers, supporters 1",
				fmt.Sprintf("block %s via broadcast of a, 2 txs, size %d", x.name(), len(x.raw())),
				fmt.Sprintf("body of a, %x%x", someTx, someTx))
			a.SendRaw(wire.KindNewBlock, x.newBlock(1<<40))
			y := build(x.hash, 2, 0)
			a.SendRaw(wire.KindNewBlock, y.newBlock(1<<40))
			l.want("head 2 by peers, supporters 1", fmt.Sprintf("block %s via broadcast of a, 0 txs, size %d", y.name(), len(y.raw())))
			time.Sleep(20 * time.Second)
			a.WantSilence()
		})
	}
}

func TestAnnouncedBlock(t *testing.T) {
	for _, v := range []wire.Version{65, 68} {
		listen(t, func(l *listening) {
			a := l.node.Join("a", v)
			l.polled(a, v, 7000)
			x := build(l.chain.GenesisHash, 1, 1)
			a.SendRaw(wire.KindNewBlockHashes, hashes(x))
			began := time.Now()
			giveHeaders(a, v, 7001, wire.AtHash(x.hash), 1, x)
			if waited := time.Since(began); waited != announceWait {
				t.Errorf("asked after %v", waited)
			}
			giveBodies(a, v, 7002, x)
			l.want("head 1 by peers, supporters 1",
				fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw())),
				fmt.Sprintf("body of a, %x", someTx))

			empty := build(x.hash, 2, 0)
			a.SendRaw(wire.KindNewBlockHashes, hashes(empty))
			giveHeaders(a, v, 7003, wire.AtHash(empty.hash), 1, empty)
			l.want("head 2 by peers, supporters 1",
				fmt.Sprintf("block %s via announcement of a, 0 txs, size %d", empty.name(), len(empty.raw())))
		})
	}
}

// Where blocks are not gossiped: the latest block of the Status by its hash, then from time to time what
// comes after it.
func TestPolledBlocks(t *testing.T) {
	shanghai := func(h *types.Header) {
		h.Optional, h.Difficulty = types.ShanghaiFields, uint256.Int{}
		h.WithdrawalsRoot = types.EmptyRoot
	}
	withdrawing := func(b testBlock) testBlock {
		b.body.HasWithdrawals = true
		return b
	}
	for _, v := range []wire.Version{69, 71} {
		listen(t, func(l *listening) {
			x := withdrawing(build(types.Hash{9}, 1000, 1, shanghai))
			y := withdrawing(build(x.hash, 1001, 1, shanghai))
			z := withdrawing(build(y.hash, 1002, 0, shanghai))
			a := l.node.Join("a", v, func(s *wire.Status) { s.Latest, s.Head = 1000, x.hash })
			giveHeaders(a, v, 7000, wire.AtHash(x.hash), 1, x)
			l.want("head 1000 by peers, supporters 1")
			giveHeaders(a, v, 7001, wire.AtNumber(1000), 64, x)
			began := time.Now()
			giveHeaders(a, v, 7002, wire.AtNumber(1000), 64, x, y, z)
			if waited := time.Since(began); waited != 4*time.Second {
				t.Errorf("polled after %v", waited)
			}
			giveBodies(a, v, 7003, y)
			l.want(
				"head 1002 by peers, supporters 1",
				fmt.Sprintf("block %s via request of a, 0 txs, size %d", z.name(), len(z.raw())),
				fmt.Sprintf("block %s via request of a, 1 txs, size %d", y.name(), len(y.raw())),
				fmt.Sprintf("body of a, %x", someTx))
			a.Send(&wire.BlockRangeUpdate{Latest: 1002, LatestHash: z.hash})
			a.WantSilence()
			w := withdrawing(build(z.hash, 1003, 0, shanghai))
			a.Send(&wire.BlockRangeUpdate{Latest: 1003, LatestHash: w.hash})
			giveHeaders(a, v, 7004, wire.AtNumber(1002), 64, z, w)
			l.want("head 1003 by peers, supporters 1", fmt.Sprintf("block %s via request of a, 0 txs, size %d", w.name(), len(w.raw())))
		})
	}
}

func TestSilentPeerIsReplaced(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		b := l.node.Join("b", 68)
		x := build(l.chain.GenesisHash, 1, 1)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		giveHeaders(a, 68, 7001, wire.AtHash(x.hash), 1, x)
		a.WantKind(wire.KindGetBlockBodies)
		l.want("head 1 by peers, supporters 1")
		began := time.Now()
		giveHeaders(b, 68, 7000, wire.AtNumber(1), 64) // b does not gossip, and is polled
		giveBodies(b, 68, 7001, x)
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("asked the other after %v", waited)
		}
		l.want(fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx))

		y := build(x.hash, 2, 1)
		a.SendRaw(wire.KindNewBlockHashes, hashes(y))
		a.WantKind(wire.KindGetBlockHeaders)
		b.SendRaw(wire.KindNewBlockHashes, hashes(y))
		a.Leave()
		giveHeaders(b, 68, 7002, wire.AtHash(y.hash), 1, y)
		giveBodies(b, 68, 7003, y)
		l.want("head 2 by peers, supporters 1",
			fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", y.name(), len(y.raw())),
			fmt.Sprintf("body of a, %x", someTx))
	})
}

// Without request IDs a late answer could be taken for one to the next request.
func TestLateAnswerWithoutIDs(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 65)
		l.polled(a, 65, 7000)
		x := build(l.chain.GenesisHash, 1, 1)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		a.WantKind(wire.KindGetBlockHeaders)
		time.Sleep(6 * time.Second)
		y := build(l.chain.GenesisHash, 1, 2)
		a.SendRaw(wire.KindNewBlockHashes, hashes(y))
		time.Sleep(2 * time.Second)
		a.WantSilence()
		a.SendRaw(wire.KindBlockHeaders, reply(65, wire.KindBlockHeaders, 0, x.rawHeader()))
		a.WantKind(wire.KindGetBlockHeaders)
		giveBodies(a, 65, 0, x) // what came late is as good
		a.SendRaw(wire.KindBlockHeaders, reply(65, wire.KindBlockHeaders, 0, y.rawHeader()))
		giveBodies(a, 65, 0, y)
		l.want("head 1 by peers, supporters 1",
			fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx),
			fmt.Sprintf("block %s via announcement of a, 2 txs, size %d", y.name(), len(y.raw())),
			fmt.Sprintf("body of a, %x%x", someTx, someTx))
	})
}

// Bodies and headers that come after 5 s are told of all the same.
func TestLateReplies(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		x := build(l.chain.GenesisHash, 1, 1)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		a.WantKind(wire.KindGetBlockHeaders)
		time.Sleep(6 * time.Second)
		a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7001, x.rawHeader()))
		l.want("head 1 by peers, supporters 1")
		a.WantKind(wire.KindGetBlockBodies)
		time.Sleep(5500 * time.Millisecond)
		a.SendRaw(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, 7002, x.rawBody()))
		l.want(fmt.Sprintf("block %s via announcement of a, 1 txs, size %d", x.name(), len(x.raw())),
			fmt.Sprintf("body of a, %x", someTx))

		y := build(x.hash, 2, 0)
		b := l.node.Join("b", 69, func(s *wire.Status) { s.Latest, s.Head = 2, y.hash })
		b.WantKind(wire.KindGetBlockHeaders) // from 1 on
		time.Sleep(5500 * time.Millisecond)
		b.SendRaw(wire.KindBlockHeaders, reply(69, wire.KindBlockHeaders, 7000, x.rawHeader(), y.rawHeader()))
		l.want("head 2 by peers, supporters 1", fmt.Sprintf("block %s via request of b, 0 txs, size %d", y.name(), len(y.raw())))
	})
}

// Checklist rows 89, 90 and 103, and what else a peer can do wrong.
func TestBadBlocks(t *testing.T) {
	var good, lie testBlock
	tests := []struct {
		name string
		do   func(p *peers.Peer)
		says string // empty: it stays
	}{
		{"another body", func(p *peers.Peer) {
			b := good
			b.body.Txs = slices.Repeat(someTx, 3)
			p.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}, ""},
		{"other uncles", func(p *peers.Peer) {
			b := good
			b.body.Uncles = b.rawHeader()
			p.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}, ""},
		{"no block", func(p *peers.Peer) { p.SendRaw(wire.KindNewBlock, []byte{0xc5, 0xc3, 0xc0, 0xc0, 0xc0, 0x01}) }, "new block"},
		{"total difficulty of 101 bits", func(p *peers.Peer) {
			td := new(uint256.Int).Lsh(uint256.NewInt(1), 100)
			p.SendRaw(wire.KindNewBlock, wire.AppendNewBlock(nil, good.raw(), td))
		}, "total difficulty"},
		{"difficulty of 81 bits", func(p *peers.Peer) {
			b := build(types.Hash{}, 1, 0, func(h *types.Header) { h.Difficulty.Lsh(uint256.NewInt(1), 80) })
			p.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}, "difficulty has more than 80 bits"},
		{"too much extra data", func(p *peers.Peer) {
			b := build(types.Hash{}, 1, 0, func(h *types.Header) { h.Extra = make([]byte, 100<<10+1) })
			p.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}, "extra data"},
		{"more gas than the limit", func(p *peers.Peer) {
			b := build(types.Hash{}, 1, 0, func(h *types.Header) { h.GasUsed = h.GasLimit + 1 })
			p.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}, "more gas"},
		{"three uncles", func(p *peers.Peer) {
			uncles := bytes.Repeat(good.rawHeader(), 3)
			b := build(types.Hash{}, 1, 0, func(h *types.Header) { h.UncleHash = (&types.Body{Uncles: uncles}).UncleHash() })
			b.body.Uncles = uncles
			p.SendRaw(wire.KindNewBlock, b.newBlock(1))
		}, types.ErrUncles.Error()},
		{"not the parent's number plus one", func(p *peers.Peer) { p.SendRaw(wire.KindNewBlock, lie.newBlock(1)) }, "number"},
		{"lie about a number", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: good.hash, Number: 2}}))
			giveHeaders(p, 68, 7001, wire.AtHash(good.hash), 1, good)
		}, "announced as number 2, is 1"},
		{"header that is none", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewBlockHashes, hashes(good))
			p.WantKind(wire.KindGetBlockHeaders)
			p.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7001, []byte{0xc0}))
		}, "header"},
		{"body that is none", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewBlockHashes, hashes(good))
			giveHeaders(p, 68, 7001, wire.AtHash(good.hash), 1, good)
			p.WantKind(wire.KindGetBlockBodies)
			p.SendRaw(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, 7002, []byte{0xc0}))
		}, "body"},
		{"body of another block", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewBlockHashes, hashes(good))
			giveHeaders(p, 68, 7001, wire.AtHash(good.hash), 1, good)
			p.WantKind(wire.KindGetBlockBodies)
			p.SendRaw(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, 7002, (&types.Body{}).Append(nil)))
		}, errUnaskedBody.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			listen(t, func(l *listening) {
				good = build(l.chain.GenesisHash, 1, 1)
				lie = build(l.chain.GenesisHash, 5, 1)
				a, other := l.node.Join("a", 68), l.node.Join("b", 68)
				a.WantKind(wire.KindGetBlockHeaders)
				a.SendRaw(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, 7000))
				test.do(a)
				if test.says == "" {
					a.WantSilence()
				} else if err := a.WantEnd(); !isBreach(err) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("ended with %v; want a violation: %s", err, test.says)
				}
				for range 2 { // the other peer is as it was
					other.SendRaw(wire.KindNewBlock, good.newBlock(1))
					synctest.Wait()
				}
			})
		})
	}
}

func isBreach(err error) bool {
	_, ok := errors.AsType[*p2p.Violation](err)
	return ok
}

// Peers are left in peace after their Status, whatever it says, at every version. What they say
// then can be a reason to ask.
func TestNothingIsAskedAfterStatus(t *testing.T) {
	for _, v := range []wire.Version{63, 65, 68, 69, 72} {
		listen(t, func(l *listening) {
			x := build(l.chain.GenesisHash, 1, 1)
			a := l.node.Join("a", v, func(s *wire.Status) { s.Latest, s.Head = 1, x.hash })
			time.Sleep(head.FirstAsk - time.Millisecond)
			a.WantSilence()
			time.Sleep(time.Millisecond)
			if v.HasRequestIDs() {
				giveHeaders(a, v, 7000, wire.AtHash(x.hash), 1, x)
			} else {
				giveHeaders(a, v, 0, wire.AtHash(x.hash), 1, x)
			}
			l.want("head 1 by peers, supporters 1")
		})
	}
	listen(t, func(l *listening) {
		x := build(l.chain.GenesisHash, 1, 1)
		a := l.node.Join("a", 69)
		l.want("head 0 by peers, supporters 1")
		began := time.Now()
		a.Send(&wire.BlockRangeUpdate{Latest: 1, LatestHash: x.hash})
		giveHeaders(a, 69, 7000, wire.AtNumber(0), 64, x)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("asked after %v", waited)
		}
		if err := a.WantEnd(); !isBreach(err) || !strings.Contains(err.Error(), "asked for header 0, got 1") {
			t.Error(err)
		}
	})
}

// A peer that has nothing new is asked less and less.
func TestPollsBackOff(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 69)
		l.want("head 0 by peers, supporters 1")
		began, id := time.Now(), uint64(7000)
		var waits []string
		for range 4 {
			giveHeaders(a, 69, id, wire.AtNumber(0), 64) // it has not even the genesis block
			id++
			waits = append(waits, time.Since(began).String())
			began = time.Now()
		}
		if got := strings.Join(waits, " "); got != "3s 4s 8s 16s" {
			t.Errorf("asked after %s", got)
		}
	})
}

// Where there is no consensus layer, blocks are gossiped at every version, and the head is believed
// for that (devp2p/caps/eth.md#block-propagation). Besu does so at eth/69 and later. After the merge such a
// message ends the session from eth/69 on.
func TestBlocksAreGossipedAtEveryVersion(t *testing.T) {
	for _, v := range []wire.Version{63, 68, 69, 70, 71, 72} {
		listenOn(t, "classic", func(l *listening) {
			a := l.node.Join("a", v)
			x := build(l.chain.GenesisHash, 1, 1)
			a.SendRaw(wire.KindNewBlock, x.newBlock(1<<40))
			l.want("head 0 by peers, supporters 1", "head 1 by gossip, supporters 1",
				fmt.Sprintf("block %s via broadcast of a, 1 txs, size %d", x.name(), len(x.raw())),
				fmt.Sprintf("body of a, %x", someTx))
			y := build(x.hash, 2, 0)
			a.SendRaw(wire.KindNewBlockHashes, hashes(y))
			id := uint64(7000)
			if !v.HasRequestIDs() {
				id = 0
			}
			giveHeaders(a, v, id, wire.AtHash(y.hash), 1, y)
			l.want("head 2 by gossip, supporters 1", fmt.Sprintf("block %s via announcement of a, 0 txs, size %d", y.name(), len(y.raw())))
			time.Sleep(25 * time.Second)
			a.WantSilence() // a peer that gossips is not polled
		})
	}
	for _, kind := range []wire.Kind{wire.KindNewBlock, wire.KindNewBlockHashes} {
		listen(t, func(l *listening) {
			a := l.node.Join("a", 69)
			x := build(l.chain.GenesisHash, 1, 1)
			payload := x.newBlock(1)
			if kind == wire.KindNewBlockHashes {
				payload = hashes(x)
			}
			a.SendRaw(kind, payload)
			if err := a.WantEnd(); !isBreach(err) {
				t.Errorf("%v: %v", kind, err)
			}
		})
	}
}

// A block from the future is not held, and its sender is not at fault.
func TestBlockFromTheFuture(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		l.polled(a, 68, 7000)
		at := func(d time.Duration) func(*types.Header) {
			return func(h *types.Header) { h.Time = uint64(time.Now().Add(d).Unix()) }
		}
		x := build(l.chain.GenesisHash, 1, 0, at(16*time.Second))
		a.SendRaw(wire.KindNewBlock, x.newBlock(1))
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		giveHeaders(a, 68, 7001, wire.AtHash(x.hash), 1, x)
		l.want("loss blockgossip.future 1")
		time.Sleep(time.Second) // now it is not too early any more
		a.SendRaw(wire.KindNewBlock, x.newBlock(1))
		l.want("loss blockgossip.future 1", "head 1 by peers, supporters 1", fmt.Sprintf("block %s via broadcast of a, 0 txs, size %d", x.name(), len(x.raw())))
	})
}

// Without request IDs one request for headers is in flight at a time: the second waits for the
// first, and is not lost.
func TestTwoRequestsWithoutIDs(t *testing.T) {
	listenOn(t, "classic", func(l *listening) {
		a := l.node.Join("a", 65)
		l.want("head 0 by peers, supporters 1")
		a.WantKind(wire.KindGetBlockHeaders) // a poll
		x := build(l.chain.GenesisHash, 1, 0)
		a.SendRaw(wire.KindNewBlockHashes, hashes(x))
		time.Sleep(time.Second)
		a.WantSilence()
		a.SendRaw(wire.KindBlockHeaders, reply(65, wire.KindBlockHeaders, 0))
		giveHeaders(a, 65, 0, wire.AtHash(x.hash), 1, x)
		l.want("head 1 by gossip, supporters 1", fmt.Sprintf("block %s via announcement of a, 0 txs, size %d", x.name(), len(x.raw())))
	})
}
