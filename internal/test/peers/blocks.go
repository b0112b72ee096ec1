// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"sync"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Genesis is the genesis file of a chain under proof of work, whose peers send each other new blocks in every version of eth.
const Genesis = `{"config":{"chainId":1337,"homesteadBlock":0,"eip150Block":0,"eip155Block":0,"eip158Block":0,"byzantiumBlock":0,
"constantinopleBlock":0,"petersburgBlock":0,"istanbulBlock":0,"berlinBlock":0,"londonBlock":0,"ethash":{}},
"difficulty":"0x20000","gasLimit":"30000000","timestamp":"0x0","alloc":{}}`

// A Block is a block of a [Blocks], and does not change.
type Block struct {
	Header types.Header
	Hash   types.Hash
	Body   types.Body
	TD     uint256.Int

	chain *params.Chain
}

// NewBlock is the message that has the block.
func (b *Block) NewBlock() []byte {
	return wire.AppendNewBlock(nil, types.AppendBlock(nil, &b.Header, &b.Body), &b.TD)
}

// Announcement is the NewBlockHashes that names the block.
func (b *Block) Announcement() []byte {
	return wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: b.Hash, Number: b.Header.Number}})
}

// Child makes a block on top of b, with these transactions: one that keeps all rules of package chain/rules, and has no
// work. Its receipts are not those of its transactions.
func (b *Block) Child(now time.Time, extra string, items ...[]byte) *Block {
	p := &b.Header
	c := &Block{chain: b.chain, Header: types.Header{
		ParentHash: b.Hash, UncleHash: types.EmptyUncleHash, Root: p.Root, ReceiptRoot: types.EmptyRoot,
		Number: p.Number + 1, GasLimit: p.GasLimit, GasUsed: uint64(len(items)) * 21_000, Time: max(uint64(now.Unix()), p.Time+1),
		Extra: []byte(extra), Optional: types.LondonFields, BaseFee: rules.NextBaseFee(p),
	}}
	r := b.chain.Rules(c.Header.Number, c.Header.Time)
	c.Header.Difficulty = rules.NextDifficulty(b.chain, &r, p, c.Header.Time)
	for _, item := range items {
		c.Body.Txs = append(c.Body.Txs, item...)
	}
	c.Header.TxRoot = c.Body.TxRoot()
	c.Hash = c.Header.Hash()
	c.TD.Add(&b.TD, &c.Header.Difficulty)
	return c
}

// Blocks is a chain that honest peers share.
type Blocks struct {
	mu   sync.Mutex // guards what follows
	all  []*Block   // by number
	hash map[types.Hash]*Block
}

// NewBlocks returns the chain that has only the genesis block.
func NewBlocks(chain *params.Chain) (*Blocks, error) {
	h, err := types.DecodeHeader(chain.Genesis)
	if err != nil {
		return nil, err
	}
	b := &Block{Header: h, Hash: chain.GenesisHash, TD: chain.GenesisDifficulty, chain: chain}
	return &Blocks{all: []*Block{b}, hash: map[types.Hash]*Block{b.Hash: b}}, nil
}

// Grow appends a block and returns it.
func (c *Blocks) Grow(now time.Time, items ...[]byte) *Block {
	b := c.Head().Child(now, "", items...)
	c.Put(b)
	return b
}

// Put appends a block, which is on the last one.
func (c *Blocks) Put(b *Block) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, b)
	c.hash[b.Hash] = b
}

// Head returns the last block.
func (c *Blocks) Head() *Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[len(c.all)-1]
}

// At returns the block with a number, or nil.
func (c *Blocks) At(n uint64) *Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n >= uint64(len(c.all)) {
		return nil
	}
	return c.all[n]
}

func (c *Blocks) find(o wire.Origin) *Block {
	if !o.ByHash {
		return c.At(o.Number)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hash[o.Hash]
}

// maxHeaders bounds the headers of a reply.
const maxHeaders = 192

// headers answers a request for headers (devp2p/caps/eth.md#getblockheaders-0x03).
func (c *Blocks) headers(q *wire.GetBlockHeaders) (items [][]byte) {
	b := c.find(q.Origin)
	for b != nil && uint64(len(items)) < min(q.Amount, maxHeaders) {
		items = append(items, b.Header.Append(nil))
		step := q.Skip + 1
		switch n := b.Header.Number; {
		case step == 0, q.Reverse && step > n:
			return items
		case q.Reverse:
			b = c.At(n - step)
		default:
			b = c.At(n + step)
		}
	}
	return items
}

// bodies answers a request for bodies (devp2p/caps/eth.md#getblockbodies-0x05).
func (c *Blocks) bodies(hashes wire.Hashes) (items [][]byte) {
	for _, h := range hashes.All() {
		if b := c.find(wire.AtHash(h)); b != nil {
			items = append(items, b.Body.Append(nil))
		}
	}
	return items
}
