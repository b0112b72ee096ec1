// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// GetBlockBodies asks for block bodies (devp2p/caps/eth.md#getblockbodies-0x05):
//
//	eth/63–65  [hash, …]
//	eth/66     [id, [hash, …]]
type GetBlockBodies struct {
	ID     uint64
	Hashes Hashes
}

// BlockBodies answers GetBlockBodies (devp2p/caps/eth.md#blockbodies-0x06):
//
//	eth/63–65  [body, …]
//	eth/66     [id, [body, …]]
//
// A body is [[tx, …], [uncle, …]], from Shanghai on with [withdrawal, …] as a third list.
type BlockBodies struct {
	ID uint64
	List
}

// Kind returns KindGetBlockBodies.
func (*GetBlockBodies) Kind() Kind { return KindGetBlockBodies }

// Kind returns KindBlockBodies.
func (*BlockBodies) Kind() Kind { return KindBlockBodies }

func (m *GetBlockBodies) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.Hashes = decodeHashes(c, row, v)
}

// Append implements [Message].
func (m *GetBlockBodies) Append(dst []byte, v Version) []byte {
	return appendHashesAgain(dst, v, m.ID, m.Hashes)
}

func (m *BlockBodies) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.List = decodeReply(c, row, v, "bodies", lists)
}

// Append implements [Message].
func (m *BlockBodies) Append(dst []byte, v Version) []byte {
	return Reply{Kind: KindBlockBodies, ID: m.ID}.appendAgain(dst, v, m.List)
}

// BodiesRequest asks for the bodies of blocks.
type BodiesRequest struct {
	Hashes []types.Hash
}

// Bodies is the reply to a [BodiesRequest]: raw bodies, in the order of the request. Bodies that
// the peer does not have are left out, so the caller must match each with its header. It owns its
// bytes.
type Bodies struct{ List }

// Ask implements [Request].
func (BodiesRequest) Ask() Kind { return KindGetBlockBodies }

// Append implements [Request].
func (r BodiesRequest) Append(dst []byte, v Version, id uint64) []byte {
	return appendHashesRequest(dst, v, id, r.Hashes)
}

// ParseReply implements [Request].
func (r BodiesRequest) ParseReply(v Version, payload []byte) (Bodies, error) {
	var m BlockBodies
	if err := parseReply(v, payload, &m, uint64(len(r.Hashes))); err != nil {
		return Bodies{}, err
	}
	return Bodies{m.List}, nil
}
