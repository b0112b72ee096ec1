// SPDX-License-Identifier: Apache-2.0

package types

import (
	"slices"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// A Scan finds the items of a list of headers or transactions and hashes them all at once,
// which is many times cheaper than decoding them: most of what peers tell is known already.
// What turns out to be new is then decoded from its Item.
//
// The zero Scan is ready. Used again it allocates nothing, unless a list is larger than any
// before. It borrows the list until it is used again or [Scan.Reset]. One goroutine owns it.
type Scan struct {
	items  [][]byte
	inputs [][]byte // what is hashed of each item
	sums   [][32]byte
	bare   []byte // copies of blob transactions without their sidecars
}

// Len returns how many items there are.
func (s *Scan) Len() int { return len(s.items) }

// Item returns the i-th item with its RLP header, borrowed from the list.
func (s *Scan) Item(i int) []byte { return s.items[i] }

// Hash returns the i-th item's hash: what [Header.Hash] or [Tx.Hash] returns.
func (s *Scan) Hash(i int) Hash { return s.sums[i] }

// maxBare is how much memory for copies is kept from one list to the next. Without its
// blobs a usual blob transaction takes less than a kilobyte.
const maxBare = 64 << 10

// Reset forgets the list, so that its memory can be freed. It keeps the Scan's own.
func (s *Scan) Reset() {
	clear(s.items)
	clear(s.inputs)
	if cap(s.bare) > maxBare {
		s.bare = nil
	}
	s.items, s.inputs, s.sums, s.bare = s.items[:0], s.inputs[:0], s.sums[:0], s.bare[:0]
}

// Headers scans the content of a list of at most limit headers. Of an item it checks that it
// is a list; the rest is for [DecodeHeader]. After an error the Scan is empty.
func (s *Scan) Headers(list []byte, limit int) error {
	s.Reset()
	c := rlp.Read(list)
	for c.More() {
		if len(s.items) == limit {
			c.Fail("", rlp.ErrTooMany)
		}
		if c.Kind("header") != rlp.List {
			c.Fail("header", rlp.ErrWantList)
		}
		item := c.Raw("header")
		s.items, s.inputs = append(s.items, item), append(s.inputs, item)
	}
	return s.finish(&c)
}

// Txs scans the content of a list of at most limit transactions, with or without sidecars.
// Of an item it checks that it is a list, or a byte string of a type and a payload; the rest
// is for [DecodeTx]. After an error the Scan is empty.
func (s *Scan) Txs(list []byte, limit int) error {
	s.Reset()
	c := rlp.Read(list)
	for c.More() {
		if len(s.items) == limit {
			c.Fail("", rlp.ErrTooMany)
		}
		at := c
		item := c.Raw("tx")
		input := item
		if at.Kind("tx") == rlp.Bytes && c.Err() == nil {
			input = at.Bytes("tx")
			if !isEnvelope(input) {
				c.Fail("tx", ErrEnvelope)
			} else if input[0] == BlobTx {
				input = s.withoutSidecar(input)
			}
		}
		s.items, s.inputs = append(s.items, item), append(s.inputs, input)
	}
	return s.finish(&c)
}

// withoutSidecar returns the bytes of which the hash of a blob transaction is made. Where
// there is a sidecar they are not in one piece, and are copied. Where they are malformed it
// does not matter what the hash is of.
func (s *Scan) withoutSidecar(binary []byte) []byte {
	kind, content, _, err := rlp.Split(binary[1:])
	if err != nil || kind != rlp.List {
		return binary
	}
	kind, _, sidecar, err := rlp.Split(content)
	if err != nil || kind != rlp.List {
		return binary
	}
	start := len(s.bare)
	s.bare = append(s.bare, binary[0])
	s.bare = append(s.bare, content[:len(content)-len(sidecar)]...)
	return s.bare[start:]
}

// finish hashes the inputs, unless there was an error.
func (s *Scan) finish(c *rlp.Cursor) error {
	if err := c.Err(); err != nil {
		s.Reset()
		return err
	}
	s.sums = slices.Grow(s.sums, len(s.inputs))[:len(s.inputs)]
	keccak.Sum256s(s.sums, s.inputs)
	return nil
}
