// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// What waits for the loop is charged to the budget until the loop has taken it, also when the
// session has ended before.
func TestWhatWaitsForTheLoopIsCharged(t *testing.T) {
	tests := map[string]func(a *peers.Peer, x testBlock) (size int){
		"a whole block": func(a *peers.Peer, x testBlock) int {
			whole := x.newBlock(1)
			a.SendRaw(wire.KindNewBlock, whole)
			return len(x.raw())
		},
		"a reply with bodies": func(a *peers.Peer, x testBlock) int {
			giveBodies(a, 68, 7002, x)
			return len(x.rawBody())
		},
		"a reply with headers": func(a *peers.Peer, x testBlock) int {
			giveHeaders(a, 68, 7001, wire.AtHash(x.hash), 1, x)
			return linkBytes
		},
		"hashes": func(a *peers.Peer, x testBlock) int {
			a.SendRaw(wire.KindNewBlockHashes, hashes(x, x, x))
			return 3 * refBytes
		},
	}
	for name, send := range tests {
		bubble.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Unix(1_600_000_000, 0)))
			l := &listening{t: t}
			l.chain, _ = params.ByName("mainnet")
			g := New(Config{Record: l.record, Params: l.chain, Body: l.body})
			l.node = peers.NewNode(t, l.chain, g)
			l.node.Budget = p2p.NewBudget(0)
			l.node.Go(g.Run)
			a := l.node.Join("a", 68)
			l.polled(a, 68, 7000)
			x := build(l.chain.GenesisHash, 1, 1000)
			a.SendRaw(wire.KindNewBlockHashes, hashes(x))
			if name != "a reply with headers" {
				giveHeaders(a, 68, 7001, wire.AtHash(x.hash), 1, x)
			}
			time.Sleep(time.Second) // until what is announced is requested
			synctest.Wait()
			if used := l.node.Budget.Used(); used != 0 {
				t.Fatalf("%s: %d bytes are charged for nothing", name, used)
			}

			stop := make(chan struct{})
			asked := make(chan struct{})
			go func() {
				_, _ = owner.Ask(t.Context(), g.loop.Owner, func(_ *machine, _ time.Time, reply func(int, error)) {
					<-stop // the loop is busy
					reply(0, nil)
				})
				close(asked)
			}()
			synctest.Wait()
			size := send(a, x)
			synctest.Wait()
			want := func(when string) {
				if used := l.node.Budget.Used(); used < size || used > size+1000 {
					t.Errorf("%s: %d bytes are charged %s, want about %d", name, used, when, size)
				}
			}
			want("while the loop is busy")
			a.Leave()
			want("after the session's end")
			close(stop)
			<-asked
			synctest.Wait()
			if used := l.node.Budget.Used(); used != 0 {
				t.Errorf("%s: %d bytes are charged after the loop has taken it", name, used)
			}
		})
	}
}
