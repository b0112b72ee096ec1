// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"slices"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// Bounds of Findnode and Nodes.
const (
	MaxDistance  = 256 // of two node IDs: the bits from the first that differs; 0: the same ID
	MaxDistances = MaxDistance + 1
	MaxRecords   = 16 // in one Nodes, and in all that answer a Findnode
	MaxParts     = 5  // Nodes that answer one Findnode: deployed clients read no more
)

// nodesSpace is what is left for records in a datagram: without header, authdata and tag,
// kind, lists, request ID and total.
const nodesSpace = MaxSize - authAt - messageAuth - tagSize - (1 + 3 + 9 + 2 + 3)

// Findnode asks for nodes at given distances from the node that is asked; for itself at
// distance 0 (devp2p/discv5/discv5-wire.md#findnode-request-0x03). When it is read, a distance
// over [MaxDistance] is skipped, as are those after the first [MaxDistances].
type Findnode struct {
	ID        RequestID
	Distances []uint16
}

// Nodes answers a Findnode (devp2p/discv5/discv5-wire.md#nodes-response-0x04). When it is read,
// a record over [enr.MaxSize] is skipped, as are those after the first [MaxRecords].
type Nodes struct {
	ID      RequestID
	Total   uint8    // how many Nodes there are for the request: a claim, and some claim 0
	Records [][]byte // each one RLP item, for [enr.Decode] to check; borrowed
	Skipped int      // records that were skipped when it was read
}

// SplitNodes returns the answer to a Findnode: at most [MaxParts] Nodes that tell of the first
// [MaxRecords] of the records, and one if there are none. Each record is in the first part that
// has room for it; one that fits into none is left out. Records are not copied.
func SplitNodes(id RequestID, records []*enr.Record) []*Nodes {
	parts := []*Nodes{{ID: id}}
	space := []int{nodesSpace} // of each part
	for _, r := range records[:min(len(records), MaxRecords)] {
		size := len(r.Raw())
		i := slices.IndexFunc(space, func(left int) bool { return left >= size })
		if i < 0 && len(parts) < MaxParts {
			i = len(parts)
			parts, space = append(parts, &Nodes{ID: id}), append(space, nodesSpace)
		}
		if i >= 0 {
			parts[i].Records = append(parts[i].Records, r.Raw())
			space[i] -= size
		}
	}
	for _, part := range parts {
		part.Total = uint8(len(parts))
	}
	return parts
}

// Kind returns KindFindnode.
func (*Findnode) Kind() Kind { return KindFindnode }

// Kind returns KindNodes.
func (*Nodes) Kind() Kind { return KindNodes }

// RequestID implements [Message].
func (m *Findnode) RequestID() RequestID { return m.ID }

// RequestID implements [Message].
func (m *Nodes) RequestID() RequestID { return m.ID }

func (m *Findnode) append(dst []byte) []byte {
	dst = m.ID.append(dst)
	dst, list := rlp.OpenList(dst)
	for _, d := range m.Distances {
		dst = rlp.AppendUint64(dst, uint64(d))
	}
	return rlp.CloseList(dst, list)
}

func (m *Findnode) decode(c *rlp.Cursor) {
	m.ID.decode(c)
	c.List("distances")
	for c.More() {
		d := c.Uint64("distance")
		if d <= MaxDistance && len(m.Distances) < MaxDistances {
			m.Distances = append(m.Distances, uint16(d))
		}
	}
	c.End()
}

func (m *Nodes) append(dst []byte) []byte {
	dst = m.ID.append(dst)
	dst = rlp.AppendUint64(dst, uint64(m.Total))
	dst, list := rlp.OpenList(dst)
	for _, r := range m.Records {
		dst = append(dst, r...)
	}
	return rlp.CloseList(dst, list)
}

func (m *Nodes) decode(c *rlp.Cursor) {
	m.ID.decode(c)
	m.Total = uint8(min(c.Uint64("total"), 0xff))
	c.List("records")
	for c.More() {
		r := c.Raw("record")
		if len(r) > enr.MaxSize || len(m.Records) == MaxRecords {
			m.Skipped++
			continue
		}
		m.Records = append(m.Records, r)
	}
	c.End()
}
