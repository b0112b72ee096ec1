// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"encoding/binary"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// mined returns a chain that miners make, before London. Its genesis block is at 1000 s.
func mined() *params.Chain {
	c := &params.Chain{Name: "mined", NetworkID: 1337, Ethash: &params.Ethash{}}
	for _, name := range []string{"homesteadBlock", "byzantiumBlock"} {
		c.Forks.Blocks = append(c.Forks.Blocks, params.Fork{Name: name})
	}
	return begin(c, types.Header{Difficulty: *uint256.NewInt(1 << 20)})
}

// staked returns a chain that a consensus layer makes from the genesis block on, under Shanghai.
func staked() *params.Chain {
	c := mined()
	c.Name, c.Ethash, c.Terminal = "staked", nil, new(uint256.Int)
	c.Forks.Blocks = append(c.Forks.Blocks, params.Fork{Name: "londonBlock"})
	c.Forks.Times = append(c.Forks.Times, params.Fork{Name: "shanghaiTime"})
	return begin(c, types.Header{
		Optional: types.ShanghaiFields, WithdrawalsRoot: types.EmptyRoot, BaseFee: *uint256.NewInt(1e9), Difficulty: *uint256.NewInt(1),
	})
}

func begin(c *params.Chain, h types.Header) *params.Chain {
	h.UncleHash, h.TxRoot, h.ReceiptRoot = types.EmptyUncleHash, types.EmptyRoot, types.EmptyRoot
	h.Time, h.GasLimit = 1000, 8_000_000
	c.Genesis = h.Append(nil)
	c.GenesisHash, c.GenesisTime, c.GenesisDifficulty = h.Hash(), h.Time, h.Difficulty
	return c
}

// A block is whole, with its receipts as eth/69 has them.
type block struct {
	types.Header
	hash     types.Hash
	body     []byte
	receipts []byte // an RLP list
	td       uint256.Int
}

// A line is blocks that follow each other, from the genesis block on.
type line []*block

func genesisOf(c *params.Chain) line {
	h, err := types.DecodeHeader(c.Genesis)
	if err != nil {
		panic(err)
	}
	return line{{Header: h, hash: c.GenesisHash, body: []byte{0xc2, 0xc0, 0xc0}, receipts: []byte{0xc0}, td: c.GenesisDifficulty}}
}

func (l line) last() *block { return l[len(l)-1] }

// grow returns the line with n more blocks of txs transactions each. mark makes them differ from other blocks
// of their number.
func (l line) grow(c *params.Chain, n, txs int, mark byte) line {
	l = slices.Clone(l)
	for range n {
		l = append(l, child(c, l.last(), txs, mark))
	}
	return l
}

func child(c *params.Chain, parent *block, txs int, mark byte) *block {
	b := &block{Header: parent.Header}
	h := &b.Header
	h.Raw, h.ParentHash = nil, parent.hash
	h.Number, h.Time, h.Extra = parent.Number+1, parent.Time+13, []byte{mark}
	r := c.Rules(h.Number, h.Time)
	if r.London {
		h.BaseFee, h.Difficulty = rules.NextBaseFee(&parent.Header), uint256.Int{}
	} else {
		h.Difficulty = rules.NextDifficulty(c, &r, &parent.Header, h.Time)
	}
	var body types.Body
	body.HasWithdrawals = h.HasWithdrawals()
	var list []byte
	for i := range txs {
		body.Txs = append(body.Txs, rlp.AppendBytes(rlp.AppendListHeader(nil, 33), seed(h.Number, i, mark))...)
		receipt := types.Receipt{Outcome: []byte{1}, CumulativeGas: uint64(i+1) * 21_000}
		list = append(list, receipt.AppendFlat(nil)...)
	}
	h.GasUsed = uint64(txs) * 21_000
	h.TxRoot = body.TxRoot()
	h.ReceiptRoot, _ = types.ReceiptRoot(list, types.DecodeFlatReceipt)
	b.body, b.receipts = body.Append(nil), listOf(list)
	h.Raw = h.Append(nil)
	b.hash = h.Hash()
	b.td.Add(&parent.td, &h.Difficulty)
	return b
}

// seed returns 32 bytes that stand for a transaction.
func seed(number uint64, i int, mark byte) []byte {
	b := binary.BigEndian.AppendUint64([]byte{mark, byte(i)}, number)
	h := keccak.Sum256(b)
	return h[:]
}
