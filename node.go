// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
)

// A Node is a peer that is ready to run.
type Node struct {
	cfg      Config
	host     *discover.Host
	db       *nodedb.DB
	server   *server.Server
	protocol *eth.Protocol
	txs      *txgossip.Gossip
	blocks   *blockgossip.Gossip
	events   event.Hub
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
	genesis, err := serve.Genesis(cfg.Chain)
	if err != nil {
		return nil, fmt.Errorf("the chain's genesis header: %w", err)
	}
	n := new(Node)
	cfg.Record = n.recorder(cfg.Record)
	n.cfg = cfg
	n.txs = txgossip.New(txgossip.Config{Record: cfg.Record, Chain: cfg.Chain})
	n.blocks = blockgossip.New(blockgossip.Config{Record: cfg.Record, Params: cfg.Chain, Body: n.txs.FromBlock})
	if n.protocol, err = eth.New(eth.Config{
		Chain: cfg.Chain, NetworkID: cfg.NetworkID, Versions: slices.Clone(cfg.Versions),
		Roles:  []eth.Role{serve.New(serve.Config{Chain: genesis}), n.txs, n.blocks},
		Record: cfg.Record,
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

// Run listens, looks for peers and dials until ctx ends. Then it disconnects every peer with
// "client quitting" (devp2p/rlpx.md#disconnect-0x01) and waits for all goroutines that it started. It fails at once if it cannot listen. A Node
// runs once.
func (n *Node) Run(ctx context.Context) error {
	if err := n.host.Open(); err != nil {
		n.events.Close()
		return err
	}
	ctx, stopAll := context.WithCancel(ctx)
	defer stopAll()
	var broken error // of the host; read after loops.Wait
	// What serves the sessions runs until the last of them has ended.
	after, stop := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	loops.Go(func() { n.txs.Run(after) })
	loops.Go(func() { n.blocks.Run(after) })
	loops.Go(func() { _ = n.db.Run(after, n.cfg.Record) }) // what it cannot write is a loss that it records
	loops.Go(func() {
		if broken = n.host.Run(ctx); broken != nil {
			stopAll()
		}
	})
	err := n.server.Run(ctx)
	stopAll() // the server could not listen, perhaps
	stop()
	loops.Wait()
	n.events.Close()
	return errors.Join(err, broken)
}

// AddPeer makes a node static, as Config.Static does: it is dialled until it is connected,
// and again whenever it is lost. It never blocks; adding a node twice does nothing.
func (n *Node) AddPeer(node enr.Node) { n.server.AddPeer(node) }

// RemovePeer undoes AddPeer and disconnects the node. It reports whether the node was a
// peer, and returns when that is over. It must not be called from Config.Record.
func (n *Node) RemovePeer(id enr.ID) bool { return n.server.RemovePeer(id) }

// Trust admits a node from now on even when MaxPeers are connected.
func (n *Node) Trust(id enr.ID) { n.server.Trust(id) }

// Untrust undoes Trust. It disconnects no peer.
func (n *Node) Untrust(id enr.ID) { n.server.Untrust(id) }

// PeerInfo is what is known of a peer.
type PeerInfo = server.PeerInfo

// Peers returns what is known of each peer, sorted by ID. The caller owns it.
func (n *Node) Peers() []PeerInfo { return n.server.Peers() }

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
