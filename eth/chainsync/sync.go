// SPDX-License-Identifier: Apache-2.0

package chainsync

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// A Config says which chain a [Sync] fills. All fields are required.
type Config struct {
	Chain  *chain.Chain
	Record event.Recorder
}

// A Sync is the role that downloads the chain. It is made for one eth.Protocol.
type Sync struct {
	chain *chain.Chain
	loop  *owner.Loop[*looper]
	own   *owner.Slot[*looper] // of what comes from no peer
	state atomic.Pointer[Progress]
	m     *looper // owner: the loop

	mu       sync.Mutex // guards what follows
	believed *head.Believed
}

// New returns a role that is ready for sessions. Its Run must be running for as long as there are any.
func New(cfg Config) *Sync {
	s := &Sync{chain: cfg.Chain, loop: owner.NewLoop[*looper](cfg.Record)}
	s.own = s.loop.Open(nil)
	s.state.Store(&Progress{})
	s.m = newLooper(s, cfg.Record)
	return s
}

// Run is the loop. It runs until ctx ends and then handles what is left in the inbox. It may be called once.
func (s *Sync) Run(ctx context.Context) {
	var all sync.WaitGroup
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	all.Go(func() { s.m.worker.run(working) })
	s.loop.Run(ctx, s.m, owner.Counter("chainsync.wrong", &s.m.wrong))
	stop()
	all.Wait()
}

// Kinds implements [eth.Role]: the role takes replies to its own requests only.
func (s *Sync) Kinds() []wire.Kind { return nil }

// Open implements [eth.Role].
func (s *Sync) Open(session *eth.Session) eth.Listener {
	v := session.Version()
	l := &listener{
		session: session, chain: s.chain, slot: s.loop.Open(session.Budget()),
		info: info{hasRequestIDs: v.HasRequestIDs(), hasRange: v >= rangeVersion, hasParts: v >= partsVersion, hasLists: v >= listsVersion},
	}
	l.slot.Post(0, func(m *looper, now time.Time) { m.onOpen(now, l) })
	return l
}

// The first versions whose peers tell the range of their blocks (EIP-7642), give receipts in parts (EIP-7975), and give block access lists (EIP-8159).
const (
	rangeVersion = 69
	partsVersion = 70
	listsVersion = 71
)

// Believe says which block a source takes for the head. The chain is synchronised from it downwards, and it becomes the head. A block
// that follows the one before costs no new start. Any goroutine may call it; it never waits. Of blocks that come faster than the loop takes
// them, the last one counts.
func (s *Sync) Believe(b head.Believed) {
	s.mu.Lock()
	waits := s.believed != nil
	s.believed = &b
	s.mu.Unlock()
	if !waits {
		s.own.Post(0, func(m *looper, now time.Time) { m.onBelieved(now) })
	}
}

func (s *Sync) takeBelieved() *head.Believed {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.believed
	s.believed = nil
	return b
}

// Progress returns how far the synchronisation is. Any goroutine may call it.
func (s *Sync) Progress() Progress { return *s.state.Load() }

// Syncing reports whether our head is far from the one that peers or sources name, or headers below it are missing. Any goroutine may
// call it.
func (s *Sync) Syncing() bool { return s.state.Load().Syncing }
