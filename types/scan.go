// SPDX-License-Identifier: Apache-2.0

package types

import (
	"slices"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

// A Scan finds the items of a list of headers or transactions and hashes them, which costs much
// less than decoding them. Most items that peers send are known already; only new ones need to be
// decoded, from their Item.
//
// The zero Scan is ready. A Scan that is used again allocates nothing, unless a list is larger than
// all before. It borrows the list until it is used again or [Scan.Reset]. One goroutine owns it.
type Scan struct {
	items  [][]byte
	inputs [][]byte // the bytes of each item that are hashed
	sums   [][32]byte
	bare   []byte // copies of blob transactions without their sidecars
}

// Len returns the number of items.
func (s *Scan) Len() int { return len(s.items) }

// Item returns the i-th item with its RLP header, borrowed from the list.
func (s *Scan) Item(i int) []byte { return s.items[i] }

// Hash returns the i-th item's hash: what [Header.Hash] or [Tx.Hash] returns.
func (s *Scan) Hash(i int) Hash { return s.sums[i] }

// maxBare is how many bytes of memory for copies are kept from one list to the next. A usual blob
// transaction takes less than a kilobyte without its blobs.
const maxBare = 64 << 10

// Reset drops the list, so that its memory can be freed. It keeps the Scan's own memory.
func (s *Scan) Reset() {
	clear(s.items)
	clear(s.inputs)
	if cap(s.bare) > maxBare {
		s.bare = nil
	}
	s.items, s.inputs, s.sums, s.bare = s.items[:0], s.inputs[:0], s.sums[:0], s.bare[:0]
}

// Headers scans the content of a list of at most limit headers. It checks that each item is a list,
// and leaves the rest to [DecodeHeader]. After an error the Scan is empty.
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

// Txs scans the content of a list of at most limit transactions, with or without sidecars. It
// checks that each item is a list, or a byte string of a type and a payload, and leaves the rest
// to [DecodeTx]. After an error the Scan is empty.
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

// withoutSidecar returns the bytes that the hash of a blob transaction is made from. If there is a
// sidecar they are not contiguous, and are copied. For malformed bytes any hash will do.
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
