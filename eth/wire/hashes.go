// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"iter"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Hashes is a list of hashes. It borrows its bytes from the payload. The zero Hashes is empty.
type Hashes struct {
	content []byte // a multiple of hashItem; each item's header has been checked
}

const (
	hashItem   = 1 + len(types.Hash{}) // bytes that a hash takes in a list
	hashHeader = 0x80 + len(types.Hash{})
)

// Len returns the number of hashes.
func (h Hashes) Len() int { return len(h.content) / hashItem }

// At returns the hash at i, which must be from 0 to Len()-1.
func (h Hashes) At(i int) types.Hash {
	return types.Hash(h.content[i*hashItem+1 : (i+1)*hashItem])
}

// Clone returns a copy that owns its bytes.
func (h Hashes) Clone() Hashes { return Hashes{content: bytes.Clone(h.content)} }

// All yields the hashes in order, each with its index.
func (h Hashes) All() iter.Seq2[int, types.Hash] {
	return func(yield func(int, types.Hash) bool) {
		for i := range h.Len() {
			if !yield(i, h.At(i)) {
				return
			}
		}
	}
}

// readHashes reads a list of at most limit hashes. All hashes take equally many bytes, so one look
// at each header suffices. If something is wrong, the cursor reads the list again to find where.
func readHashes(c *rlp.Cursor, limit int) Hashes {
	c.List("hashes")
	content := c.Remaining()
	if len(content)%hashItem == 0 && len(content)/hashItem <= limit && areHashes(content) {
		c.EndOpen()
		return Hashes{content: content}
	}
	var h types.Hash
	for n := 0; c.More(); n++ {
		c.Fixed("", h[:])
		if n == limit {
			c.Fail("", rlp.ErrTooMany)
		}
	}
	c.End()
	return Hashes{}
}

func areHashes(content []byte) bool {
	for i := 0; i < len(content); i += hashItem {
		if content[i] != byte(hashHeader) {
			return false
		}
	}
	return true
}

// appendTo appends the list as it was read.
func (h Hashes) appendTo(dst []byte) []byte {
	dst = rlp.AppendListHeader(dst, len(h.content))
	return append(dst, h.content...)
}

// appendHashItems appends the inside of a list of hashes.
func appendHashItems(dst []byte, hashes []types.Hash) []byte {
	for i := range hashes {
		dst = append(dst, byte(hashHeader))
		dst = append(dst, hashes[i][:]...)
	}
	return dst
}

// readAsked reads the hashes of a request, and keeps the first limit of them. Requesting more breaks
// no rule: "the number of blocks that can be requested in a single message may be subject to
// implementation-defined limits" (devp2p/caps/eth.md#getblockbodies-0x05).
func readAsked(c *rlp.Cursor, limit int) Hashes {
	h := readHashes(c, MaxMessage)
	if h.Len() > limit {
		size := limit * hashItem
		h.content = h.content[:size:size]
	}
	return h
}

// decodeHashes reads a request of only hashes: [id, [hash, …]].
func decodeHashes(c *rlp.Cursor, row *Row, v Version) (id uint64, hashes Hashes) {
	id = openEnvelope(c, v)
	hashes = readAsked(c, row.Items)
	closeEnvelope(c, v)
	return id, hashes
}

// appendHashesRequest appends a request of only hashes.
func appendHashesRequest(dst []byte, v Version, id uint64, hashes []types.Hash) []byte {
	dst = appendEnvelope(dst, v, id, rlp.SizeList(hashItem*len(hashes)))
	dst = rlp.AppendListHeader(dst, hashItem*len(hashes))
	return appendHashItems(dst, hashes)
}

// appendHashesAgain appends a request of only hashes as it was read.
func appendHashesAgain(dst []byte, v Version, id uint64, hashes Hashes) []byte {
	dst = appendEnvelope(dst, v, id, rlp.SizeList(len(hashes.content)))
	return hashes.appendTo(dst)
}
