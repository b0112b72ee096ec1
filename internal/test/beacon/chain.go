// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"crypto/sha256"
	"fmt"
)

// A Fork is where a fork begins, and with which version.
type Fork struct {
	Name    string
	Epoch   uint64
	Version [4]byte
}

// Config says what a chain is like. Its functions must return the same for the same slot at all times.
type Config struct {
	Seed            string
	Genesis         uint64 // seconds since 1970
	SecondsPerSlot  uint64
	SlotsPerEpoch   uint64
	EpochsPerPeriod uint64
	Size            int // of a committee: a multiple of 8
	Forks           []Fork

	Missed    func(slot uint64) bool                        // nil = none
	Finalized func(slot uint64) (finalized uint64, ok bool) // of the state of a block; nil = the beginning of the epoch before the one before
	Votes     func(slot uint64) int                         // for the block at a slot; nil = all
}

// A Chain is a beacon chain. It belongs to one goroutine.
type Chain struct {
	Config
	committees map[uint64]*committee
	blocks     map[uint64]*Block
}

// New returns a chain.
func New(c Config) *Chain {
	return &Chain{Config: c, committees: map[uint64]*committee{}, blocks: map[uint64]*Block{}}
}

// Validators returns the genesis validators root.
func (c *Chain) Validators() [32]byte { return sha256.Sum256([]byte(c.Seed + "/validators")) }

// Period returns the sync committee period of a slot.
func (c *Chain) Period(slot uint64) uint64 { return slot / (c.SlotsPerEpoch * c.EpochsPerPeriod) }

func (c *Chain) committee(period uint64) *committee {
	if c.committees[period] == nil {
		c.committees[period] = newCommittee(c.Seed, period, c.Size)
	}
	return c.committees[period]
}

func (c *Chain) fork(slot uint64) Fork {
	f := c.Forks[0]
	for _, later := range c.Forks {
		if later.Epoch <= slot/c.SlotsPerEpoch {
			f = later
		}
	}
	return f
}

// places has the generalized indices of a fork (see chain/light).
type places struct {
	order                    int
	finalized, current, next uint64
	hash                     uint64
	fields                   int // of the execution payload's header; 0 = there is none
}

var forks = map[string]places{
	"altair":    {1, 105, 54, 55, 0, 0},
	"bellatrix": {2, 105, 54, 55, 0, 0},
	"capella":   {3, 105, 54, 55, 412, 15},
	"deneb":     {4, 105, 54, 55, 812, 17},
	"electra":   {5, 169, 86, 87, 812, 17},
	"fulu":      {6, 169, 86, 87, 812, 17},
	"gloas":     {7, 735, 2945, 2946, 2856, 0},
}

// A Block is a block of the chain.
type Block struct {
	Slot   uint64
	Root   [32]byte // of the beacon block
	Hash   [32]byte // of the execution block that it proves; in Gloas its parent
	Number uint64   // of that block

	parent, stateRoot, bodyRoot node
	state, body                 tree
	places                      places
	fields                      []node // of the execution payload's header
	finalized                   *Block
}

// Exists reports whether a slot has a block.
func (c *Chain) Exists(slot uint64) bool { return c.Missed == nil || slot == 0 || !c.Missed(slot) }

// At returns the block of a slot, or the newest one before it.
func (c *Chain) At(slot uint64) *Block {
	for !c.Exists(slot) {
		slot--
	}
	if c.blocks[slot] == nil {
		c.blocks[slot] = c.make(slot)
	}
	return c.blocks[slot]
}

func (c *Chain) salt(what string, slot uint64) node {
	return sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", c.Seed, what, slot))
}

func (c *Chain) make(slot uint64) *Block {
	b := &Block{Slot: slot, Number: slot, Hash: c.salt("block", slot), parent: c.salt("parent", slot), places: forks[c.fork(slot).Name]}
	p := c.Period(slot)
	b.state = tree{b.places.current: c.committee(p).root, b.places.next: c.committee(p + 1).root}
	finalized, ok := c.finalizedAt(slot)
	if ok {
		b.finalized = c.At(finalized)
		b.state[b.places.finalized] = b.finalized.Root
	}
	b.body = tree{9: c.salt("graffiti", slot)}
	switch {
	case b.places.fields > 0:
		b.fields = make([]node, b.places.fields)
		b.fields[0], b.fields[2], b.fields[3] = c.salt("parenthash", slot), c.salt("state", slot), c.salt("receipts", slot)
		b.fields[4] = hashOf(make([]node, 8)...)
		b.fields[6], b.fields[7], b.fields[8] = num(b.Number), num(30_000_000), num(21_000)
		b.fields[9] = num(c.Genesis + slot*c.SecondsPerSlot)
		b.fields[10], b.fields[11], b.fields[12] = join(node{}, node{}), num(7), b.Hash
		width := 16
		if b.places.fields > 16 {
			width = 32
			b.fields[15], b.fields[16] = num(131072), num(393216)
		}
		b.body.list(25, width, b.fields...)
	case b.places.hash > 0:
		b.body[b.places.hash] = b.Hash
	default:
		b.Hash, b.Number = node{}, 0
	}
	b.stateRoot, b.bodyRoot = b.state.root(), b.body.root()
	b.Root = hashOf(num(slot), num(slot%97), b.parent, b.stateRoot, b.bodyRoot)
	return b
}

func (c *Chain) finalizedAt(slot uint64) (uint64, bool) {
	if c.Finalized != nil {
		return c.Finalized(slot)
	}
	epoch := slot / c.SlotsPerEpoch
	return (max(epoch, 2) - 2) * c.SlotsPerEpoch, epoch > 2
}

// signed returns the votes of the committee of a slot for a block.
func (c *Chain) signed(b *Block, slot uint64) (bits []byte, signature [96]byte) {
	votes := c.Size
	if c.Votes != nil {
		votes = c.Votes(b.Slot)
	}
	version := node{}
	fork := c.fork(max(slot, 1) - 1).Version
	copy(version[:], fork[:])
	domain := node{7}
	data := join(version, c.Validators())
	copy(domain[4:], data[:28])
	return c.committee(c.Period(slot)).sign(join(b.Root, domain), votes)
}

// Rotate makes the committee of a period another one than the seed says.
func (c *Chain) Rotate(period uint64, seed string) {
	c.committees[period] = newCommittee(seed, period, c.Size)
	c.Forget()
}

// Forget forgets the blocks, for when the functions of Config have changed.
func (c *Chain) Forget() { clear(c.blocks) }
