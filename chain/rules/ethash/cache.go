// SPDX-License-Identifier: Apache-2.0

package ethash

import (
	"encoding/binary"
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// The numbers of the algorithm.
const (
	cacheRounds    = 3
	datasetParents = 256 // cache rows that make a dataset row
	accesses       = 64  // dataset rows that make a hash
	fnvPrime       = 0x01000193
	rowWords       = hashBytes / 4
	mixWords       = mixBytes / 4
)

// A row is 64 bytes as little-endian words.
type row [rowWords]uint32

// A Cache is what the proofs of an epoch are verified with. It is immutable.
type Cache struct {
	epoch Epoch
	rows  []row
	pages uint32 // rows of the dataset
}

// NewCache makes the cache of an epoch: about 1.3 million hashes and more. It fails beyond
// MaxEpoch, so that a made-up number costs nothing.
func NewCache(e Epoch) (*Cache, error) {
	if e.Number > MaxEpoch {
		return nil, fmt.Errorf("epoch %d: beyond %d, the last that is known here", e.Number, MaxEpoch)
	}
	c := &Cache{epoch: e, rows: make([]row, e.CacheBytes()/hashBytes), pages: uint32(e.datasetBytes() / mixBytes)}
	h := hasher{h: keccak.NewHasher512()}
	h.h.Sum(&h.b, e.seed())
	c.rows[0].set(&h.b)
	for i := 1; i < len(c.rows); i++ {
		c.rows[i] = c.rows[i-1]
		h.hash(&c.rows[i])
	}
	n := uint32(len(c.rows))
	for range cacheRounds {
		for i := range c.rows {
			mixed := c.rows[(i-1+len(c.rows))%len(c.rows)]
			for w, v := range c.rows[c.rows[i][0]%n] {
				mixed[w] ^= v
			}
			h.hash(&mixed)
			c.rows[i] = mixed
		}
	}
	return c, nil
}

// Epoch returns the epoch that the cache is of.
func (c *Cache) Epoch() Epoch { return c.epoch }

// Check checks the proof of work of a header of the cache's epoch: the mix digest, and that the
// hash is below 2^256 divided by the difficulty.
func (c *Cache) Check(h *types.Header) error {
	if h.Difficulty.IsZero() {
		return &rules.Error{Rule: rules.Difficulty, Number: h.Number, Why: "is 0: there is no work to prove"}
	}
	mix, hash := c.Hash(SealHash(h), binary.BigEndian.Uint64(h.Nonce[:]))
	if mix != h.MixDigest {
		return &rules.Error{Rule: rules.MixDigest, Number: h.Number, Why: fmt.Sprintf("is %v, not %v", h.MixDigest, mix)}
	}
	if new(uint256.Int).SetBytes(hash[:]).Gt(boundary(&h.Difficulty)) {
		return &rules.Error{Rule: rules.Difficulty, Number: h.Number, Why: fmt.Sprintf("the work is too little for %v", &h.Difficulty)}
	}
	return nil
}

// boundary returns the largest hash that is work enough: 2^256/difficulty, or 2^256-1 if that is
// less.
func boundary(difficulty *uint256.Int) *uint256.Int {
	most := new(uint256.Int).SetAllOne()
	b := new(uint256.Int)
	if _, rest := b.DivMod(most, difficulty, new(uint256.Int)); rest.AddUint64(rest, 1).Eq(difficulty) && !b.Eq(most) {
		b.AddUint64(b, 1) // difficulty divides 2^256
	}
	return b
}

// SealHash returns what miners search a nonce for: the hash of the header without mix digest and
// nonce.
func SealHash(h *types.Header) types.Hash {
	raw := h.Raw
	if raw == nil {
		raw = h.Append(nil)
	}
	_, fields, _, _ := rlp.Split(raw) // it is a header's
	rest := fields
	for range 13 { // the fields before
		_, _, rest, _ = rlp.Split(rest)
	}
	before := fields[:len(fields)-len(rest)]
	after := rest[rlp.SizeBytes(h.MixDigest[:])+rlp.SizeBytes(h.Nonce[:]):]
	return keccak.Sum256(rlp.AppendListHeader(nil, len(before)+len(after)), before, after)
}

// Hash returns the mix digest and the hash of a nonce.
func (c *Cache) Hash(seal types.Hash, nonce uint64) (mix, hash types.Hash) {
	h := hasher{h: keccak.NewHasher512()}
	copy(h.b[:], seal[:])
	binary.LittleEndian.PutUint64(h.b[len(seal):], nonce)
	h.h.Sum(&h.b, h.b[:len(seal)+8])
	start := h.b
	var seed row
	seed.set(&start)
	var m [mixWords]uint32
	copy(m[:], seed[:])
	copy(m[rowWords:], seed[:])
	for i := range uint32(accesses) {
		at := fnv(i^seed[0], m[i%mixWords]) % c.pages * 2
		for half := range uint32(2) {
			item := c.item(&h, at+half)
			for w, v := range item {
				m[half*rowWords+uint32(w)] = fnv(m[half*rowWords+uint32(w)], v)
			}
		}
	}
	for i := range len(mix) / 4 {
		w := m[4*i:]
		binary.LittleEndian.PutUint32(mix[4*i:], fnv(fnv(fnv(w[0], w[1]), w[2]), w[3]))
	}
	return mix, keccak.Sum256(start[:], mix[:])
}

// item computes half a row of the dataset.
func (c *Cache) item(h *hasher, i uint32) (mix row) {
	n := uint32(len(c.rows))
	mix = c.rows[i%n]
	mix[0] ^= i
	h.hash(&mix)
	for j := range uint32(datasetParents) {
		parent := &c.rows[fnv(i^j, mix[j%rowWords])%n]
		for w := range mix {
			mix[w] = fnv(mix[w], parent[w])
		}
	}
	h.hash(&mix)
	return mix
}

// fnv is the algorithm's own variant of the FNV hash: it multiplies before it adds.
func fnv(a, b uint32) uint32 { return a*fnvPrime ^ b }

func (r *row) set(b *[hashBytes]byte) {
	for i := range r {
		r[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
}

// A hasher replaces rows by their Keccak-512.
type hasher struct {
	h keccak.Hasher512
	b [hashBytes]byte // scratch
}

func (h *hasher) hash(r *row) {
	for i, w := range r {
		binary.LittleEndian.PutUint32(h.b[4*i:], w)
	}
	h.h.Sum(&h.b, h.b[:])
	r.set(&h.b)
}
