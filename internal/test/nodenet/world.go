// SPDX-License-Identifier: Apache-2.0

package nodenet

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

// Port is where all nodes listen, for datagrams and for connections.
const Port = 30303

// A Group says what its nodes have in common.
type Group struct {
	Fork   params.ForkID
	Peers  bool                   // they accept connections and speak eth about the world's chain
	Closed bool                   // they know, and name, nobody but themselves
	Place  func(i int) netip.Addr // where the i-th is; nil = each in a network of its own
}

// A World is all nodes but the one that is tested.
type World struct {
	Packets *memnet.Datagrams

	chain *params.Chain
	rnd   *rand.Rand
	nodes []*Node
	at    map[netip.Addr]*Node

	mu    sync.Mutex // guards what follows
	down  bool
	dials map[enr.ID]int
	open  map[net.Conn]struct{}

	conns sync.WaitGroup
	ctx   context.Context
}

// New returns a world without nodes. Worlds with the same nodes are the same.
func New(chain *params.Chain) *World {
	return &World{
		Packets: memnet.NewDatagrams(), chain: chain, rnd: rand.New(rand.NewPCG(1, 2)),
		at: map[netip.Addr]*Node{}, dials: map[enr.ID]int{}, open: map[net.Conn]struct{}{},
	}
}

// Add adds nodes and returns them.
func (w *World) Add(count int, g Group) ([]*Node, error) {
	place := g.Place
	if place == nil {
		first := len(w.nodes)
		place = func(i int) netip.Addr { // a /16 holds few of them, a /24 one
			n := first + i
			return netip.AddrFrom4([4]byte{20 + byte(n%200), byte(n / 200 * 7), byte(n), 1})
		}
	}
	var added []*Node
	for i := range count {
		var seed [32]byte
		seed[0] = 1
		binary.BigEndian.PutUint64(seed[8:], uint64(len(w.nodes)))
		key, err := ecc.ParsePrivateKey(seed[:])
		if err != nil {
			return nil, err
		}
		n := &Node{world: w, group: &g, key: key, bonded: map[netip.AddrPort]bool{}}
		if err := n.introduce(place(i)); err != nil {
			return nil, err
		}
		if w.at[n.Self.IP] != nil {
			return nil, errors.New("nodenet: two nodes have one address")
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

func contacts(nodes []*Node) (cs []kad.Contact) {
	for _, n := range nodes {
		cs = append(cs, kad.Contact{ID: n.ID, Node: n.Self})
	}
	return cs
}

// perDistance is how many nodes an honest node knows at each distance, at most, as a
// table's bucket has it.
const perDistance = 16

// Meet lets the honest nodes know some of all nodes, drawn by chance.
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

// Run lets the nodes answer until ctx ends.
func (w *World) Run(ctx context.Context) error {
	answers, err := serve.New(w.chain)
	if err != nil {
		return err
	}
	protocol, err := eth.New(eth.Config{Chain: w.chain, Roles: []eth.Role{answers}})
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

// Fail cuts everybody off, or ends that.
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

// Dials returns how often each node was dialled so far.
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
