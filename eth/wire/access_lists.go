// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// GetBlockAccessLists asks for block access lists (EIP-8159):
//
//	eth/71  [id, [hash, …]]
type GetBlockAccessLists struct {
	ID     uint64
	Hashes Hashes
}

// BlockAccessLists answers GetBlockAccessLists (EIP-8159):
//
//	eth/71  [id, [list, …]]
//
// The list at i belongs to the hash at i. One that is not to be had is the empty byte
// string: an empty list would be an access list, of a block that touches no state.
type BlockAccessLists struct {
	ID uint64
	List
}

// Kind returns KindGetBlockAccessLists.
func (*GetBlockAccessLists) Kind() Kind { return KindGetBlockAccessLists }

// Kind returns KindBlockAccessLists.
func (*BlockAccessLists) Kind() Kind { return KindBlockAccessLists }

func (m *GetBlockAccessLists) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.Hashes = decodeHashes(c, row, v)
}

// Append implements [Message].
func (m *GetBlockAccessLists) Append(dst []byte, v Version) []byte {
	return appendHashesAgain(dst, v, m.ID, m.Hashes)
}

func (m *BlockAccessLists) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.List = decodeReply(c, row, v, "accessLists", accessLists)
}

// Append implements [Message].
func (m *BlockAccessLists) Append(dst []byte, v Version) []byte {
	return Reply{Kind: KindBlockAccessLists, ID: m.ID}.appendAgain(dst, v, m.List)
}

// AppendNoAccessList appends the item that stands for an access list that is not to be
// had.
func AppendNoAccessList(dst []byte) []byte { return rlp.AppendBytes(dst, nil) }

// HasAccessList reports whether an item of [BlockAccessLists] is an access list, of which
// the Keccak-256 is in the block's header, and not its absence.
func HasAccessList(item []byte) bool { return len(item) > 0 && item[0] >= 0xc0 }

// AccessListsRequest asks for the access lists of blocks.
type AccessListsRequest struct {
	Hashes []types.Hash
}

// AccessLists is the reply to an [AccessListsRequest]: for each hash, in the order asked
// and up to where the peer stopped, a raw access list or its absence ([HasAccessList]).
// It owns its bytes.
type AccessLists struct{ List }

// Ask implements [Request].
func (AccessListsRequest) Ask() Kind { return KindGetBlockAccessLists }

// Append implements [Request].
func (r AccessListsRequest) Append(dst []byte, v Version, id uint64) []byte {
	return appendHashesRequest(dst, v, id, r.Hashes)
}

// ParseReply implements [Request].
func (r AccessListsRequest) ParseReply(v Version, payload []byte) (AccessLists, error) {
	var m BlockAccessLists
	if err := parseReply(v, payload, &m, uint64(len(r.Hashes))); err != nil {
		return AccessLists{}, err
	}
	return AccessLists{m.List}, nil
}
