// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A Server answers from the genesis block of one chain. It is immutable.
type Server struct {
	hash     types.Hash
	header   []byte
	body     []byte
	receipts []byte
}

// New returns a server of the chain's genesis block.
func New(chain *params.Chain) (*Server, error) {
	h, err := types.DecodeHeader(chain.Genesis)
	if err != nil {
		return nil, err
	}
	s := &Server{hash: chain.GenesisHash, header: chain.Genesis, receipts: []byte{0xc0}}
	var list int
	s.body, list = rlp.OpenList(nil)
	s.body = append(s.body, 0xc0, 0xc0) // transactions, uncles
	if h.Optional >= types.ShanghaiFields {
		s.body = append(s.body, 0xc0) // EIP-4895
	}
	s.body = rlp.CloseList(s.body, list)
	return s, nil
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
func (s *Server) Open(peer *eth.Session) eth.Listener { return &listener{s, peer} }

// A listener answers one session.
type listener struct {
	*Server
	session *eth.Session
}

// Close implements [eth.Listener]; there is nothing to do.
func (*listener) Close(error) {}

// On implements [eth.Listener]: it answers a request.
func (s *listener) On(m wire.Message) error {
	var items [][]byte
	var id uint64
	v := s.session.Version()
	switch m := m.(type) {
	case *wire.GetBlockHeaders:
		id, items = m.ID, s.headers(m)
	case *wire.GetBlockBodies:
		id, items = m.ID, s.bodies(m.Hashes)
	case *wire.GetReceipts:
		id, items = m.ID, s.receiptLists(m.Hashes)
	case *wire.GetBlockAccessLists:
		id, items = m.ID, unavailable(m.Hashes.Len())
	case *wire.GetPooledTransactions:
		id = m.ID // we relay nothing, so we have announced nothing
	case *wire.GetNodeData:
		id = m.ID // we hold no state
	case *wire.GetCells:
		reply, mask := wire.Reply{Kind: wire.KindCells, ID: m.ID}, m.Mask // we hold no blobs
		return s.session.Answer(reply, 0, func(dst []byte) []byte {
			return wire.AppendCells(dst, v, reply.ID, mask, nil)
		})
	}
	reply := wire.Reply{Kind: m.Kind().Row().Reply, ID: id}
	return s.session.Answer(reply, sliceBytes*len(items), func(dst []byte) []byte {
		return reply.Append(dst, v, items)
	})
}

// sliceBytes is what an item costs that waits to be sent: a slice of what we hold.
const sliceBytes = 24

// headers answers a query. It ends at the first header that we do not have, so only one
// that starts at the genesis block gets any; and whichever way that goes, the genesis
// block is all of it.
func (s *Server) headers(q *wire.GetBlockHeaders) [][]byte {
	genesis := q.Origin == wire.AtNumber(0) || q.Origin == wire.AtHash(s.hash)
	if q.Amount == 0 || !genesis {
		return nil
	}
	return [][]byte{s.header}
}

// bodies answers a list of hashes: the body for each that is the genesis block's, as often as it is
// asked for, and nothing for the others (devp2p/caps/eth.md#blockbodies-0x06).
func (s *Server) bodies(hashes wire.Hashes) (items [][]byte) {
	for _, h := range hashes.All() {
		if h == s.hash && len(items) < wire.KindBlockBodies.Row().SendItems {
			items = append(items, s.body)
		}
	}
	return items
}

// receiptLists answers a list of hashes: the receipts of each block, up to the first block that we do
// not have, because the list at i is that of the hash at i (devp2p/caps/eth.md#receipts-0x10).
func (s *Server) receiptLists(hashes wire.Hashes) (items [][]byte) {
	for _, h := range hashes.All() {
		if h != s.hash || len(items) == wire.KindReceipts.Row().SendItems {
			break
		}
		items = append(items, s.receipts)
	}
	return items
}

// noAccessList stands for a block access list that we do not have: this answer has a
// place for each question (EIP-8159).
var noAccessList = wire.AppendNoAccessList(nil)

func unavailable(n int) [][]byte {
	items := make([][]byte, min(n, wire.KindBlockAccessLists.Row().SendItems))
	for i := range items {
		items[i] = noAccessList
	}
	return items
}
