// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"slices"
	"testing"
)

// A reply built from the items of a vector is the vector, whether it is appended as a
// whole or as a head and its items.
func TestReply(t *testing.T) {
	var s Storage
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		if !row.IsReply() || row.Kind == KindCells { // see TestAppendCells
			return
		}
		m, err := s.Decode(v, row.Code, x.payload)
		if err != nil {
			t.Fatal(err)
		}
		reply, l := replyOf(t, m)
		equal(t, x.String(), reply.Append([]byte("x"), v, slices.Collect(l.Items())), join([]byte("x"), x.payload))
		equal(t, x.String(), append(reply.AppendHead([]byte("x"), v, len(l.Content())), l.Content()...), join([]byte("x"), x.payload))
	})
}

func replyOf(t *testing.T, m Message) (Reply, List) {
	r := Reply{Kind: m.Kind()}
	switch m := m.(type) {
	case *BlockHeaders:
		r.ID = m.ID
		return r, m.List
	case *BlockBodies:
		r.ID = m.ID
		return r, m.List
	case *PooledTransactions:
		r.ID = m.ID
		return r, m.List
	case *NodeData:
		r.ID = m.ID
		return r, m.List
	case *Receipts:
		r.ID, r.LastIncomplete = m.ID, m.LastIncomplete
		return r, m.List
	case *BlockAccessLists:
		r.ID = m.ID
		return r, m.List
	}
	t.Fatalf("%v is no reply that this test knows", m.Kind())
	return r, List{}
}
