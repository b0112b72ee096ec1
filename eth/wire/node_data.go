// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// GetNodeData asks for state trie nodes and contract code by hash. EIP-4938 removed it:
//
//	eth/63–65  [hash, …]
//	eth/66     [id, [hash, …]]
type GetNodeData struct {
	ID     uint64
	Hashes Hashes
}

// NodeData answers GetNodeData. Its items are byte strings:
//
//	eth/63–65  [value, …]
//	eth/66     [id, [value, …]]
type NodeData struct {
	ID uint64
	List
}

// Kind returns KindGetNodeData.
func (*GetNodeData) Kind() Kind { return KindGetNodeData }

// Kind returns KindNodeData.
func (*NodeData) Kind() Kind { return KindNodeData }

func (m *GetNodeData) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.Hashes = decodeHashes(c, row, v)
}

// Append implements [Message].
func (m *GetNodeData) Append(dst []byte, v Version) []byte {
	return appendHashesAgain(dst, v, m.ID, m.Hashes)
}

func (m *NodeData) decode(c *rlp.Cursor, row *Row, v Version) {
	m.ID, m.List = decodeReply(c, row, v, "values", byteStrings)
}

// Append implements [Message].
func (m *NodeData) Append(dst []byte, v Version) []byte {
	return Reply{Kind: KindNodeData, ID: m.ID}.appendAgain(dst, v, m.List)
}

// NodeDataRequest asks for state trie nodes and contract code.
type NodeDataRequest struct {
	Hashes []types.Hash
}

// NodeValues is the reply to a [NodeDataRequest]: raw byte strings, in the order of the request.
// Those that the peer does not have are left out. It owns its bytes.
type NodeValues struct{ List }

// Ask implements [Request].
func (NodeDataRequest) Ask() Kind { return KindGetNodeData }

// Append implements [Request].
func (r NodeDataRequest) Append(dst []byte, v Version, id uint64) []byte {
	return appendHashesRequest(dst, v, id, r.Hashes)
}

// ParseReply implements [Request].
func (r NodeDataRequest) ParseReply(v Version, payload []byte) (NodeValues, error) {
	var m NodeData
	if err := parseReply(v, payload, &m, uint64(len(r.Hashes))); err != nil {
		return NodeValues{}, err
	}
	return NodeValues{m.List}, nil
}
