// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A Network is some peers, and what they talk about. It runs once.
type Network struct {
	chain *params.Chain
	file  []byte
	peers []*peer
	nodes []enr.Node // written by Run before it calls ready

	// owner: the loop
	rand   *rand.Rand
	wallet *wallet
	sealer *sealer
	period time.Duration
	pause  time.Duration // between two transactions
}

// New makes a network: its chain and the keys of its peers. It opens nothing: that
// is for [Network.Run].
func New(cfg Config) (*Network, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	n := &Network{
		rand: rand.New(cfg.Rand), period: cfg.Period, pause: time.Duration(float64(time.Second) / cfg.TPS),
	}
	key, err := ecc.NewPrivateKey(cfg.Rand)
	if err != nil {
		return nil, err
	}
	if n.wallet, err = newWallet(cfg.Rand); err != nil {
		return nil, err
	}
	signer := types.AddressOf(key.Public())
	if n.file, err = genesis(cfg.Start, cfg.Period, signer, n.wallet.addresses()); err != nil {
		return nil, err
	}
	if n.chain, err = newChain(n.file); err != nil {
		return nil, err
	}
	for i := range cfg.Peers {
		nodeKey, err := ecc.NewPrivateKey(cfg.Rand)
		if err != nil {
			return nil, err
		}
		p, err := newPeer(i, nodeKey, n.chain)
		if err != nil {
			return nil, err
		}
		n.peers = append(n.peers, p)
	}
	n.sealer = newSealer(key, n.peers[0])
	return n, nil
}

// Chain returns the network's chain. It must not be changed.
func (n *Network) Chain() *params.Chain { return n.chain }

// Genesis returns the chain's genesis file, which other clients read too.
func (n *Network) Genesis() []byte { return bytes.Clone(n.file) }

// Nodes returns the peers, with the ports at which they listen. There are none until Run has
// called ready; then they stay the same.
func (n *Network) Nodes() []enr.Node { return slices.Clone(n.nodes) }

// share reports whether two peers have a version in common.
func share(a, b *peer) bool {
	return slices.ContainsFunc(a.versions, func(v wire.Version) bool { return slices.Contains(b.versions, v) })
}
