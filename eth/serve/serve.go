// SPDX-License-Identifier: Apache-2.0

// in: requests · out: descriptors of them, of which the writer makes replies

package serve

import (
	"cmp"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// A Chain is where headers, bodies, receipts and access lists come from, such as a chain.Chain. Any
// goroutine may call its methods. Each returns nil for what is not held; what it returns never changes.
type Chain interface {
	Header(types.Hash) []byte     // RLP
	Body(types.Hash) []byte       // as BlockBodies lists it
	Receipts(types.Hash) []byte   // the RLP list of a block's receipts, in the form of eth/69 (EIP-7642)
	AccessList(types.Hash) []byte // RLP (EIP-7928)

	// Canonical returns the hash of the canonical block with a number.
	Canonical(number uint64) (types.Hash, bool)
}

// A Pool is where transactions and cells come from. Any goroutine may call its methods. They return nil
// for what is not held.
type Pool interface {
	// Pooled returns a transaction in the form that PooledTransactions has in version v: a blob transaction with its
	// sidecar, from eth/72 on without its blobs (EIP-8070).
	Pooled(h types.Hash, v wire.Version) *rlpx.Chunk
	// Cells returns those cells of a transaction that are in mask, in the order of [wire.Cells].
	Cells(h types.Hash, mask wire.CellMask) [][]byte
}

// Config says what there is to serve.
type Config struct {
	Chain Chain
	Pool  Pool // nil = none

	// CacheBytes bounds the items that are kept to be sent again; 0 = 32 MiB, less than 0 = none.
	CacheBytes int
}

// A Server answers the requests of all sessions.
type Server struct {
	chain Chain
	pool  Pool
	cache cache
}

// New returns a server.
func New(cfg Config) *Server {
	s := &Server{chain: cfg.Chain, pool: cfg.Pool}
	s.cache.most = cmp.Or(cfg.CacheBytes, cacheBytes)
	s.cache.start()
	return s
}

// Kinds implements [eth.Role]: all requests that there are.
func (*Server) Kinds() []wire.Kind {
	var kinds []wire.Kind
	for row := range wire.Rows() {
		if row.IsRequest() {
			kinds = append(kinds, row.Kind)
		}
	}
	return kinds
}

// Open implements [eth.Role].
func (s *Server) Open(peer *eth.Session) eth.Listener {
	s.cache.open()
	return &listener{s, peer, peer.Version(), peer.Budget()}
}

// A listener answers one session. It is immutable.
type listener struct {
	*Server
	session *eth.Session
	version wire.Version
	budget  *p2p.Budget
}

// Close implements [eth.Listener].
func (l *listener) Close(error) { l.cache.close() }

// On implements [eth.Listener]: it queues the descriptor of a request.
func (l *listener) On(m wire.Message) error {
	reply := wire.Reply{Kind: m.Kind().Row().Reply}
	switch m := m.(type) {
	case *wire.GetBlockHeaders:
		reply.ID = m.ID
		q := *m
		return l.answer(reply, descriptorBytes, func(out *p2p.Out) { l.headers(out, reply, &q) })
	case *wire.GetBlockBodies:
		reply.ID = m.ID
		return l.answerHashes(reply, m.Hashes, l.bodies)
	case *wire.GetReceipts:
		reply.ID = m.ID
		first := m.FirstIndex
		return l.answerHashes(reply, m.Hashes, func(out *p2p.Out, reply wire.Reply, hashes wire.Hashes) {
			l.receipts(out, reply, hashes, first)
		})
	case *wire.GetBlockAccessLists:
		reply.ID = m.ID
		return l.answerHashes(reply, m.Hashes, l.accessLists)
	case *wire.GetPooledTransactions:
		reply.ID = m.ID
		return l.answerHashes(reply, m.Hashes, l.pooled)
	case *wire.GetCells:
		reply.ID = m.ID
		mask := m.Mask
		return l.answerHashes(reply, m.Hashes, func(out *p2p.Out, reply wire.Reply, hashes wire.Hashes) {
			l.cells(out, reply, hashes, mask)
		})
	case *wire.GetNodeData:
		reply.ID = m.ID // no state is held
	}
	return l.answer(reply, descriptorBytes, func(out *p2p.Out) { out.Raw = reply.AppendEmpty(out.Raw, l.version) })
}

// Costs of a descriptor, in bytes.
const (
	descriptorBytes = 200
	hashBytes       = 33
)

func (l *listener) answer(reply wire.Reply, size int, produce func(*p2p.Out)) error {
	return l.session.AnswerMessage(reply, size, produce)
}

func (l *listener) answerHashes(reply wire.Reply, hashes wire.Hashes, produce func(*p2p.Out, wire.Reply, wire.Hashes)) error {
	mine := hashes.Clone() // the message is borrowed
	return l.answer(reply, descriptorBytes+hashBytes*mine.Len(), func(out *p2p.Out) { produce(out, reply, mine) })
}
