// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"cmp"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
)

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

// Progress returns how far the chain is synchronised.
func (n *Node) Progress() chainsync.Progress { return n.sync.Progress() }

// Judged returns the points of a node, from -20 to 10, and why its last connection ended, as package nodedb has it; 0
// and "" if nothing is remembered.
func (n *Node) Judged(id enr.ID) (points float64, cause string) { return n.db.Judged(time.Now(), id) }

// Self returns our own node, with the record as it is now.
func (n *Node) Self() enr.Node { return n.server.Self() }

// ClientName returns the name in our Hello.
func (n *Node) ClientName() string { return ClientName(n.cfg.Identity) }

// Started returns when Run began; the zero time = it has not.
func (n *Node) Started() time.Time {
	if at := n.started.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Chain returns the blocks that the node holds. Package chain says what may be done with them while the node runs.
func (n *Node) Chain() *chain.Chain { return n.chain }

// Stored reports whether new blocks outlast the node: Config has a Store or OpenChain, and no write has failed (see
// chain.Chain.Dead).
func (n *Node) Stored() bool { return n.stored && n.chain.Dead() == nil }

// NetworkID returns the network ID of our Status (devp2p/caps/eth.md#status-0x00).
func (n *Node) NetworkID() uint64 { return cmp.Or(n.cfg.NetworkID, n.cfg.Chain.NetworkID) }

// ForkID returns the fork ID of our Status as of now (EIP-2124).
func (n *Node) ForkID() params.ForkID { return n.protocol.ForkID() }
