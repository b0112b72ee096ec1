// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/params"
)

// Port is the port of all nodes of a World, for datagrams and for connections.
const Port = 30303

// A Group is what nodes of a World have in common.
type Group struct {
	Fork   params.ForkID
	Peers  bool                   // they accept connections and speak eth about the world's chain
	Closed bool                   // they know and name only nodes of the group, as an attack on tables does
	Place  func(i int) netip.Addr // the address of the i-th; nil = each in a network of its own
}

// A World is many nodes around the one that is tested. They do discovery v4 over datagrams in
// memory, each knowing some of the others, and accept connections over streams in memory. A
// node answers a findnode with the nearest nodes that it knows.
//
// Call NewWorld, Add for each group, Meet, and then Run.
type World struct {
	Packets *memnet.Datagrams

	chain *params.Chain
	rnd   *rand.Rand
	nodes []*Neighbor
	at    map[netip.Addr]*Neighbor

	mu    sync.Mutex // guards what follows
	down  bool
	dials map[enr.ID]int
	open  map[net.Conn]struct{}

	conns sync.WaitGroup
	ctx   context.Context
}

// NewWorld returns a world without nodes. Worlds with the same nodes are the same.
func NewWorld(chain *params.Chain) *World {
	return &World{
		Packets: memnet.NewDatagrams(), chain: chain, rnd: rand.New(rand.NewPCG(1, 2)),
		at: map[netip.Addr]*Neighbor{}, dials: map[enr.ID]int{}, open: map[net.Conn]struct{}{},
	}
}

// Add adds nodes and returns them.
func (w *World) Add(count int, g Group) ([]*Neighbor, error) {
	place := g.Place
	if place == nil {
		first := len(w.nodes)
		place = func(i int) netip.Addr { // a /16 holds few of them, a /24 one
			n := first + i
			return netip.AddrFrom4([4]byte{20 + byte(n%200), byte(n / 200 * 7), byte(n), 1})
		}
	}
	var added []*Neighbor
	for i := range count {
		var seed [32]byte
		seed[0] = 1
		binary.BigEndian.PutUint64(seed[8:], uint64(len(w.nodes)))
		key, err := ecc.ParsePrivateKey(seed[:])
		if err != nil {
			return nil, err
		}
		n := &Neighbor{world: w, group: &g, key: key, bonded: map[netip.AddrPort]bool{}}
		if err := n.introduce(place(i)); err != nil {
			return nil, err
		}
		if w.at[n.Self.IP] != nil {
			return nil, errors.New("peers: two nodes have one address")
		}
		w.nodes, w.at[n.Self.IP] = append(w.nodes, n), n
		added = append(added, n)
	}
	if g.Closed {
		for _, n := range added {
			n.known = contacts(added)
		}
	}
	return added, nil
}

func contacts(nodes []*Neighbor) (cs []kad.Contact) {
	for _, n := range nodes {
		cs = append(cs, kad.Contact{ID: n.ID, Node: n.Self})
	}
	return cs
}

// perDistance bounds the nodes that an open node knows at each distance, as the bucket of a table
// does.
const perDistance = 16

// Meet makes each node of an open group know random nodes of all groups.
func (w *World) Meet() {
	all := contacts(w.nodes)
	for _, n := range w.nodes {
		if n.group.Closed {
			continue
		}
		var at [kad.MaxDist + 1]int
		for _, i := range w.rnd.Perm(len(all)) {
			d := kad.LogDist(n.ID, all[i].ID)
			if d > 0 && at[d] < perDistance {
				at[d]++
				n.known = append(n.known, all[i])
			}
		}
	}
}

// Run makes the nodes answer until ctx ends.
func (w *World) Run(ctx context.Context) error {
	genesis, err := serve.Genesis(w.chain)
	if err != nil {
		return err
	}
	protocol, err := eth.New(eth.Config{Chain: w.chain, Roles: []eth.Role{serve.New(serve.Config{Chain: genesis})}})
	if err != nil {
		return err
	}
	w.ctx = ctx
	var all sync.WaitGroup
	for _, n := range w.nodes {
		n.protocol = protocol
		packets := w.Packets.Listen(netip.AddrPortFrom(n.Self.IP, Port))
		all.Go(func() { n.answer(packets) })
		all.Go(func() {
			<-ctx.Done()
			packets.Close()
		})
	}
	all.Wait()
	w.conns.Wait()
	return nil
}

// Fail cuts all nodes off, or connects them again.
func (w *World) Fail(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down = down; down {
		for c := range w.open {
			c.Close()
		}
		clear(w.open)
	}
}

func (w *World) failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

// Dials returns the number of dials of each node so far.
func (w *World) Dials() map[enr.ID]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make(map[enr.ID]int, len(w.dials))
	for id, n := range w.dials {
		out[id] = n
	}
	return out
}

// Dial opens a connection to a node.
func (w *World) Dial(_ context.Context, to netip.AddrPort) (net.Conn, error) {
	n := w.at[to.Addr()]
	if n == nil || w.failed() {
		return nil, memnet.ErrRefused
	}
	ours, theirs := memnet.Pipe()
	w.mu.Lock()
	w.dials[n.ID]++
	w.open[theirs] = struct{}{}
	w.mu.Unlock()
	w.conns.Go(func() {
		n.accept(theirs)
		w.mu.Lock()
		delete(w.open, theirs)
		w.mu.Unlock()
	})
	return ours, nil
}
