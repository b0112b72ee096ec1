// SPDX-License-Identifier: Apache-2.0

package v4wire

import (
	"iter"
	"slices"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// MaxNeighbors is how many nodes we put into one Neighbors: as many as fit into [MaxSize]
// when all of them have IPv6 addresses.
const MaxNeighbors = 12

// Findnode asks for the 16 nodes closest to a target
// (devp2p/discv4.md#findnode-packet-0x03).
type Findnode struct {
	Target     [64]byte // a public key's X and Y, but any 64 bytes will do
	Expiration int64    // UNIX time, in seconds
}

// Neighbors answers a Findnode, in several packets where one is too small
// (devp2p/discv4.md#neighbors-packet-0x04); nothing says which is the last.
type Neighbors struct {
	Nodes      []Node // none is an answer too
	Expiration int64  // UNIX time, in seconds
}

// A Node is a neighbour as another node knows it. Nothing about it was checked.
type Node struct {
	Endpoint
	Key [64]byte // public key, X and Y
}

// NodeOf returns n as a neighbour.
func NodeOf(n enr.Node) Node {
	return Node{Endpoint{n.IP.Unmap().WithZone(""), n.UDP, n.TCP}, n.Key.Bytes()}
}

// Node returns the neighbour as a node. It fails with [ErrKey].
func (n Node) Node() (enr.Node, error) {
	key, err := ecc.ParsePublicKey(n.Key[:])
	if err != nil {
		return enr.Node{}, ErrKey
	}
	return enr.Node{Key: key, IP: n.IP, UDP: n.UDP, TCP: n.TCP}, nil
}

// Split yields the nodes in parts that each fit into one Neighbors; for no nodes, one empty
// part, since even that is an answer. The parts are slices of nodes.
func Split(nodes []Node) iter.Seq[[]Node] {
	if len(nodes) == 0 {
		return func(yield func([]Node) bool) { yield(nil) }
	}
	return slices.Chunk(nodes, MaxNeighbors)
}

// Type returns TypeFindnode.
func (*Findnode) Type() Type { return TypeFindnode }

// Type returns TypeNeighbors.
func (*Neighbors) Type() Type { return TypeNeighbors }

func (m *Findnode) expires() (int64, bool)  { return m.Expiration, true }
func (m *Neighbors) expires() (int64, bool) { return m.Expiration, true }

func (m *Findnode) append(dst []byte) []byte {
	dst = rlp.AppendBytes(dst, m.Target[:])
	return appendExpiration(dst, m.Expiration)
}

func (m *Findnode) decode(c *rlp.Cursor) {
	c.Fixed("target", m.Target[:])
	m.Expiration = readExpiration(c)
}

func (m *Neighbors) append(dst []byte) []byte {
	dst, list := rlp.OpenList(dst)
	for i := range m.Nodes {
		var node int
		dst, node = rlp.OpenList(dst)
		dst = m.Nodes[i].appendItems(dst)
		dst = rlp.AppendBytes(dst, m.Nodes[i].Key[:])
		dst = rlp.CloseList(dst, node)
	}
	dst = rlp.CloseList(dst, list)
	return appendExpiration(dst, m.Expiration)
}

// readNode reports false for what is no node, which is left out.
func readNode(item []byte) (n Node, ok bool) {
	c := rlp.Read(item)
	c.List("node")
	n.Endpoint = readEndpointItems(&c)
	c.Fixed("key", n.Key[:])
	c.EndOpen()
	return n, c.Err() == nil
}

func (m *Neighbors) decode(c *rlp.Cursor) {
	c.List("nodes")
	if c.More() {
		m.Nodes = make([]Node, 0, MaxNeighbors)
	}
	for c.More() {
		if n, ok := readNode(c.Raw("node")); ok {
			m.Nodes = append(m.Nodes, n)
		}
	}
	c.End()
	m.Expiration = readExpiration(c)
}
