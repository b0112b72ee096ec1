// SPDX-License-Identifier: Apache-2.0

package server

import (
	"sync"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// AddPeer makes a node static: the server dials it until it is connected, and again whenever the connection
// is lost. Adding a node again does nothing, even if its address is another one now. A node that cannot be
// dialled at all is reported by one peer event. AddPeer may be called at any time and never blocks.
func (s *Server) AddPeer(n enr.Node) {
	id := n.ID()
	s.admission.name(id, true)
	s.commands.put(command{kind: commandAdd, node: n, id: id})
}

// RemovePeer undoes AddPeer. If the node is a peer, RemovePeer sends it the Disconnect "requested" (0x00,
// devp2p/rlpx.md#disconnect-0x01) and returns true once the peer has ended and its event is recorded. Code of
// a protocol or a recorder must never call it: the end of the peer waits for that code. RemovePeer does not
// interrupt a dial that is under way.
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

// Trust makes a node trusted: it is admitted even if the server is full. Trust does not dial the node. It
// takes effect at once, for a connected peer too.
func (s *Server) Trust(id enr.ID) {
	s.admission.trust(id, true)
	s.commands.wake() // there may be a place for it now
}

// Untrust undoes Trust. It disconnects no peer.
func (s *Server) Untrust(id enr.ID) { s.admission.trust(id, false) }

// SetRoute takes from discovery whether this machine has a route to the Internet: err is the error of the
// failed sends, or nil once sends succeed again. The server combines it with the results of its own dials and
// records one event.Trouble for each change. SetRoute may be called at any time and never blocks.
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

// commands is the queue of the dial loop's commands. It is a leaf. It has no bound, because only the operator
// adds to it, and discovery at most every 10 s, and the loop takes all commands at once.
type commands struct {
	ready chan struct{} // holds one token: there may be commands

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
