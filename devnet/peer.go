// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A peer is one node of the network: the roles of a node around a chain, and a pool of transactions, which no role has.
type peer struct {
	name     string
	key      *ecc.PrivateKey
	versions []wire.Version
	chainID  uint64

	chain  *chain.Chain
	pool   *pool
	blocks *blockgossip.Gossip
	sync   *chainsync.Sync
	proto  *eth.Protocol
}

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
func newPeer(i int, key *ecc.PrivateKey, c *params.Chain) (*peer, error) {
	p := &peer{
		name: fmt.Sprintf("devnet/%d", i+1), key: key, versions: offers[i%len(offers)], chainID: c.ChainID, pool: newPool(),
	}
	if i == 0 {
		p.name += "-sealer"
	}
	var err error
	if p.chain, err = chain.Open(chain.Config{Params: c}); err != nil {
		return nil, err
	}
	p.sync = chainsync.New(chainsync.Config{Chain: p.chain})
	p.blocks = blockgossip.New(blockgossip.Config{
		Params: c, Chain: p.chain, Body: p.onBlock, Believe: p.sync.Believe, Syncing: p.sync.Syncing,
	})
	return p, p.speak(c, p.versions)
}

// speak makes the peer's protocol.
func (p *peer) speak(c *params.Chain, versions []wire.Version) (err error) {
	answers := serve.New(serve.Config{Chain: p.chain, Pool: p.pool})
	p.proto, err = eth.New(eth.Config{
		Chain: c, Versions: versions, Roles: []eth.Role{answers, p, p.blocks, p.sync}, Latest: p.latest,
	})
	return err
}

// latest is the peer's head and range for a Status (devp2p/caps/eth.md#status-0x00).
func (p *peer) latest() eth.Latest {
	h := p.chain.Head()
	return eth.Latest{Number: h.Number, Time: h.Time, Hash: h.Hash, TD: h.TD, Earliest: min(p.chain.Earliest(), h.Number)}
}

// onBlock notes that transactions are in a block. The loop of block gossip calls it.
func (p *peer) onBlock(_ time.Time, _ event.Source, txs []byte) {
	for len(txs) > 0 {
		_, _, after, err := rlp.Split(txs)
		if err != nil {
			return
		}
		if tx, err := types.DecodeTx(txs[:len(txs)-len(after)]); err == nil {
			p.pool.seal(tx.Hash())
		}
		txs = after
	}
}

// server returns what runs the peer. It keeps connected to the nodes given.
func (p *peer) server(connect []enr.Node, ready func(enr.Node)) (*server.Server, error) {
	return server.New(server.Config{
		Key: p.key, Client: p.name, Protocols: []p2p.Protocol{p.proto},
		Listen: "127.0.0.1:0", Static: connect, Ready: ready,
	})
}

// run runs the peer until ctx ends: its roles for as long as there are sessions.
func (p *peer) run(ctx context.Context, s *server.Server) error {
	after, end := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	loops.Go(func() { p.blocks.Run(after) })
	loops.Go(func() { p.sync.Run(after) })
	err := s.Run(ctx)
	end()
	loops.Wait()
	return err
}
