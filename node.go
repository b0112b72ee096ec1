// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"crypto/rand"
	"maps"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
)

// A Node is a peer that is ready to run.
type Node struct {
	cfg      Config
	host     *discover.Host
	db       *nodedb.DB
	server   *server.Server
	protocol *eth.Protocol
	chain    *chain.Chain
	stored   bool // the chain is kept beyond Run
	heads    *sources.Sources
	txs      *txgossip.Gossip
	blocks   *blockgossip.Gossip
	sync     *chainsync.Sync
	events   event.Hub
	troubles troubles
	nameless nameless
	fork     params.ForkID // in the record that New made
	started  atomic.Pointer[time.Time]
}

// New checks and copies the configuration and puts the parts together. It opens nothing:
// that is for [Node.Run].
func New(cfg Config) (*Node, error) { return build(cfg, seams{}) }

// seams are where tests put something else in the place of the network.
type seams struct {
	socket   discover.Socket
	listener net.Listener
	dial     func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
}

func build(cfg Config, in seams) (*Node, error) {
	if err := cfg.problems(); err != nil {
		return nil, err
	}
	key, err := nodeKey(cfg.Key)
	if err != nil {
		return nil, err
	}
	n := &Node{stored: cfg.Store != nil || cfg.OpenChain != nil}
	cfg.Record = n.recorder(cfg.Record)
	cfg.RequiredBlocks = maps.Clone(cfg.RequiredBlocks)
	n.cfg = cfg
	if cfg.OpenChain == nil {
		cfg.OpenChain = chain.Open
	}
	if n.chain, err = cfg.OpenChain(chain.Config{
		Params: cfg.Chain, Store: cfg.Store, History: cfg.History, Seals: cfg.Seals, Record: cfg.Record,
	}); err != nil {
		return nil, err
	}
	roles, err := n.makeRoles()
	if err != nil {
		return nil, err
	}
	if n.protocol, err = eth.New(eth.Config{
		Chain: cfg.Chain, NetworkID: cfg.NetworkID, Versions: slices.Clone(cfg.Versions), Roles: roles, Record: cfg.Record, Latest: n.latest,
	}); err != nil {
		return nil, err
	}
	if err := n.remember(); err != nil {
		return nil, err
	}
	if err := n.makeHost(key, in.socket); err != nil {
		return nil, err
	}
	if n.server, err = server.New(n.serverConfig(key, in)); err != nil {
		return nil, err
	}
	return n, nil
}

func (n *Node) serverConfig(key *ecc.PrivateKey, in seams) server.Config {
	cfg := &n.cfg
	c := server.Config{
		Key: key, Client: ClientName(cfg.Identity), Protocols: append([]p2p.Protocol{n.protocol}, cfg.Protocols...),
		MaxPeers: cfg.MaxPeers, Listen: cfg.Listen, External: n.external(), Self: n.host.Self(), Reputation: nodedb.NewReputation(n.db),
		Static: cfg.Static, Trusted: cfg.Trusted, NamedOnly: cfg.TrustedOnly, NetRestrict: cfg.NetRestrict, Record: cfg.Record, Dial: in.dial, Listener: in.listener,
		Ready: func(self enr.Node) {
			n.host.Listening()
			if cfg.Ready != nil {
				cfg.Ready(self.URL())
			}
		},
	}
	if finder := n.host.Finder(); finder != nil {
		c.Candidates, c.Resolver, c.Neighbors = candidates{finder}, finder, finder.Bootnodes
	}
	return c
}

func nodeKey(b []byte) (*ecc.PrivateKey, error) {
	if b == nil {
		return ecc.NewPrivateKey(rand.Reader)
	}
	return ecc.ParsePrivateKey(b)
}

// ClientName is the client name of our Hello (devp2p/rlpx.md#hello-0x00), in the form of other
// clients: name/identity/version/system/language.
func ClientName(identity string) string {
	parts := []string{"ethpeer", identity, "v" + Version, runtime.GOOS + "-" + runtime.GOARCH, runtime.Version()}
	if identity == "" {
		parts = append(parts[:1], parts[2:]...)
	}
	return strings.Join(parts, "/")
}

// Version is the release.
const Version = "0.1.0"
