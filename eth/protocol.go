// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// Config says which chain a peer is on, and which roles it plays.
type Config struct {
	Chain     *params.Chain
	NetworkID uint64         // 0 = the chain's own
	Versions  []wire.Version // offered; empty = wire.Supported
	Roles     []Role
	Record    event.Recorder

	// Latest returns our head and block range for our Status. It is called once for each session, as
	// it opens, and must not block. Nil = the genesis block alone.
	Latest func() Latest

	// RequestIDs draws the first request ID of each session; nil = random. Tests inject.
	RequestIDs func() uint64
}

// none stands for no role.
const none = -1

// Protocol implements p2p.Protocol for eth. Its sessions share a peer set.
type Protocol struct {
	cfg   Config
	roles [wire.Kinds]int // which of cfg.Roles takes a kind; none = no role
	set   Set
	forks forkWatch
}

// New returns the protocol. It copies cfg.
func New(cfg Config) (*Protocol, error) {
	if cfg.NetworkID == 0 {
		cfg.NetworkID = cfg.Chain.NetworkID
	}
	if len(cfg.Versions) == 0 {
		cfg.Versions = wire.Supported()
	}
	if cfg.RequestIDs == nil {
		cfg.RequestIDs = rand.Uint64
	}
	cfg.Roles = slices.Clone(cfg.Roles)
	p := &Protocol{cfg: cfg}
	for kind := range p.roles {
		p.roles[kind] = none
	}
	for i, role := range cfg.Roles {
		for _, kind := range role.Kinds() {
			if p.roles[kind] != none {
				return nil, fmt.Errorf("eth: two roles want %v messages", kind)
			}
			p.roles[kind] = i
		}
	}
	return p, nil
}

// Name returns "eth".
func (p *Protocol) Name() string { return "eth" }

// Versions lists the versions that the configuration offers.
func (p *Protocol) Versions() []p2p.Version {
	var all []p2p.Version
	for _, v := range p.cfg.Versions {
		all = append(all, p2p.Version{Number: uint(v), Length: v.Length(), MaxSize: wire.MaxMessage})
	}
	return all
}

// Open begins a session.
func (p *Protocol) Open(peer *p2p.Peer, v p2p.Version) (p2p.Handler, error) {
	s := newSession(p, peer, wire.Version(v.Number))
	peer.Lane(p2p.Priority(wire.LaneReplies), &s.answers)
	peer.Lane(p2p.Priority(wire.LaneRequests), &s.requests)
	s.outbox.open(peer)
	peer.Wake()
	return s, nil
}

// ForkID returns the fork ID of our Status as of now (EIP-2124).
func (p *Protocol) ForkID() params.ForkID { return p.localStatus().status.ForkID }

// CheckForkID returns an error if a Status with this fork ID would be refused now (EIP-2124).
func (p *Protocol) CheckForkID(theirs params.ForkID) error {
	c := p.localStatus()
	return c.chain.CheckForkID(theirs, c.head.number, c.head.time)
}

// Sessions returns the sessions with an accepted Status. The slice is a snapshot that never
// changes; the caller must not change it.
func (p *Protocol) Sessions() []*Session { return p.set.All() }
