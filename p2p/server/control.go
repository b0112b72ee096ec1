// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// AddPeer makes a node static: it is dialled until it is connected, and again whenever it
// is lost. It may be called at any time and never blocks. Adding a node twice does
// nothing, also if its address is another one now. What cannot be dialled at all is
// reported by one peer event.
func (s *Server) AddPeer(n enr.Node) {
	id := n.ID()
	s.admission.name(id, true)
	s.commands.put(command{kind: commandAdd, node: n, id: id})
}

// RemovePeer undoes AddPeer. If the node is a peer, it is told that we disconnect at our
// own request (0x00, devp2p/rlpx.md#disconnect-0x01); RemovePeer then returns true when the peer is gone and its event was
// recorded. Never call it from a protocol's or a recorder's code, which the peer's end
// would wait for. A dial that is under way is not interrupted.
func (s *Server) RemovePeer(id enr.ID) bool {
	s.admission.name(id, false)
	s.commands.put(command{kind: commandRemove, id: id})
	m, ok := s.admission.find(id)
	if !ok {
		return false
	}
	m.conn.peer.End(&p2p.LocalClose{Reason: p2p.ReasonRequested})
	<-m.conn.gone
	return true
}

// Trust makes a node one that is admitted even if the server is full. It is not dialled
// because of that. It takes effect at once, for a peer that is connected too.
func (s *Server) Trust(id enr.ID) {
	s.admission.trust(id, true)
	s.commands.wake() // there may be a place for it now
}

// Untrust undoes Trust. It disconnects no peer.
func (s *Server) Untrust(id enr.ID) { s.admission.trust(id, false) }

// SetRoute takes from discovery that this machine has no route to the Internet, by the error of the
// failed sends, or, by nil, that it has one again. The server reports it as an event.Trouble, together
// with what it learns by its own dials: once for each change. It may be called at any time and never
// blocks.
func (s *Server) SetRoute(err error) { s.commands.put(command{kind: commandRoute, err: err}) }

type commandKind uint8

const (
	commandRemove commandKind = iota
	commandAdd
	commandRoute
)

// A command tells the dial loop what to do.
type command struct {
	kind commandKind
	id   enr.ID   // of commandRemove and commandAdd
	node enr.Node // of commandAdd
	err  error    // of commandRoute
}

// commands is the queue of the dial loop's commands, a leaf. It has no bound, because only the
// operator and discovery, at most every 10 s, add to it, and the loop takes all at once.
type commands struct {
	ready chan struct{} // holds one token: there may be some

	mu   sync.Mutex // guards what follows
	list []command
	over bool // the dial loop has ended
}

func newCommands() *commands { return &commands{ready: make(chan struct{}, 1)} }

func (w *commands) put(one command) {
	w.mu.Lock()
	if !w.over {
		w.list = append(w.list, one)
	}
	w.mu.Unlock()
	w.wake()
}

func (w *commands) wake() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (w *commands) take() []command {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.list
	w.list = nil
	return list
}

func (w *commands) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list, w.over = nil, true
}
