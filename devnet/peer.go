// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"fmt"
	"sync"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A peer is one node of the network, and the role that it plays. Readers and owners of its
// sessions call it; what they share is behind mutexes of its own and of its store.
type peer struct {
	name     string
	key      *ecc.PrivateKey
	versions []wire.Version
	store    *store
	pool     *pool
	proto    *eth.Protocol

	mu       sync.Mutex              // guards what follows
	fetching bounded.Set[types.Hash] // blocks that were asked for
}

// A listener is a peer's side of one session.
type listener struct {
	*peer
	session *eth.Session

	mu     sync.Mutex              // guards what follows
	wants  bounded.Set[types.Hash] // announced transactions to be asked for
	asking bool                    // a request is in flight
}

// Bounds of what is wanted.
const (
	maxWants    = 1024 // transactions, per session; the oldest make room
	maxFetching = 64   // blocks with their ancestors; further ones have to wait
)

// offers are the versions of the peers, in turn: all from 63 on, by releases of different
// ages. The first two gossip blocks in every version that they offer.
var offers = [...][]wire.Version{
	{68, 67, 66},
	{68, 67, 66, 65},
	{65, 64, 63},
	{72, 71, 70, 69, 68},
	{70, 69, 68, 65},
}

// newPeer returns the i-th peer.
func newPeer(i int, key *ecc.PrivateKey, c *params.Chain, signer types.Address) (*peer, error) {
	p := &peer{
		name: fmt.Sprintf("devnet/%d", i+1), key: key, versions: offers[i%len(offers)],
		fetching: bounded.NewSet[types.Hash](maxFetching, bounded.DropNew),
	}
	if i == 0 {
		p.name += "-sealer"
	}
	var err error
	if p.store, err = newStore(c, signer); err != nil {
		return nil, err
	}
	p.pool = p.store.pool
	p.proto, err = eth.New(eth.Config{
		Chain: c, Versions: p.versions, Roles: []eth.Role{p}, Latest: p.store.latest,
	})
	return p, err
}

// server returns what runs the peer. It keeps connected to the nodes given.
func (p *peer) server(connect []enr.Node, ready func(enr.Node)) (*server.Server, error) {
	return server.New(server.Config{
		Key: p.key, Client: p.name, Protocols: []p2p.Protocol{p.proto},
		Listen: "127.0.0.1:0", Static: connect, Ready: ready,
	})
}

// Kinds implements [eth.Role]: gossip and all requests.
func (*peer) Kinds() []wire.Kind {
	kinds := []wire.Kind{
		wire.KindTransactions, wire.KindNewPooledTransactionHashes,
		wire.KindNewBlock, wire.KindNewBlockHashes, wire.KindBlockRangeUpdate,
	}
	for row := range wire.Rows() {
		if row.IsRequest() {
			kinds = append(kinds, row.Kind)
		}
	}
	return kinds
}

// Open implements [eth.Role]: it announces all pending transactions to the new session
// (devp2p/caps/eth.md#transaction-exchange), and requests the blocks that we lack.
func (p *peer) Open(s *eth.Session) eth.Listener {
	for _, tx := range p.pool.pending() {
		p.announce(s, tx)
	}
	p.missing(s, s.Status().Head, maxAncestors)
	return &listener{peer: p, session: s, wants: bounded.NewSet[types.Hash](maxWants, bounded.DropOldest)}
}

// Close implements [eth.Listener].
func (*listener) Close(error) {}

// On implements [eth.Listener].
func (l *listener) On(m wire.Message) error {
	s := l.session
	switch m := m.(type) {
	case *wire.Transactions:
		return l.onTxs(s, m.List)
	case *wire.NewPooledTransactionHashes:
		l.onAnnounced(m)
	case *wire.NewBlock:
		return l.onNewBlock(s, m)
	case *wire.NewBlockHashes:
		for h, number := range m.All() {
			s.MarkBlock(h)
			l.missing(s, h, l.distance(number))
		}
	case *wire.BlockRangeUpdate:
		l.missing(s, m.LatestHash, l.distance(m.Latest))
	default:
		return l.answer(s, m)
	}
	return nil
}
