// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/types"
)

// Config says which events a Gossip records. The zero Config records nothing.
type Config struct {
	Record event.Recorder

	// Rand chooses among peers; nil = at random. Tests inject.
	Rand *rand.Rand
}

// maxHeard bounds the transactions that are remembered.
const maxHeard = 1 << 17

// A Gossip is the role that receives transactions. It serves one eth.Protocol.
type Gossip struct {
	loop    *owner.Loop[*machine]
	seen    *seen
	scans   sync.Pool // of *types.Scan
	blocks  blockQueue
	machine *machine // owner: the loop
}

// New returns a role. Its Run must be running while there are sessions.
func New(cfg Config) *Gossip {
	if cfg.Rand == nil {
		cfg.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	g := &Gossip{loop: owner.NewLoop[*machine](cfg.Record), seen: newSeen(maxHeard)}
	g.blocks.start(g.loop.Open(nil))
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
	l.slot.Post(0, func(m *machine, _ time.Time) { m.table.Join(l) })
	return l
}
