// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// Bounds of Findnode and Nodes.
const (
	MaxDistance  = 256 // of two node IDs: the bits from the first that differs; 0: the same ID
	MaxDistances = MaxDistance + 1
	MaxRecords   = 16 // in one Nodes, and in all that answer a Findnode
)

// nodesSpace is what is left for records in a datagram: without header, authdata and tag,
// kind, lists, request ID and total.
const nodesSpace = MaxSize - authAt - messageAuth - tagSize - (1 + 3 + 9 + 2 + 3)

// Findnode asks for nodes at given distances from the node that is asked; for itself at
// distance 0 (devp2p/discv5/discv5-wire.md#findnode-request-0x03). More than [MaxDistances]
// distances, or one over [MaxDistance], are refused.
type Findnode struct {
	ID        RequestID
	Distances []uint16
}

// Nodes answers a Findnode (devp2p/discv5/discv5-wire.md#nodes-response-0x04). A Nodes with
// more than [MaxRecords] records, or with one over [enr.MaxSize], is refused.
type Nodes struct {
	ID      RequestID
	Total   uint8    // how many Nodes there are for the request: a claim, and some claim 0
	Records [][]byte // each one RLP item, for [enr.Decode] to check; borrowed
}

// SplitNodes returns the answer to a Findnode: as many Nodes as it takes to tell of the
// first [MaxRecords] of the records, and one if there are none. Records are not copied.
func SplitNodes(id RequestID, records []*enr.Record) []*Nodes {
	part, space := &Nodes{ID: id}, nodesSpace
	parts := []*Nodes{part}
	for _, r := range records[:min(len(records), MaxRecords)] {
		if space < len(r.Raw()) {
			part, space = &Nodes{ID: id}, nodesSpace
			parts = append(parts, part)
		}
		part.Records = append(part.Records, r.Raw())
		space -= len(r.Raw())
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
		switch {
		case d > MaxDistance:
			c.Fail("distance", rlp.ErrOverflow)
		case len(m.Distances) == MaxDistances:
			c.Fail("distance", rlp.ErrTooMany)
		default:
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
	total := c.Uint64("total")
	if total > 0xff {
		c.Fail("total", rlp.ErrOverflow)
	}
	m.Total = uint8(total)
	c.List("records")
	for c.More() {
		r := c.Raw("record")
		switch {
		case len(r) > enr.MaxSize:
			c.Fail("record", enr.ErrTooLarge)
		case len(m.Records) == MaxRecords:
			c.Fail("record", rlp.ErrTooMany)
		default:
			m.Records = append(m.Records, r)
		}
	}
	c.End()
}
