// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
)

func (n *Node) remember() (err error) {
	if n.db = n.cfg.DB; n.db == nil {
		n.db, err = nodedb.New(nil)
	}
	if err == nil {
		n.db.SetContext(nodedb.Context{NetworkID: cmp.Or(n.cfg.NetworkID, n.cfg.Chain.NetworkID), Genesis: n.cfg.Chain.GenesisHash})
	}
	return err
}

// makeHost makes our record and prepares the search for peers, if there is to be one.
func (n *Node) makeHost(key *ecc.PrivateKey, socket discover.Socket) error {
	d := &n.cfg.Discovery
	c := discover.HostConfig{
		Config: discover.Config{
			Key: key, V4: d.V4, V5: d.V5, Listen: d.listen(n.cfg.Listen),
			Bootnodes: d.Bootnodes, Restrict: n.cfg.NetRestrict, DB: n.db, Unfit: n.unfit, Online: n.online,
			Route:  func(err error) { n.server.SetRoute(err) },
			Record: n.cfg.Record,
			Conn:   socket,
		},
		NoFinder: !d.on() || n.cfg.TrustedOnly, TCP: n.cfg.Listen, External: n.cfg.External, NAT: n.cfg.NAT,
	}
	var err error
	if d.Bootnodes == nil {
		if c.Bootnodes, err = parseNodes(n.cfg.Chain.Bootnodes); err != nil {
			return err
		}
		if c.BootnodesV5, err = parseNodes(n.cfg.Chain.BootnodesV5); err != nil {
			return err
		}
	}
	c.Lists, c.BootLists = d.lists(n.cfg.Chain.DNS)
	if n.host, err = discover.NewHost(c); err != nil {
		return err
	}
	// Our record has the fork ID of our Status (devp2p/enr-entries/eth.md), by which others filter.
	n.fork = n.protocol.ForkID()
	n.host.Self().SetEth(n.fork.Hash, n.fork.Next)
	return nil
}

// lists returns the DNS lists that give candidates, and those that stand in for bootnodes because the operator named
// lists and no nodes: the tables of v4 and v5 would stay empty.
func (d *Discovery) lists(ofChain []string) (lists, boot []string) {
	switch {
	case !d.DNS:
		return nil, nil
	case len(d.Lists) == 0:
		return ofChain, nil
	case d.Bootnodes != nil && len(d.Bootnodes) == 0:
		return d.Lists, d.Lists
	}
	return d.Lists, nil
}

// external returns the address that the operator names, if any.
func (n *Node) external() netip.Addr {
	if ip, ok := n.cfg.NAT.External(); ok && !n.cfg.External.IsValid() {
		return ip
	}
	return n.cfg.External
}

// online reports whether a peer on the Internet shows that the network is up.
func (n *Node) online() bool {
	return slices.ContainsFunc(n.server.Peers(), func(p PeerInfo) bool { return netgroup.KindOf(p.Addr.Addr()) == netgroup.Global })
}

func (d *Discovery) listen(tcp string) string {
	switch {
	case d.Listen != "":
		return d.Listen
	case tcp != "":
		return tcp
	}
	return net.JoinHostPort(netip.IPv4Unspecified().String(), "0")
}

func parseNodes(texts []string) (nodes []enr.Node, err error) {
	for _, text := range texts {
		node, err := enr.ParseNode(text)
		if err != nil {
			return nil, fmt.Errorf("the chain's bootnode %.80q: %w", text, err)
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// unfit returns why a node is not dialled, in the words of event.Candidate, or "". The fork ID
// of a record (devp2p/enr-entries/eth.md) is the one that the node's Status will have, and costs no dial.
func (n *Node) unfit(node enr.Node) string {
	if node.Record == nil {
		return "no record"
	}
	hash, next, ok := node.Record.Eth()
	switch {
	case !ok:
		return "no eth entry"
	case n.protocol.CheckForkID(params.ForkID{Hash: hash, Next: next}) != nil:
		return "wrong fork"
	case node.TCP == 0:
		return "no port"
	}
	return ""
}

// candidates is what was found, as the server takes it.
type candidates struct{ finder *discover.Finder }

func (c candidates) Next(ctx context.Context) (server.Candidate, bool) {
	f, ok := c.finder.Next(ctx)
	return server.Candidate{Node: f.Node, Source: f.Source}, ok
}
