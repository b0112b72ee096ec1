// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"sync"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Blocks of one peer with tiny transactions. Each transaction costs the recovery of its sender.
const (
	stallBlocks = 16
	stallTxs    = 1200 // in a block: as much as 30 million gas pay for
)

// stallGenesis begins a chain with gossiped blocks, before the time at which a bubble's clock begins.
const stallGenesis = `{
	"config": {"chainId": 1, "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0, "byzantiumBlock": 0,
		"constantinopleBlock": 0, "petersburgBlock": 0, "ethash": {}},
	"difficulty": "0x1", "gasLimit": "0x1c9c380", "timestamp": "0x38000000", "extraData": "0x", "alloc": {}
}`

// A stall counts the events of a node while one peer sends blocks of tiny transactions.
type stall struct {
	mu      sync.Mutex
	txs     int                // told
	blocks  map[types.Hash]int // told, with the transactions told until then
	waiting chan struct{}      // receives for each block
}

func (s *stall) record(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := e.(type) {
	case event.Tx:
		s.txs++
	case event.Block:
		s.blocks[e.Hash] = s.txs
		s.waiting <- struct{}{}
	}
}

func (s *stall) told() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.txs
}

// tinyTx is a transaction whose fields pass the cheap checks. Its signature is r = 1, s = 1, which is valid
// for some key.
func tinyTx(dst []byte, nonce uint64) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, nonce)
	dst = rlp.AppendUint64(dst, 1)
	dst = rlp.AppendUint64(dst, types.MinGas)
	dst = append(dst, 0x80, 0x80, 0x80, 0x1b, 0x01, 0x01)
	return rlp.CloseList(dst, list)
}

// stallBlock is a NewBlock with these transactions, on the genesis block.
func stallBlock(chain *params.Chain, tag byte, txs []byte, count uint64) (h types.Hash, payload []byte) {
	body := types.Body{Txs: txs}
	header := types.Header{
		ParentHash: chain.GenesisHash, Number: 1, Time: chain.GenesisTime + 10, GasLimit: 30_000_000, GasUsed: 21_000 * count,
		Difficulty: *uint256.NewInt(1), TxRoot: body.TxRoot(), UncleHash: body.UncleHash(), Extra: []byte{tag},
	}
	m := wire.NewBlock{Block: types.AppendBlock(nil, &header, &body)}
	m.TD.SetUint64(1 << 40)
	return header.Hash(), m.Append(nil, 68)
}

// One peer sends blocks of tiny transactions. The block of an honest peer is reported before they are read,
// and the end of the node does not wait for them.
func TestOnePeerDoesNotStallBlocks(t *testing.T) {
	chain, err := params.ParseGenesis([]byte(stallGenesis))
	if err != nil {
		t.Fatal(err)
	}
	bubble.Test(t, func(t *testing.T) {
		s := &stall{blocks: make(map[types.Hash]int), waiting: make(chan struct{}, 10*stallBlocks)}
		node := startNode(t, chain, s.record)
		honest, hostile := node.Join("honest", 68), node.Join("hostile", 68)
		for i := range stallBlocks {
			var txs []byte
			for n := range uint64(stallTxs) {
				txs = tinyTx(txs, uint64(i)<<32+n)
			}
			_, payload := stallBlock(chain, byte(100+i), txs, stallTxs)
			hostile.SendRaw(wire.KindNewBlock, payload)
		}
		want, payload := stallBlock(chain, 1, tinyTx(nil, 1<<50), 1)
		honest.SendRaw(wire.KindNewBlock, payload)
		told := func() (int, bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			at, ok := s.blocks[want]
			return at, ok
		}
		for _, ok := told(); !ok; _, ok = told() {
			<-s.waiting
		}
		if at, _ := told(); at > stallBlocks*stallTxs/2 {
			t.Errorf("the honest block was told after %d of %d hostile transactions", at, stallBlocks*stallTxs)
		}
		s.mu.Lock()
		if n := len(s.blocks); n < stallBlocks/2 {
			t.Errorf("only %d blocks were told, so that nothing was to be read", n)
		}
		s.mu.Unlock()
		before := s.told()
		node.Stop()
		if after := s.told(); after-before > stallBlocks*stallTxs/2 {
			t.Errorf("the end of the node waited for %d hostile transactions", after-before)
		}
	})
}
