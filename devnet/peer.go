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
// sessions call it; what they share is behind mutexes of its own and of its ledger.
type peer struct {
	name     string
	key      *ecc.PrivateKey
	versions []wire.Version
	ledger   *ledger
	proto    *eth.Protocol

	mu       sync.Mutex // guards what follows, and the remotes
	remotes  map[*eth.Session]*remote
	fetching bounded.Set[types.Hash] // blocks that were asked for
}

// remote is what a peer wants of a session.
type remote struct {
	wants  bounded.Set[types.Hash] // announced transactions to be asked for
	asking bool                    // a request is in flight
}

// Bounds of what is wanted.
const (
	maxWants    = 1024 // transactions, per session; the oldest make room
	maxFetching = 64   // blocks with their ancestors; further ones have to wait
)

// offers are the versions of the peers, in turn: all from 63 on, by releases of different
// ages. The first two gossip blocks with everybody whom they can talk to.
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
		remotes:  make(map[*eth.Session]*remote),
		fetching: bounded.NewSet[types.Hash](maxFetching, bounded.DropNew),
	}
	if i == 0 {
		p.name += "-sealer"
	}
	var err error
	if p.ledger, err = newLedger(c, signer); err != nil {
		return nil, err
	}
	p.proto, err = eth.New(eth.Config{
		Chain: c, Versions: p.versions, Roles: []eth.Role{p}, Latest: p.ledger.latest,
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

// Messages implements [eth.Role]: gossip and all requests.
func (*peer) Messages() []wire.Kind {
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

// PeerUp implements [eth.Role]: the newcomer hears of all transactions that wait for a
// block, as nodes do it, and we ask for what it has and we lack.
func (p *peer) PeerUp(s *eth.Session) {
	p.mu.Lock()
	p.remotes[s] = &remote{wants: bounded.NewSet[types.Hash](maxWants, bounded.DropOldest)}
	p.mu.Unlock()
	for _, tx := range p.ledger.pending() {
		p.announce(s, tx)
	}
	p.missing(s, s.Status().Head, maxAncestors)
}

// PeerDown implements [eth.Role].
func (p *peer) PeerDown(s *eth.Session, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.remotes, s)
}

// On implements [eth.Role].
func (p *peer) On(s *eth.Session, m wire.Message) error {
	switch m := m.(type) {
	case *wire.Transactions:
		return p.onTxs(s, m.List)
	case *wire.NewPooledTransactionHashes:
		p.onAnnounced(s, m)
	case *wire.NewBlock:
		return p.onNewBlock(s, m)
	case *wire.NewBlockHashes:
		for h, number := range m.All() {
			s.LearnsBlock(h)
			p.missing(s, h, p.distance(number))
		}
	case *wire.BlockRangeUpdate:
		p.missing(s, m.LatestHash, p.distance(m.Latest))
	default:
		return p.answer(s, m)
	}
	return nil
}
