// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/types"
)

// FuzzMessages decodes any payload as any message of any version. What is accepted must
// be encoded to the same bytes, for RLP has one form only, and its parts must be there.
func FuzzMessages(f *testing.F) {
	for _, x := range loadVectors(f) {
		f.Add(uint(x.from), x.row().Code, x.payload)
		f.Add(uint(x.to), x.row().Code, x.payload)
	}
	var s Storage
	f.Fuzz(func(t *testing.T, version uint, code uint64, payload []byte) {
		v := Version(version)
		m, err := s.Decode(v, code, payload)
		if err != nil {
			_, _ = RequestID(v, payload)
			return
		}
		again := m.Append(nil, v)
		if m.Kind().Row().IsRequest() && len(again) < len(payload) { // it asks for more than we look at
			payload = again
		}
		if !bytes.Equal(again, payload) {
			t.Fatalf("%v %v: encoded again:\n%x, want\n%x", v, m.Kind(), again, payload)
		}
		checkParts(t, m)
		checkReply(t, v, m, payload)
		said := describe(m)
		m, err = s.Decode(v, code, payload)
		if err != nil || !slices.Equal(describe(m), said) {
			t.Fatalf("%v: decoded again: %v, %v", v, m, err)
		}
	})
}

// checkParts checks that iterators yield as many items as Len says, and nothing that is
// not in the message.
func checkParts(t *testing.T, m Message) {
	type counted interface{ Len() int }
	l, ok := m.(counted)
	if !ok {
		return
	}
	n := 0
	switch m := m.(type) {
	case *NewBlockHashes:
		for range m.All() {
			n++
		}
	case *NewPooledTransactionHashes:
		for range m.All() {
			n++
		}
	case *Cells:
		for range m.All() {
			n++
		}
	case interface {
		Items() func(func([]byte) bool)
	}:
		t.Fatal("Items has changed its type")
	default:
		_, list := replyOrTransactions(t, m)
		size := 0
		for item := range list.Items() {
			n++
			size += len(item)
		}
		if size != len(list.Content()) {
			t.Fatalf("%v: items have %d bytes of %d", m.Kind(), size, len(list.Content()))
		}
	}
	if n != l.Len() || n > m.Kind().Row().Items {
		t.Fatalf("%v: %d items, Len %d", m.Kind(), n, l.Len())
	}
}

func replyOrTransactions(t *testing.T, m Message) (Reply, List) {
	if m, ok := m.(*Transactions); ok {
		return Reply{}, m.List
	}
	return replyOf(t, m)
}

// checkReply checks that a reply which Decode accepts is accepted by the request for
// enough.
func checkReply(t *testing.T, v Version, m Message, payload []byte) {
	enough := make([]types.Hash, 4096)
	var err error
	switch m.Kind() {
	case KindBlockHeaders:
		_, err = HeadersRequest{Amount: 4096}.ParseReply(v, payload)
	case KindBlockBodies:
		_, err = BodiesRequest{enough}.ParseReply(v, payload)
	case KindPooledTransactions:
		_, err = PooledRequest{enough}.ParseReply(v, payload)
	case KindNodeData:
		_, err = NodeDataRequest{enough}.ParseReply(v, payload)
	case KindReceipts:
		_, err = ReceiptsRequest{Hashes: enough}.ParseReply(v, payload)
	case KindBlockAccessLists:
		_, err = AccessListsRequest{enough}.ParseReply(v, payload)
	case KindCells:
		if _, err = (CellsRequest{enough, AllCells()}).ParseReply(v, payload); errors.Is(err, ErrNotAsked) {
			err = nil // these hashes were not
		}
	}
	if err != nil {
		t.Fatalf("%v %v: Decode accepts it, ParseReply says %v", v, m.Kind(), err)
	}
}
