// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// trailLength is how many of a source's latest blocks are compared with those of others: two epochs.
const trailLength = 64

// A trail is the latest blocks that a source named, in ascending order: at most trailLength, the oldest are dropped.
type trail []chain.Ref

// add notes the block that a source names, and its parent if the header says so. Blocks at the number or above are of a
// branch that the source has left.
func (t *trail) add(b *Believed) {
	if !b.Numbered() {
		return
	}
	refs := *t
	for len(refs) > 0 && refs[len(refs)-1].Number >= b.Number {
		refs = refs[:len(refs)-1]
	}
	if h, err := types.DecodeHeader(b.Header); err == nil && b.Number > 0 {
		parent := chain.Ref{Number: b.Number - 1, Hash: h.ParentHash}
		if n := len(refs); n > 0 && refs[n-1].Number == parent.Number {
			refs = refs[:n-1]
		}
		refs = append(refs, parent)
	}
	refs = append(refs, b.Ref)
	if extra := len(refs) - trailLength; extra > 0 {
		refs = append(refs[:0], refs[extra:]...)
	}
	*t = refs
}

// conflict returns the highest number of which two trails have different blocks, unless they have the same
// block of a higher number.
func conflict(a, b trail) (x, y chain.Ref, ok bool) {
	for i, j := len(a)-1, len(b)-1; i >= 0 && j >= 0; {
		switch {
		case a[i].Number > b[j].Number:
			i--
		case a[i].Number < b[j].Number:
			j--
		default:
			return a[i], b[j], a[i].Hash != b[j].Hash
		}
	}
	return x, y, false
}

// compare notes since when two sources disagree, and tells it when it has lasted for a slot.
func (s *Selector) compare(now time.Time) {
	text := s.disagreement()
	if text == "" {
		if s.told {
			s.record(now, "the sources agree again", true)
		}
		s.disputed, s.told = time.Time{}, false
		return
	}
	if s.disputed.IsZero() {
		s.disputed = now
	}
	if !s.told && now.Sub(s.disputed) >= s.policy.Slot {
		s.told = true
		s.record(now, text, false)
	}
}

func (s *Selector) record(now time.Time, text string, over bool) {
	s.policy.Record.Record(event.Trouble{At: event.At{Time: now}, Where: event.TroubleHeads, Err: text, Over: over})
}

// disagreement says how two sources that are not stale disagree; "" = they do not.
func (s *Selector) disagreement() string {
	for i := range s.voices {
		for j := i + 1; j < len(s.voices); j++ {
			a, b := &s.voices[i], &s.voices[j]
			if !a.speaks() || !b.speaks() {
				continue
			}
			if x, y, ok := conflict(a.trail, b.trail); ok {
				return fmt.Sprintf("%s says that block %d is %v, %s says %v: one of them follows another chain; the head by %s counts",
					a.last.By, x.Number, x.Hash, b.last.By, y.Hash, a.last.By)
			}
			if precedence[j] == byPeers {
				continue // what peers say can be late: a poll takes its time
			}
			if top, other := a.top(), b.top(); max(top, other)-min(top, other) > 1 {
				return fmt.Sprintf("%s is at block %d and %s at block %d: one of them is behind; the head by %s counts",
					a.last.By, top, b.last.By, other, a.last.By)
			}
		}
	}
	return ""
}

// speaks reports whether what the source names can be compared: a fixed head cannot, which is without a number.
func (v *voice) speaks() bool {
	return v.spoke && !v.stale && v.last.By != byFixed && v.last.Numbered()
}

// top is the number of the newest block that the source knows to exist.
func (v *voice) top() uint64 { return v.last.Number + uint64(max(0, v.last.Lag)) }
