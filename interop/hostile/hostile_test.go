// SPDX-License-Identifier: Apache-2.0

//go:build interop

package hostile

import (
	"context"
	"flag"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/interop/watcher"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

var attackFor = flag.Duration("for", time.Minute, "how long to attack")

const (
	maxPeers  = 75 // of which 50 may be inbound, so that all attackers have room beside the honest peers
	txsEach   = 4  // that each honest peer tells of a second
	lastWords = 10 * time.Second

	memoryCap = 512 << 20 // of the process; no GOMEMLIMIT is set
	stopLimit = 2 * time.Second

	// The median honest block is told within slower times what it needs alone, where that is more than noise and more than what nine
	// of ten blocks need alone: two cores run two nodes and all the attackers, and may have other work. Attacks have bounded rates
	// (peers.Round), and the FIGURES line says what they cost.
	slower = 2
	noise  = 20 * time.Millisecond
)

// TestTheBinaryUnderSiege runs two nodes side by side with the same ten honest peers. One of them is attacked.
func TestTheBinaryUnderSiege(t *testing.T) {
	bin, err := watcher.Build(t.TempDir(), false)
	if err != nil {
		t.Fatal(err)
	}
	chain, err := params.ParseGenesis([]byte(peers.Genesis))
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := peers.NewBlocks(chain)
	if err != nil {
		t.Fatal(err)
	}
	seconds := int(*attackFor / time.Second)
	txs, pool := makeTxs(t, chain.NetworkID, seconds*txsEach*honestPeers)
	w := newWorld(t, chain, blocks, pool)
	alone, aloneNode := w.start(bin, 0)
	under, underNode := w.start(bin, 1)
	a, b := w.of(aloneNode), w.of(underNode)

	var count atomic.Uint32
	siege := &peers.Siege{
		Chain: chain, Node: underNode.Key, Honest: blocks, Big: 4096,
		Open: func(network int) (net.Conn, error) { return dialFrom(in.attacker(network, count.Add(1)), underNode) },
	}
	attack, stop := context.WithCancel(t.Context())
	var over sync.WaitGroup
	over.Go(func() { siege.Run(attack) })
	defer over.Wait()
	defer stop()

	sent := w.beHonest(txs, a, b, seconds)
	time.Sleep(lastWords)
	memory, err := under.Memory()
	if err != nil {
		t.Fatal(err)
	}
	lost := ended(b)
	began := time.Now()
	lines, err := under.Stop()
	took := time.Since(began)
	if err != nil {
		t.Error(err)
	}
	tellEnds(t, lines, began)
	stop()
	linesAlone, err := alone.Stop()
	if err != nil {
		t.Error(err)
	}
	r := report{
		alone: latencies(t, "alone", linesAlone, sent), under: latencies(t, "under siege", lines, sent),
		missing: missing(lines, txs), txs: len(txs), memory: memory, took: took, lost: lost,
	}
	t.Logf("FIGURES hostile: %s; %d attackers, %d sessions, %d acts; CPU: node %v, alone %v, attackers and honest peers %v; %s",
		r.String(), peers.Attackers(), siege.Sessions.Load(), siege.Acts.Load(),
		under.CPU().Round(time.Second/10), alone.CPU().Round(time.Second/10), ourCPU().Round(time.Second/10), in.name)
	r.check(t)
}

// makeTxs makes signed transactions, and the pool that serves them.
func makeTxs(t *testing.T, chainID uint64, n int) (txs []types.Tx, pool peers.Pool) {
	t.Helper()
	key, err := ecc.ParsePrivateKey(slices.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	pool = make(peers.Pool)
	for i := range n {
		tx, err := types.Sign(types.Tx{
			Type: types.DynamicFeeTx, ChainID: *uint256.NewInt(chainID), Nonce: uint64(i), Gas: 21_000,
			FeeCap: *uint256.NewInt(1e9), To: types.Address{1},
		}, key)
		if err != nil {
			t.Fatal(err)
		}
		pool[tx.Hash()] = tx.AppendItem(nil)
		txs = append(txs, tx)
	}
	return txs, pool
}

// beHonest makes a block each second, which one peer sends and the others announce, and tells of transactions between. It returns
// when each block was sent. Both nodes get everything, in turn first.
func (w *world) beHonest(txs []types.Tx, a, b []*peers.Remote, seconds int) map[string]time.Time {
	sent := map[string]time.Time{}
	tick := time.NewTicker(time.Second / (txsEach * honestPeers))
	defer tick.Stop()
	for n := range seconds {
		block := w.blocks.Grow(time.Now())
		whole, named := block.NewBlock(), block.Announcement()
		sent[block.Hash.String()] = time.Now()
		tellAll(order(n, a[n%honestPeers:][:1], b[n%honestPeers:][:1]), wire.KindNewBlock, whole)
		tellAll(order(n, a, b), wire.KindNewBlockHashes, named)
		for i := range txsEach * honestPeers {
			tx := &txs[n*txsEach*honestPeers+i]
			for _, r := range order(n, a[i%honestPeers:][:1], b[i%honestPeers:][:1]) {
				_ = tellTx(r, tx, i%2 == 0) // a session that has ended is seen at the end
			}
			<-tick.C
		}
	}
	return sent
}

// order lets each node be the first in half of the seconds.
func order(n int, a, b []*peers.Remote) []*peers.Remote {
	if n%2 == 0 {
		return slices.Concat(a, b)
	}
	return slices.Concat(b, a)
}

func tellAll(to []*peers.Remote, kind wire.Kind, payload []byte) {
	for _, r := range to {
		_ = r.Tell(kind, payload)
	}
}

// tellTx tells of a transaction: all of it, or its hash.
func tellTx(r *peers.Remote, tx *types.Tx, whole bool) error {
	if whole {
		return r.Tell(wire.KindTransactions, peers.ListOf(tx.AppendItem(nil)))
	}
	one := wire.Announced{Hash: tx.Hash(), Type: tx.Type, Size: uint64(len(tx.Binary()))}
	return r.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, r.Version(), []wire.Announced{one}))
}
