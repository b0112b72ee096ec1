// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/params"
)

// Config says which chain a Gossip follows, and what it does with what it receives.
type Config struct {
	Record event.Recorder
	Params *params.Chain

	// Body is called by the loop with the transactions of each new block that has any: the
	// content of their RLP list, which is Body's to keep. It must not wait. May be nil.
	Body func(at time.Time, by event.Source, txs []byte)

	// Choose returns a number from 0 to n-1, to choose among peers; nil = at random. Tests
	// inject.
	Choose func(n int) int
}

// recentBlocks is how many blocks are remembered, by their headers.
const recentBlocks = 1024

// A Gossip is the role that receives blocks. It is made for one eth.Protocol.
type Gossip struct {
	loop    *owner.Loop[*machine]
	machine *machine // owner: the loop
}

// New returns a role that is ready for sessions. Its Run must be running for as long as
// there are any.
func New(cfg Config) *Gossip {
	if cfg.Choose == nil {
		cfg.Choose = rand.IntN
	}
	if cfg.Body == nil {
		cfg.Body = func(time.Time, event.Source, []byte) {}
	}
	genesis := chain.Link{
		Hash: cfg.Params.GenesisHash, Time: cfg.Params.GenesisTime, Difficulty: cfg.Params.GenesisDifficulty,
	}
	return &Gossip{
		loop: owner.NewLoop[*machine](cfg.Record),
		machine: &machine{
			record: cfg.Record,
			body:   cfg.Body,
			heads: head.NewPeers[*listener](head.Config{
				Genesis: genesis, Recent: recentBlocks, Choose: cfg.Choose,
				Gossips: cfg.Params.Terminal == nil,
				Instant: cfg.Params.Clique != nil && cfg.Params.Clique.Period == 0,
			}),
			announced: newAnnouncements[*listener](cfg.Choose),
			bodies:    newBodies[*listener](cfg.Choose),
			window:    new(atomic.Pointer[window]),
		},
	}
}

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
	m := g.machine
	g.loop.Run(
		ctx, m,
		owner.Loss{Where: "blockgossip.announced", Take: m.announced.takeLosses},
		owner.Counter("blockgossip.bodies", &m.bodies.lost),
		owner.Counter("blockgossip.jumps", &m.losses.Jumps),
		owner.Counter("blockgossip.future", &m.losses.Future),
		owner.Counter("blockgossip.pace", &m.losses.Pace),
		owner.Counter("blockgossip.mismatched", &m.mismatched),
		owner.Counter("blockgossip.forks", &m.forks),
		owner.Counter("blockgossip.unexpected", &m.losses.Unexpected),
	)
}

// Kinds implements [eth.Role].
func (g *Gossip) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindNewBlock, wire.KindNewBlockHashes, wire.KindBlockRangeUpdate}
}

// Open implements [eth.Role].
func (g *Gossip) Open(s *eth.Session) eth.Listener {
	l := &listener{
		session: s, source: s.Source(), hasRequestIDs: s.Version().HasRequestIDs(), slot: g.loop.Open(s.Budget()), window: g.machine.window,
	}
	status := s.Status()
	info := head.Info{
		Origin:        origin(s.Inbound(), s.Addr().Addr()),
		Latest:        chain.Ref{Number: status.Latest, Hash: status.Head},
		HasBlockRange: s.Version() >= rangeVersion,
		HasRequestIDs: l.hasRequestIDs,
	}
	l.slot.Post(0, func(m *machine, now time.Time) { m.onOpen(now, l, info) })
	return l
}

// origin returns what a peer's word about the head weighs by.
func origin(inbound bool, addr netip.Addr) head.Origin {
	return head.Origin{Inbound: inbound, Group: netgroup.Of(addr).Wide}
}

// rangeVersion is the first version whose peers tell the range of their blocks (EIP-7642).
const rangeVersion = 69
