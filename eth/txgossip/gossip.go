// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Config says which events a Gossip records. The zero Config records nothing.
type Config struct {
	Record event.Recorder

	// Chain is the chain whose transactions are told: those signed for another one are counted
	// (EIP-155). Nil = those of all chains are told.
	Chain *params.Chain

	// Rand chooses among peers; nil = at random. Tests inject.
	Rand *rand.Rand
}

// A Gossip is the role that receives transactions. It serves one eth.Protocol.
type Gossip struct {
	chainID   *uint256.Int // nil = any
	loop      *owner.Loop[*machine]
	seen      *seen
	scans     sync.Pool // of *types.Scan
	stage     *stage
	slot      *owner.Slot[*machine] // of the stage's goroutine
	recoverer *recoverer            // owner: the stage's goroutine
	machine   *machine              // owner: the loop
}

// New returns a role. Its Run must be running while there are sessions.
func New(cfg Config) *Gossip {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	g := &Gossip{loop: owner.NewLoop[*machine](cfg.Record), seen: newSeen()}
	if cfg.Chain != nil {
		g.chainID = uint256.NewInt(cfg.Chain.ChainID)
	}
	g.slot = g.loop.Open(nil)
	g.stage = newStage(func() { g.slot.Post(0, func(*machine, time.Time) {}) })
	g.recoverer = newRecoverer(g.seen)
	g.machine = newMachine(cfg.Record, g.seen, cfg.Rand)
	g.scans.New = func() any { return new(types.Scan) }
	return g
}

// Kinds implements [eth.Role].
func (g *Gossip) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindTransactions, wire.KindNewPooledTransactionHashes}
}

// Open implements [eth.Role].
func (g *Gossip) Open(s *eth.Session) eth.Listener {
	l := &listener{gossip: g, session: s, slot: g.loop.Open(s.Budget())}
	l.credit.group = netgroup.Of(s.Addr().Addr())
	l.line = g.stage.open(s.ID(), &l.credit, s.Budget())
	l.slot.Post(0, func(m *machine, _ time.Time) { m.join(l) })
	return l
}
