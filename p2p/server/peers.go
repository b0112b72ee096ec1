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

// PeerInfo is what is known of a peer.
type PeerInfo struct {
	ID        enr.ID
	Client    string         // its own name in its Hello (devp2p/rlpx.md#hello-0x00): capped, printable
	Caps      []p2p.Cap      // what it offers
	Addr      netip.AddrPort // its end of the connection
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
	Info any // what the protocol says, see [Informer]; "handshake" until it says something, "unknown" if it never does
}

// An Informer is a [p2p.Protocol] that has something to say about its peers.
type Informer interface {
	// PeerInfo returns what is to be shown of a peer, or nil while it has not shaken hands.
	// Any goroutine may call it.
	PeerInfo(id enr.ID) any
}

// Peers returns what is known of each peer, sorted by ID. The caller owns it.
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

// protocol returns the one that offers a capability.
func (s *Server) protocol(c p2p.Cap) p2p.Protocol {
	for _, p := range s.cfg.Protocols {
		if p.Name() == c.Name && slices.ContainsFunc(p.Versions(), func(v p2p.Version) bool { return v.Number == c.Version }) {
			return p
		}
	}
	return nil
}
