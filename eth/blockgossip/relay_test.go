// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Checklist rows 96 and 97: of n peers that lack a block the square root, rounded down, gets it whole, the others its
// hash, and the source nothing.
func TestBlockGoesToTheSquareRoot(t *testing.T) {
	for n := 1; n <= 100; n++ {
		// The smallest and largest numbers are enough with the race detector.
		if bubble.Race && n > 10 && n < 99 {
			continue
		}
		relayOn(t, func(r *relaying) {
			source, others := r.node.Join("source", 68), r.join("p", n)
			b := r.next(r.genesis, "", someTx)
			source.SendRaw(wire.KindNewBlock, b.NewBlock())
			r.wantHead(b)
			whole, hashes := r.told(others)
			if want := int(math.Sqrt(float64(n))); whole != want || hashes != n-want {
				t.Errorf("%d peers: %d whole, %d hashes", n, whole, hashes)
			}
			if whole, hashes = r.told([]*peers.Peer{source}); whole+hashes != 0 {
				t.Errorf("%d peers: the source was told", n)
			}
			for _, p := range others[:min(n, 3)] { // what comes back is passed on no more
				p.SendRaw(wire.KindNewBlock, b.NewBlock())
			}
			if whole, hashes = r.told(append(others, source)); whole+hashes != 0 {
				t.Errorf("%d peers: told again, %d whole and %d hashes", n, whole, hashes)
			}
		})
	}
}

// The total difficulty of what is passed on is the parent's and the block's, whatever the source claims. The peers that
// get it whole can read it.
func TestWhatIsPassedOn(t *testing.T) {
	relayOn(t, func(r *relaying) {
		source, other := r.node.Join("source", 68), r.node.Join("other", 71)
		other.Heard() // a request
		b := r.next(r.genesis, "", someTx)
		source.SendRaw(wire.KindNewBlock, wire.AppendNewBlock(nil, types.AppendBlock(nil, &b.Header, &b.Body), uint256.NewInt(9)))
		other.Want(wire.KindNewBlock, b.NewBlock())
		r.wantHead(b)
	})
}

