// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A server is a peer that serves a line of blocks. Its ways may be changed before it serves.
type server struct {
	*peers.Conn
	line   line
	byHash map[types.Hash]*block
	first  uint64 // the first block of which it has body and receipts

	// What it does to replies; nil: nothing.
	headers  func(q *wire.GetBlockHeaders, items [][]byte) [][]byte
	bodies   func(items [][]byte) [][]byte
	receipts func(items [][]byte) [][]byte
	silent   func(k wire.Kind) bool
	delay    time.Duration
	maxPart  int // receipts of one block in one reply of eth/70; 0: all

	asked [wire.Kinds]atomic.Int64 // requests by kind
	heard atomic.Pointer[wire.BlockName]
}

// serve connects a peer that has the line and states its head.
func serve(t *testing.T, n *peers.Node, name string, v wire.Version, l line, change ...func(*server, *wire.Status)) *server {
	t.Helper()
	s := &server{Conn: n.Attach(name, v), line: l, byHash: make(map[types.Hash]*block)}
	t.Cleanup(s.Close)
	for _, b := range l {
		s.byHash[b.hash] = b
	}
	status := s.Status()
	last := l.last()
	status.Head, status.Latest, status.TD = last.hash, last.Number, last.td
	for _, f := range change {
		f(s, status)
	}
	if err := s.Tell(wire.KindStatus, status.Append(nil, v)); err != nil {
		t.Fatal(err)
	}
	go s.run()
	return s
}

func (s *server) run() {
	var storage wire.Storage
	for {
		code, payload, err := s.Read()
		if err != nil {
			return
		}
		switch {
		case code == peers.CodePing:
			_ = s.Say(peers.CodePong, []byte{0xc0})
			continue
		case code < peers.CodeEth:
			continue
		}
		m, err := storage.Decode(s.Version(), code-peers.CodeEth, payload)
		if err != nil {
			return
		}
		row := m.Kind().Row()
		s.asked[m.Kind()].Add(1)
		if hashes, ok := m.(*wire.NewBlockHashes); ok {
			for h, n := range hashes.All() {
				s.heard.Store(&wire.BlockName{Hash: h, Number: n})
			}
		}
		if !row.IsRequest() || s.silent != nil && s.silent(m.Kind()) {
			continue
		}
		if s.delay > 0 {
			<-time.After(s.delay)
		}
		reply, items := s.answer(m)
		_ = s.Tell(row.Reply, reply.Append(nil, s.Version(), items))
	}
}

func (s *server) answer(m wire.Message) (r wire.Reply, items [][]byte) {
	r.Kind = m.Kind().Row().Reply
	switch m := m.(type) {
	case *wire.GetBlockHeaders:
		r.ID, items = m.ID, s.headersOf(m)
		if s.headers != nil {
			items = s.headers(m, items)
		}
	case *wire.GetBlockBodies:
		r.ID = m.ID
		for _, h := range m.Hashes.All() {
			if b := s.byHash[h]; b != nil && b.Number >= s.first {
				items = append(items, b.body)
			}
		}
		if s.bodies != nil {
			items = s.bodies(items)
		}
	case *wire.GetReceipts:
		r.ID = m.ID
		items, r.LastIncomplete = s.receiptsOf(m)
		if s.receipts != nil {
			items = s.receipts(items)
		}
	}
	return r, items
}

func (s *server) headersOf(q *wire.GetBlockHeaders) (items [][]byte) {
	n := q.Origin.Number
	if q.Origin.ByHash {
		b := s.byHash[q.Origin.Hash]
		if b == nil {
			return nil
		}
		n = b.Number
	}
	most := uint64(1024)
	if !s.Version().HasRequestIDs() {
		most = 192
	}
	for n < uint64(len(s.line)) && uint64(len(items)) < min(q.Amount, most) {
		items = append(items, s.line[n].Raw)
		switch {
		case q.Reverse && n < q.Skip+1, q.Skip > 1<<32:
			return items
		case q.Reverse:
			n -= q.Skip + 1
		default:
			n += q.Skip + 1
		}
	}
	return items
}

// receiptsOf answers in the form of the version.
func (s *server) receiptsOf(q *wire.GetReceipts) (items [][]byte, incomplete bool) {
	for i, h := range q.Hashes.All() {
		b := s.byHash[h]
		if b == nil || b.Number < s.first {
			continue
		}
		c := rlp.Read(b.receipts)
		c.List("")
		var content []byte
		for n := 0; c.More(); n++ {
			item := c.Raw("")
			if i == 0 && uint64(n) < q.FirstIndex {
				continue
			}
			if s.maxPart > 0 && n >= int(q.FirstIndex)*map[bool]int{true: 1}[i == 0]+s.maxPart && s.Version() >= 70 {
				return append(items, listOf(content)), true
			}
			if s.Version() < 69 {
				r, err := types.DecodeFlatReceipt(item)
				if err != nil {
					panic(err)
				}
				item = r.AppendItem(nil)
			}
			content = append(content, item...)
		}
		items = append(items, listOf(content))
	}
	return items, false
}
