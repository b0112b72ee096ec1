// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
)

// PeerInfo is a snapshot of one peer.
type PeerInfo struct {
	ID        enr.ID
	Client    string         // the client name of its Hello (devp2p/rlpx.md#hello-0x00): capped, printable
	Caps      []p2p.Cap      // the capabilities of its Hello
	Addr      netip.AddrPort // the remote address of the connection
	Inbound   bool
	Static    bool // dialled because it is static
	Trusted   bool
	Since     time.Time      // when it was admitted
	Received  uint64         // bytes that arrived on its connection since the RLPx handshake
	Sent      uint64         // bytes that were sent on it
	Protocols []ProtocolInfo // the shared ones, by name
}

// ProtocolInfo is a protocol that both sides speak.
type ProtocolInfo struct {
	p2p.Cap
	// Info is what the protocol's [Informer] returns; "handshake" until it returns something, "unknown"
	// without an Informer.
	Info any
}

// An Informer is a [p2p.Protocol] that can describe its peers.
type Informer interface {
	// PeerInfo returns the protocol's description of a peer, or nil before its handshake. Any goroutine may
	// call it.
	PeerInfo(id enr.ID) any
}

// Peers returns a snapshot of each peer, sorted by ID. The caller owns it.
func (s *Server) Peers() []PeerInfo {
	var infos []PeerInfo
	for _, m := range s.admission.all() {
		c := m.conn
		received, sent := c.peer.Traffic()
		infos = append(infos, PeerInfo{
			ID: c.id, Client: c.hello.Client, Caps: slices.Clone(c.hello.Caps), Addr: c.addr,
			Inbound: c.inbound, Static: c.static, Trusted: m.trusted, Since: c.admitted,
			Received: received, Sent: sent, Protocols: s.shared(c.peer),
		})
	}
	slices.SortFunc(infos, func(a, b PeerInfo) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return infos
}

// shared lists the protocols that run with a peer.
func (s *Server) shared(p *p2p.Peer) (shared []ProtocolInfo) {
	for _, one := range p.Shared() {
		shared = append(shared, ProtocolInfo{Cap: one, Info: s.info(one, p.ID())})
	}
	return shared
}

func (s *Server) info(shared p2p.Cap, id enr.ID) any {
	i, ok := s.protocol(shared).(Informer)
	if !ok {
		return "unknown"
	}
	if info := i.PeerInfo(id); info != nil {
		return info
	}
	return "handshake"
}

// protocol returns our protocol that offers a capability.
func (s *Server) protocol(c p2p.Cap) p2p.Protocol {
	for _, p := range s.cfg.Protocols {
		if p.Name() == c.Name && slices.ContainsFunc(p.Versions(), func(v p2p.Version) bool { return v.Number == c.Version }) {
			return p
		}
	}
	return nil
}