// Checklist row 89, and what else is not passed on.
func TestWhatIsNotPassedOn(t *testing.T) {
	tests := []struct {
		name string
		do   func(r *relaying, p *peers.Peer)
		ends string // "" = the session goes on
		lost string
	}{
		{"another body", func(r *relaying, p *peers.Peer) {
			b := r.next(r.genesis, "", someTx)
			b.Body.Txs = append(b.Body.Txs, someTx...)
			p.SendRaw(wire.KindNewBlock, b.NewBlock())
		}, "", "blockgossip.mismatched"},
		{"wrong difficulty", func(r *relaying, p *peers.Peer) {
			b := r.next(r.genesis, "")
			b.Header.Difficulty.AddUint64(&b.Header.Difficulty, 1)
			b.Seal()
			p.SendRaw(wire.KindNewBlock, b.NewBlock())
		}, "difficulty", ""},
		{"wrong base fee", func(r *relaying, p *peers.Peer) {
			b := r.next(r.genesis, "", someTx)
			b.Header.BaseFee.AddUint64(&b.Header.BaseFee, 1)
			b.Seal()
			p.SendRaw(wire.KindNewBlock, b.NewBlock())
		}, "base fee", ""},
		{"wrong seal", func(r *relaying, p *peers.Peer) {
			p.SendRaw(wire.KindNewBlock, r.next(r.genesis, badSeal, someTx).NewBlock())
		}, "no work", ""},
		{"unknown parent", func(r *relaying, p *peers.Peer) {
			unknown := r.next(r.genesis, "unknown")
			p.SendRaw(wire.KindNewBlock, r.next(unknown, "").NewBlock())
		}, "", ""},
		{"one of the future", func(r *relaying, p *peers.Peer) {
			p.SendRaw(wire.KindNewBlock, r.genesis.Next(r.params, now()+20, "").NewBlock())
		}, "", ""},
		{"one of far in the future", func(r *relaying, p *peers.Peer) {
			p.SendRaw(wire.KindNewBlock, r.genesis.Next(r.params, now()+3600, "").NewBlock())
		}, "", "blockgossip.ahead"},
		{"one while syncing", func(r *relaying, p *peers.Peer) {
			r.setSyncing(true)
			b := r.next(r.genesis, "", someTx)
			p.SendRaw(wire.KindNewBlock, b.NewBlock())
			r.wantHead(b) // it is kept
		}, "", ""},
		{"an uncle that is none", func(r *relaying, p *peers.Peer) {
			uncle := r.next(r.genesis, badSeal)
			b := r.next(r.genesis, "")
			b.Body.Uncles = uncle.Header.Append(nil)
			b.Seal()
			p.SendRaw(wire.KindNewBlock, b.NewBlock())
		}, "uncles", ""},
	}
	for _, test := range tests {
		relayOn(t, func(r *relaying) {
			source, others := r.node.Join("source", 68), r.join("p", 4)
			r.told(others)
			test.do(r, source)
			time.Sleep(2 * time.Second) // in a bubble
			if whole, hashes := r.told(others); hashes != 0 || whole != 0 && test.ends != "uncles" {
				t.Errorf("%s: %d whole, %d hashes", test.name, whole, hashes)
			}
			if source.Ended() != (test.ends != "") || test.ends != "" && !strings.Contains(source.Cause().Error(), test.ends) {
				t.Errorf("%s: ended %v", test.name, source.Ended())
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			if test.lost != "" && r.lost[test.lost] != 1 {
				t.Errorf("%s: lost %v", test.name, r.lost)
			}
		})
	}
}

// Checklist row 116: after a synchronisation the head is announced.
func TestHeadIsAnnouncedAfterASync(t *testing.T) {
	relayOn(t, func(r *relaying) {
		others := r.join("p", 3)
		r.setSyncing(true)
		b := r.next(r.genesis, "")
		if _, err := r.chain.InsertHeaders(time.Now(), [][]byte{b.Header.Append(nil)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second) // in a bubble
		if whole, hashes := r.told(others); whole+hashes != 0 {
			t.Errorf("%d whole, %d hashes while syncing", whole, hashes)
		}
		r.setSyncing(false)
		time.Sleep(syncPoll) // in a bubble
		if whole, hashes := r.told(others); whole != 0 || hashes != 3 {
			t.Errorf("%d whole, %d hashes", whole, hashes)
		}
	})
}

// Our own blocks are passed on like any other.
func TestMined(t *testing.T) {
	relayOn(t, func(r *relaying) {
		others := r.join("p", 9)
		b := r.next(r.genesis, "", someTx)
		header, body := b.Header.Append(nil), b.Body.Append(nil)
		if _, err := r.chain.InsertHeaders(time.Now(), [][]byte{header}); err != nil {
			t.Fatal(err)
		}
		if err := r.chain.PutBody(b.Hash, body); err != nil {
			t.Fatal(err)
		}
		r.gossip.Mined(header, body, &b.TD)
		r.gossip.Mined(header, body, &b.TD)
		if whole, hashes := r.told(others); whole != 3 || hashes != 6 {
			t.Errorf("%d whole, %d hashes", whole, hashes)
		}
	})
}

// A block is passed on before the merge, and not after it (EIP-3675): in no version of eth is a block passed
// on whose parent has reached the terminal total difficulty, or a block of a consensus layer.
func TestNothingIsPassedOnAfterTheMerge(t *testing.T) {
	merge := func(terminal uint64) func(*params.Chain) {
		return func(c *params.Chain) { c.Terminal = uint256.NewInt(terminal) }
	}
	relayOnChain(t, merge(0x20001), func(r *relaying) {
		source, others := r.node.Join("source", 68), r.join("p", 4)
		last := r.next(r.genesis, "", someTx)
		source.SendRaw(wire.KindNewBlock, last.NewBlock())
		if whole, hashes := r.told(others); whole != 2 || hashes != 2 {
			t.Errorf("%d whole, %d hashes before the merge", whole, hashes)
		}
		source.SendRaw(wire.KindNewBlock, r.next(last, "", someTx).NewBlock())
		if whole, hashes := r.told(others); whole+hashes != 0 {
			t.Errorf("%d whole, %d hashes of a block too many", whole, hashes)
		}
	})
	relayOnChain(t, merge(0), func(r *relaying) {
		source := r.node.Join("source", 68)
		others := append(r.join("p", 4), r.node.Join("new", 71))
		staked := r.next(r.genesis, "")
		staked.Header.Difficulty = uint256.Int{}
		staked.Seal()
		source.SendRaw(wire.KindNewBlock, staked.NewBlock())
		if whole, hashes := r.told(others); whole+hashes != 0 {
			t.Errorf("%d whole, %d hashes after the merge", whole, hashes)
		}
	})
}
