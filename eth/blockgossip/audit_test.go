// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

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
