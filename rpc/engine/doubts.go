// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// doubts remembers whether the last caller was refused, so that a wrong secret is told once, and its end.
type doubts struct {
	mu      sync.Mutex // a leaf
	refused bool
}

func (d *doubts) refuse(s *Server, err error) {
	if d.set(true) {
		s.trouble(event.TroubleToken, fmt.Sprintf("a caller of the engine port was refused: %v; give the consensus client the same JWT secret", err), false)
	}
}

func (d *doubts) accept(s *Server) {
	if d.set(false) {
		s.trouble(event.TroubleToken, "the consensus client has the right JWT secret", true)
	}
}

// set reports whether the value is another than before.
func (d *doubts) set(refused bool) (changed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	changed, d.refused = d.refused != refused, refused
	return changed
}

func (s *Server) trouble(where, text string, over bool) {
	s.cfg.Record.Record(event.Trouble{At: event.At{Time: s.now()}, Where: where, Err: text, Over: over})
}

// losses counts what was not kept, and reports it at most once in lossEvery.
type losses struct {
	at    time.Time // of the last report
	count uint64    // since then
}

const lossEvery = time.Second

// lose counts a block that is not kept.
func (s *Server) lose() {
	l := &s.lost
	l.count++
	if now := s.now(); now.Sub(l.at) >= lossEvery {
		s.cfg.Record.Record(event.Loss{At: event.At{Time: now}, Where: "engine.blocks", Of: event.KindBlock, Count: l.count})
		*l = losses{at: now}
	}
}
