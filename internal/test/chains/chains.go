// SPDX-License-Identifier: Apache-2.0

package chains

import (
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A World is a chain's parameters and what seals its blocks.
type World struct {
	Params *params.Chain
	keys   map[types.Address]*ecc.PrivateKey // of the signers of a clique chain
}

// genesisTime is when all chains begin.
const genesisTime = 1_600_000_000

// Mined returns a chain that miners make, under Byzantium. Proofs of work are missing.
func Mined() *World {
	c := &params.Chain{Name: "mined", NetworkID: 7001, ChainID: 7001, Ethash: &params.Ethash{}}
	forks(c, "homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock")
	return begin(c, types.Header{Difficulty: *uint256.NewInt(1 << 20)})
}

// Staked returns a chain that a consensus layer makes from the genesis block on, under Shanghai.
func Staked() *World {
	c := &params.Chain{Name: "staked", NetworkID: 7002, ChainID: 7002, Terminal: new(uint256.Int)}
	forks(c, "homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock", "constantinopleBlock",
		"petersburgBlock", "istanbulBlock", "berlinBlock", "londonBlock")
	c.Forks.Times = []params.Fork{{Name: "shanghaiTime"}}
	return begin(c, types.Header{
		Optional: types.ShanghaiFields, WithdrawalsRoot: types.EmptyRoot,
		BaseFee: *uint256.NewInt(1e9), Difficulty: *uint256.NewInt(1),
	})
}

// Clique returns a chain of so many signers (EIP-225), with a period of a second.
func Clique(signers int, epoch uint64) *World {
	c := &params.Chain{Name: "clique", NetworkID: 7003, ChainID: 7003, Clique: &params.Clique{Period: 1, Epoch: epoch}}
	forks(c, "homesteadBlock", "eip150Block", "eip155Block", "eip158Block", "byzantiumBlock")
	keys := make(map[types.Address]*ecc.PrivateKey)
	for i := range signers {
		k, err := ecc.ParsePrivateKey([]byte{0: 1, 30: byte(i >> 8), 31: byte(i)})
		if err != nil {
			panic(err) // a constant
		}
		keys[types.AddressOf(k.Public())] = k
	}
	w := begin(c, types.Header{Difficulty: *uint256.NewInt(1), Extra: checkpoint(keys)})
	w.keys = keys
	return w
}

func forks(c *params.Chain, names ...string) {
	for _, name := range names {
		c.Forks.Blocks = append(c.Forks.Blocks, params.Fork{Name: name})
	}
}

func begin(c *params.Chain, h types.Header) *World {
	h.UncleHash, h.TxRoot, h.ReceiptRoot = types.EmptyUncleHash, types.EmptyRoot, types.EmptyRoot
	h.Time, h.GasLimit = genesisTime, 8_000_000
	c.Genesis = h.Append(nil)
	c.GenesisHash, c.GenesisTime, c.GenesisDifficulty = h.Hash(), h.Time, h.Difficulty
	return &World{Params: c}
}

// A Block is a header, and the body and receipts that fit it.
type Block struct {
	Header   types.Header // with its Raw
	Hash     types.Hash
	Body     []byte // as BlockBodies has it
	Receipts []byte // as eth/69 has them

	world *World
	snap  *rules.Snapshot // after the block, on a clique chain
}

// A Line is blocks that follow each other, from the genesis block on.
type Line []Block

// Genesis returns the line of the genesis block.
func (w *World) Genesis() Line {
	h, err := types.DecodeHeader(w.Params.Genesis)
	if err != nil {
		panic(err) // we made it
	}
	body := types.Body{HasWithdrawals: h.HasWithdrawals()}
	b := Block{Header: h, Hash: h.Hash(), Body: body.Append(nil), Receipts: []byte{0xc0}, world: w}
	if w.Params.Clique != nil {
		if b.snap, err = rules.NewSnapshot(*w.Params.Clique, &h); err != nil {
			panic(err)
		}
	}
	return Line{b}
}

// A Step says how blocks follow each other.
type Step struct {
	Seconds uint64 // from block to block; 0: 12
	Mark    byte   // makes blocks differ from others in their place
	Txs     int    // transactions of each block
	Late    int    // on a clique chain: how many signers in turn are passed over
}

// Grow returns the line with n blocks more. The line itself stays.
func (l Line) Grow(n int, s Step) Line {
	l = slices.Clone(l)
	for range n {
		l = append(l, l[len(l)-1].next(s))
	}
	return l
}

// next returns a block on b.
func (b *Block) next(s Step) Block {
	c, parent := b.world.Params, &b.Header
	if s.Seconds == 0 {
		s.Seconds = 12
	}
	h := types.Header{
		ParentHash: b.Hash, Number: parent.Number + 1, Time: parent.Time + s.Seconds, GasLimit: parent.GasLimit,
		Optional: parent.Optional, WithdrawalsRoot: parent.WithdrawalsRoot, UncleHash: types.EmptyUncleHash,
		Extra: []byte{s.Mark},
	}
	next := Block{world: b.world}
	next.fill(&h, s)
	r := c.Rules(h.Number, h.Time)
	if r.London {
		h.BaseFee = rules.NextBaseFee(parent)
	}
	switch {
	case c.Clique != nil:
		next.snap = b.sign(&h, s)
	case c.Terminal == nil:
		h.Difficulty = rules.NextDifficulty(c, &r, parent, h.Time)
	}
	h.Raw = h.Append(nil)
	next.Header, next.Hash = h, h.Hash()
	return next
}

// Change changes the block's header, which then keeps rules only as far as the change does.
func (b *Block) Change(change func(h *types.Header)) {
	change(&b.Header)
	b.Header.Raw = nil
	b.Header.Raw = b.Header.Append(nil)
	b.Hash = b.Header.Hash()
}

// Last returns the last block.
func (l Line) Last() *Block { return &l[len(l)-1] }

// Headers returns the bytes of the headers from one number to another, both included: descending, if the first is the
// higher.
func (l Line) Headers(from, to int) (raw [][]byte) {
	for i := min(from, to); i <= max(from, to); i++ {
		raw = append(raw, l[i].Header.Raw)
	}
	if from > to {
		slices.Reverse(raw)
	}
	return raw
}

// RLP returns the block as a file of blocks has it: [header, txs, uncles] and, from Shanghai on, withdrawals.
func (b *Block) RLP() []byte {
	body, err := types.DecodeBody(b.Body)
	if err != nil {
		panic(err) // we made it
	}
	return types.AppendBlock(nil, &b.Header, &body)
}
