// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nat"
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

// introduce begins our own record.
func (n *Node) introduce(key *ecc.PrivateKey) {
	n.self = self.New(self.Config{
		Key: key, Sequence: n.db.Sequence(), Start: time.Now(), Save: n.db.SetSequence,
		Signed: func(r *enr.Record) {
			node := r.Node()
			n.cfg.Record.Record(event.Self{
				At: event.At{Time: time.Now()}, URL: node.URL(), Record: r.Text(), Seq: r.Seq(), Private: self.Private(node.IP),
			})
		},
	})
	if n.cfg.External.IsValid() {
		n.self.SetExternal(n.cfg.External, 0, 0)
	}
	// Our record says what our Status says of forks, for others to filter by, as we filter them.
	id := n.protocol.ForkID()
	n.self.SetEth(id.Hash, id.Next)
}

// lookFor prepares the search for peers, if there is to be one.
func (n *Node) lookFor(key *ecc.PrivateKey, socket discover.Socket) error {
	d := &n.cfg.Discovery
	if !d.on() || n.cfg.TrustedOnly {
		return nil
	}
	c := discover.Config{
		Key: key, Self: n.self, V4: d.V4, V5: d.V5, Listen: d.listen(n.cfg.Listen),
		Bootnodes: d.Bootnodes, Restrict: n.cfg.NetRestrict, DB: n.db, Wanted: n.unwanted, Record: n.cfg.Record,
		Conn: socket,
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
	if d.DNS {
		c.Lists = n.cfg.Chain.DNS
		if len(d.Lists) > 0 {
			c.Lists = d.Lists
		}
	}
	n.finder, err = discover.New(c)
	return err
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

// unwanted says why a node is not worth a dial, in the words of event.Candidate; "" if it
// is. What it says of itself is the same that its Status will say, and costs nothing.
func (n *Node) unwanted(node enr.Node) string {
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

// runNAT keeps our record in step with what a router or a server says of us.
func (n *Node) runNAT(ctx context.Context) {
	select {
	case <-n.listening:
	case <-ctx.Done():
		return
	}
	if at, err := netip.ParseAddrPort(n.cfg.Listen); err == nil && !nat.Mappable(at.Addr()) && n.cfg.NAT.Asks() {
		return // nobody else can reach us, whatever a router does
	}
	at := n.self.Node()
	_ = nat.Run(ctx, nat.Config{ // its only end is that of ctx
		Method: n.cfg.NAT, Ports: nat.Ports{TCP: at.TCP, UDP: at.UDP},
		Changed: func(e nat.External) { n.self.SetExternal(e.IP, e.TCP, e.UDP); n.self.Record() },
		Trouble: func(err error) {
			n.cfg.Record.Record(event.Trouble{At: event.At{Time: time.Now()}, Where: "nat", Err: err.Error()})
		},
	})
}

// candidates is what was found, as the server takes it.
type candidates struct{ finder *discover.Finder }

func (c candidates) Next(ctx context.Context) (server.Candidate, bool) {
	f, ok := c.finder.Next(ctx)
	return server.Candidate{Node: f.Node, Source: f.Source}, ok
}
