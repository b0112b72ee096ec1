// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A relaying is a role with a chain at work.
type relaying struct {
	t       *testing.T
	params  *params.Chain
	chain   *chain.Chain
	node    *peers.Node
	gossip  *Gossip
	genesis *peers.Block

	mu       sync.Mutex // guards what follows
	lost     map[string]uint64
	believed []head.Believed
	syncing  bool
}

// badSeal is the extra data of blocks whose proof of work is wrong.
const badSeal = "bad seal"

// testSeals refuses blocks with badSeal.
type testSeals struct{ checked func() }

func (s testSeals) Check(h *types.Header) error {
	if s.checked != nil {
		s.checked()
	}
	if string(h.Extra) == badSeal {
		return &rules.Error{Rule: rules.Nonce, Number: h.Number, Why: "no work"}
	}
	return nil
}

// relayOn runs f with a role that holds a chain that miners make, in a bubble.
func relayOn(t *testing.T, f func(r *relaying), change ...func(*chain.Config)) {
	t.Helper()
	relayOnChain(t, func(*params.Chain) {}, f, change...)
}

func relayOnChain(t *testing.T, alter func(*params.Chain), f func(r *relaying), change ...func(*chain.Config)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(1_600_000_000, 0))) // in a bubble; the blocks are of about then
		c, err := params.ParseGenesis([]byte(peers.Genesis))
		if err != nil {
			t.Fatal(err)
		}
		alter(c)
		r := &relaying{t: t, params: c, lost: make(map[string]uint64)}
		cfg := chain.Config{Params: c, Seals: testSeals{}}
		for _, f := range change {
			f(&cfg)
		}
		if r.chain, err = chain.Open(cfg); err != nil {
			t.Fatal(err)
		}
		blocks, err := peers.NewBlocks(c)
		if err != nil {
			t.Fatal(err)
		}
		r.genesis = blocks.Head()
		r.gossip = New(Config{
			Record: r.record, Params: c, Chain: r.chain, Sealed: true, Believe: r.believe, Syncing: r.isSyncing,
		})
		r.node = peers.Start(t, eth.Config{
			Chain: c, Roles: []eth.Role{r.gossip}, RequestIDs: func() uint64 { return 7000 }, Latest: r.latest,
		})
		r.node.Go(r.gossip.Run)
		f(r)
	})
}

func (r *relaying) latest() eth.Latest {
	h := r.chain.Head()
	return eth.Latest{Number: h.Number, Hash: h.Hash, Time: h.Time, TD: h.TD}
}

func (r *relaying) record(e event.Event) {
	if l, ok := e.(event.Loss); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.lost[l.Where] += l.Count
	}
}

func (r *relaying) believe(b head.Believed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.believed = append(r.believed, b)
}

func (r *relaying) isSyncing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.syncing
}

func (r *relaying) setSyncing(to bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.syncing = to
}

// now is a time for a block: the present second.
func now() uint64 { return uint64(time.Now().Unix()) }

func (r *relaying) next(parent *peers.Block, extra string, items ...[]byte) *peers.Block {
	return parent.Next(r.params, max(now(), parent.Header.Time+1), extra, items...)
}

// join connects peers of eth/68.
func (r *relaying) join(prefix string, n int) (all []*peers.Peer) {
	for i := range n {
		all = append(all, r.node.Join(fmt.Sprintf("%s%d", prefix, i), 68))
	}
	return all
}

// told returns how many of the peers have heard of a block whole, and by its hash, and fails if one has heard twice.
func (r *relaying) told(all []*peers.Peer) (whole, hashes int) {
	r.t.Helper()
	for i, p := range all {
		heard := p.Heard()
		if n := heard[wire.KindNewBlock] + heard[wire.KindNewBlockHashes]; n > 1 {
			r.t.Errorf("peer %d was told %d times", i, n)
		}
		whole += heard[wire.KindNewBlock]
		hashes += heard[wire.KindNewBlockHashes]
	}
	return whole, hashes
}

func (r *relaying) wantHead(b *peers.Block) {
	r.t.Helper()
	synctest.Wait()
	if h := r.chain.Head(); h.Hash != b.Hash || r.chain.Body(b.Hash) == nil {
		r.t.Fatalf("the head is block %d, %v; want %d, %v", h.Number, h.Hash, b.Header.Number, b.Hash)
	}
}
