// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Config says which chain a Gossip follows, and what it does with what it receives.
type Config struct {
	Record event.Recorder
	Params *params.Chain

	// Chain is the chain that is held: whole blocks are checked against it, passed on, and stored in it. Nil holds no
	// chain: blocks are only told of.
	Chain *chain.Chain

	// Sealed says that Chain checks proofs of work. Where signers seal blocks, their seals are always checked; those of
	// validators (IBFT, QBFT) never are.
	Sealed bool

	// Believe is called when the head changes, and from time to time while it stays: By is gossip for the heaviest
	// chain of verified blocks where blocks are gossiped, otherwise peers. It is called from several goroutines and
	// must not wait. Nil: each change of the head is an event.Head, whatever the quorum.
	Believe func(head.Believed)

	// Quorum is how many unrelated peers, of different networks, must have a block to have it believed by peers;
	// 0 = DefaultQuorum.
	Quorum int

	// Syncing reports whether Chain is being synchronised: blocks are not passed on meanwhile. Nil: it never is.
	Syncing func() bool

	// Body is called by the loop with the transactions of each new block that has any: the
	// content of their RLP list, which is Body's to keep. It must not wait. May be nil.
	Body func(at time.Time, by event.Source, txs []byte)

	// Choose returns a number from 0 to n-1, to choose among peers; nil = at random. Several goroutines call it. Tests
	// inject.
	Choose func(n int) int
}

// DefaultQuorum is the Quorum that is used when Config.Quorum is 0.
const DefaultQuorum = 3

// recentBlocks is how many blocks are remembered, by their headers.
const recentBlocks = 1024

// A Gossip is the role that receives blocks. It is made for one eth.Protocol.
type Gossip struct {
	loop    *owner.Loop[*machine]
	machine *machine // owner: the loop

	follower *follower // owner: the importer's goroutine; nil: no chain is held
	cursor   *chain.Cursor
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
	g := &Gossip{
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
			believer:  newBeliever(&cfg),
		},
	}
	if cfg.Chain != nil || cfg.Believe != nil {
		g.machine.raws = bounded.NewMap[types.Hash, []byte](maxRawHeaders, bounded.DropOldest)
	}
	if cfg.Chain != nil {
		im := newImporter(&cfg, newRelay(cfg.Choose))
		g.machine.importer = im
		g.follower = &follower{
			importer: im, ranges: newRanges(), believe: g.machine.believer.tell,
			gossips: cfg.Params.Terminal == nil,
			proved:  cfg.Params.Clique != nil || cfg.Sealed && cfg.Params.HashRule == types.HashWhole,
		}
		g.cursor = cfg.Chain.Follow()
	}
	return g
}

// Run is the loops. It runs until ctx ends and then handles what is left in the inbox. It
// may be called once.
func (g *Gossip) Run(ctx context.Context) {
	m := g.machine
	losses := []owner.Loss{
		{Where: "blockgossip.announced", Take: m.announced.takeLosses},
		owner.Counter("blockgossip.bodies", &m.bodies.lost),
		owner.Counter("blockgossip.jumps", &m.losses.Jumps),
		owner.Counter("blockgossip.future", &m.losses.Future),
		owner.Counter("blockgossip.pace", &m.losses.Pace),
		owner.Counter("blockgossip.mismatched", &m.mismatched),
		owner.Counter("blockgossip.forks", &m.forks),
		owner.Counter("blockgossip.unexpected", &m.losses.Unexpected),
	}
	var importing sync.WaitGroup
	if g.follower != nil {
		losses = append(losses, g.follower.importer.losses()...)
		importing.Go(func() { g.follower.run(ctx, g.cursor) })
	}
	g.loop.Run(ctx, m, losses...)
	importing.Wait()
}

// Kinds implements [eth.Role].
func (g *Gossip) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindNewBlock, wire.KindNewBlockHashes, wire.KindBlockRangeUpdate}
}

// Open implements [eth.Role].
func (g *Gossip) Open(s *eth.Session) eth.Listener {
	l := &listener{
		session: s, source: s.Source(), hasRequestIDs: s.Version().HasRequestIDs(), slot: g.loop.Open(s.Budget()), window: g.machine.window,
		follower: g.follower,
	}
	if f := g.follower; f != nil {
		f.relay.open(s)
		f.ranges.open(time.Now(), s)
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
