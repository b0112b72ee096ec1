// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// gossipChain is a chain whose peers send each other new blocks.
func gossipChain(t *testing.T) *params.Chain {
	t.Helper()
	chain, err := params.ParseGenesis([]byte(peers.Genesis))
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// startNode starts a node with the roles of this package, put together in the same way.
func startNode(t *testing.T, chain *params.Chain, record event.Recorder) *peers.Node {
	t.Helper()
	genesis, err := serve.Genesis(chain)
	if err != nil {
		t.Fatal(err)
	}
	txs := txgossip.New(txgossip.Config{Record: record, Chain: chain})
	blocks := blockgossip.New(blockgossip.Config{Record: record, Params: chain, Body: txs.FromBlock})
	node := peers.Start(t, eth.Config{Chain: chain, Roles: []eth.Role{serve.New(serve.Config{Chain: genesis}), txs, blocks}, Record: record})
	node.Go(txs.Run, blocks.Run)
	return node
}

// tellOne sends a transaction, or announces its hash.
func tellOne(r *peers.Remote, tx *types.Tx, whole bool) error {
	if whole {
		return r.Tell(wire.KindTransactions, peers.ListOf(tx.AppendItem(nil)))
	}
	one := wire.Announced{Hash: tx.Hash(), Type: tx.Type, Size: uint64(len(tx.Binary()))}
	return r.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, r.Version(), []wire.Announced{one}))
}

// manyTxs makes signed transactions of a chain and, evenly among them, some whose signature is
// invalid.
func manyTxs(t *testing.T, chainID uint64, good, bad int) (txs []types.Tx, pool peers.Pool, isJunk map[types.Hash]bool) {
	t.Helper()
	key, err := ecc.ParsePrivateKey(slices.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	pool, isJunk = make(peers.Pool), make(map[types.Hash]bool)
	for i := range good + bad {
		tx, err := types.Sign(types.Tx{
			Type: types.DynamicFeeTx, ChainID: *uint256.NewInt(chainID), Nonce: uint64(i), Gas: 21000,
			FeeCap: *uint256.NewInt(1e9), To: types.Address{1},
		}, key)
		if err != nil {
			t.Fatal(err)
		}
		if i*bad/(good+bad) != (i+1)*bad/(good+bad) {
			tx = spoil(t, &tx)
			isJunk[tx.Hash()] = true
		}
		pool[tx.Hash()] = tx.AppendItem(nil)
		txs = append(txs, tx)
	}
	return txs, pool, isJunk
}

// spoil returns a transaction of the same form with an invalid signature: R is no coordinate of a point.
func spoil(t *testing.T, tx *types.Tx) types.Tx {
	t.Helper()
	item := tx.AppendItem(nil)
	r := tx.R.Bytes()
	copy(item[bytes.Index(item, r):], bytes.Repeat([]byte{0xff}, len(r)))
	bad, err := types.DecodeTx(item)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bad.Sender(); err == nil {
		t.Fatal("the signature is somebody's") // R of 31 bytes or less: change the key
	}
	return bad
}

// heapInUse returns the number of reachable bytes.
func heapInUse() int64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}} // what is allocated meanwhile does not count
	metrics.Read(live)
	return int64(live[0].Value.Uint64())
}
