// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/ecc"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
)

// A Node is a peer that is ready to run.
type Node struct {
	server *server.Server
	txs    *txgossip.Gossip
	blocks *blockgossip.Gossip
	feed   atomic.Pointer[feed] // nil until Events is called
}

// New checks and copies the configuration and puts the parts together. It opens nothing:
// that is for [Node.Run].
func New(cfg Config) (*Node, error) {
	if err := cfg.problems(); err != nil {
		return nil, err
	}
	key, err := nodeKey(cfg.Key)
	if err != nil {
		return nil, err
	}
	answers, err := serve.New(cfg.Chain)
	if err != nil {
		return nil, fmt.Errorf("the chain's genesis header: %w", err)
	}
	n := new(Node)
	cfg.Record = n.recorder(cfg.Record)
	n.txs = txgossip.New(txgossip.Config{Record: cfg.Record})
	n.blocks = blockgossip.New(blockgossip.Config{Record: cfg.Record, Chain: cfg.Chain, Body: n.txs.FromBlock})
	protocol, err := eth.New(eth.Config{
		Chain: cfg.Chain, NetworkID: cfg.NetworkID, Versions: slices.Clone(cfg.Versions),
		Roles:  []eth.Role{answers, n.txs, n.blocks},
		Record: cfg.Record,
	})
	if err != nil {
		return nil, err
	}
	if n.server, err = server.New(server.Config{
		Key: key, Client: ClientName(cfg.Identity), Protocols: append([]p2p.Protocol{protocol}, cfg.Protocols...),
		MaxPeers: cfg.MaxPeers, Listen: cfg.Listen, External: cfg.External,
		Static: cfg.Static, Trusted: cfg.Trusted, NetRestrict: cfg.NetRestrict, Record: cfg.Record,
		Ready: func(self enr.Node) {
			if cfg.Ready != nil {
				cfg.Ready(self.URL())
			}
		},
	}); err != nil {
		return nil, err
	}
	return n, nil
}

// Run is the peer: it listens and dials until ctx ends, then says goodbye to everybody and
// joins all that it started. It fails at once if it cannot listen. A Node runs once.
func (n *Node) Run(ctx context.Context) error {
	// The roles run until the last session has told them that it is over.
	roles, stop := context.WithCancel(context.WithoutCancel(ctx))
	var loops sync.WaitGroup
	loops.Go(func() { n.txs.Run(roles) })
	loops.Go(func() { n.blocks.Run(roles) })
	err := n.server.Run(ctx)
	stop()
	loops.Wait()
	n.Events() // so that one who asks later finds a closed channel, too
	n.feed.Load().close()
	return err
}

// AddPeer makes a node static, as Config.Static does: it is dialled until it is connected,
// and again whenever it is lost. It never blocks; adding a node twice does nothing.
func (n *Node) AddPeer(node enr.Node) { n.server.AddPeer(node) }

// RemovePeer undoes AddPeer and disconnects the node. It reports whether the node was a
// peer, and returns when that is over. It must not be called from Config.Record.
func (n *Node) RemovePeer(id enr.ID) bool { return n.server.RemovePeer(id) }

// Trust admits a node from now on even when MaxPeers are connected.
func (n *Node) Trust(id enr.ID) { n.server.Trust(id) }

// Untrust undoes Trust. It disconnects nobody.
func (n *Node) Untrust(id enr.ID) { n.server.Untrust(id) }

// PeerInfo is what is known of a peer.
type PeerInfo = server.PeerInfo

// Peers returns what is known of each peer, sorted by ID. The caller owns it.
func (n *Node) Peers() []PeerInfo { return n.server.Peers() }

// Events returns what the node observes, from now on, in order; the channel is closed when
// Run returns. It holds [EventBuffer] events. Its overflow policy: what finds it full is
// dropped, counted, and told as an event.Loss at place "events" where it would have been.
// All calls return the same channel.
func (n *Node) Events() <-chan event.Event {
	n.feed.CompareAndSwap(nil, newFeed(EventBuffer))
	return n.feed.Load().ch
}

// recorder gives events to the configured recorder, and to Events if anybody asked.
func (n *Node) recorder(configured event.Recorder) event.Recorder {
	return func(e event.Event) {
		configured.Record(e)
		if f := n.feed.Load(); f != nil {
			f.record(e)
		}
	}
}

func nodeKey(b []byte) (*ecc.PrivateKey, error) {
	if b == nil {
		return ecc.NewPrivateKey(rand.Reader)
	}
	return ecc.ParsePrivateKey(b)
}

// ClientName is the name that peers see, in the form that the field expects:
// name/identity/version/system/language.
func ClientName(identity string) string {
	parts := []string{"ethpeer", identity, "v" + Version, runtime.GOOS + "-" + runtime.GOARCH, runtime.Version()}
	if identity == "" {
		parts = append(parts[:1], parts[2:]...)
	}
	return strings.Join(parts, "/")
}

// Version is the release.
const Version = "0.1.0"
