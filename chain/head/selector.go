// SPDX-License-Identifier: Apache-2.0

// in: what sources believe, time · out: the head that counts, troubles · owner: the owner of the machine

package head

import (
	"fmt"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/event"
)

// DefaultSlot is the time between two blocks where Policy.Slot is 0: that of mainnet.
const DefaultSlot = 12 * time.Second

// staleSlots is how many slots a source may be silent before the next source counts.
const staleSlots = 3

// A Policy says how a [Selector] chooses.
type Policy struct {
	Slot    time.Duration  // between two blocks; 0 = DefaultSlot
	Sources []string       // those expected from the start (event's HeadBy constants): their silence is told
	Record  event.Recorder // takes a Trouble when a source becomes stale or two disagree, and when that ends
}

// A Selected is the head that counts.
type Selected struct {
	Believed
	Stale bool // its source has been silent for three slots, and no other source is better
}

// Selector chooses among the heads that several sources name.
//
// The first of engine, light, fixed and peers counts that is not stale. Gossip and peers are one source.
// A source is stale when it has named no head and confirmed none for three slots; a fixed head never is, and
// peers or gossip alone neither: their silence may mean that there is no new block. While all are stale the one that
// counted last counts, and is said to be stale.
//
// Two of engine, light and peers disagree if they name different blocks of one number; engine and light also if their
// numbers, with what each says that it lags behind, are more than one apart. A disagreement that lasts for
// longer than a slot is told once, and its end is. It does not change which head counts.
type Selector struct {
	policy  Policy
	voices  []voice // by place in precedence
	chosen  int     // index of voices; -1 = none
	changed bool

	disputed time.Time // since when two sources disagree; zero = they do not
	told     bool      // the disagreement has been told
}

// A voice is one source's part of the Selector.
type voice struct {
	last     Believed
	spoke    bool // it has named a head
	expected bool
	heard    time.Time // when it last spoke; before that, when it was expected
	stale    bool
	trail    trail
}

// NewSelector returns a selector that has heard of no head.
func NewSelector(now time.Time, p Policy) *Selector {
	if p.Slot <= 0 {
		p.Slot = DefaultSlot
	}
	s := &Selector{policy: p, voices: make([]voice, len(precedence)), chosen: -1}
	for i := range s.voices {
		s.voices[i].heard = now
	}
	for _, by := range p.Sources {
		s.voices[slotOf(by)].expected = true
	}
	return s
}

// Believe takes what a source names or confirms.
func (s *Selector) Believe(now time.Time, b Believed) {
	v := &s.voices[slotOf(b.By)]
	wasStale := v.stale
	if v.stale = false; wasStale {
		s.trouble(now, slotOf(b.By), "there are heads by "+b.By+" again", true)
	}
	before := v.last
	v.last, v.spoke, v.heard = b, true, now
	v.trail.add(&b)
	if s.chosen >= 0 && v == &s.voices[s.chosen] && (before.Ref != b.Ref || wasStale) {
		s.changed = true
	}
	s.settle(now)
}

// Tick marks the sources that have become stale, and tells a disagreement that has lasted. It returns when it
// must be called next; the zero time if nothing waits.
func (s *Selector) Tick(now time.Time) (next time.Time) {
	for i := range s.voices {
		v := &s.voices[i]
		at, ok := s.staleAt(i)
		if !ok || v.stale {
			continue
		}
		if now.Before(at) {
			next = soonest(next, at)
			continue
		}
		v.stale = true
		s.changed = s.changed || i == s.chosen
		s.trouble(now, i, silence(precedence[i], now.Sub(v.heard), v.spoke), false)
	}
	s.settle(now)
	if !s.disputed.IsZero() && !s.told {
		next = soonest(next, s.disputed.Add(s.policy.Slot))
	}
	return next
}

// staleAt returns when the source becomes stale, and false for one that never does.
func (s *Selector) staleAt(i int) (time.Time, bool) {
	v := &s.voices[i]
	if precedence[i] == byFixed || !v.spoke && !v.expected || precedence[i] == byPeers && s.alone(i) {
		return time.Time{}, false
	}
	return v.heard.Add(staleSlots * s.policy.Slot), true
}

// alone reports whether no other source is expected or has spoken.
func (s *Selector) alone(i int) bool {
	for j := range s.voices {
		if v := &s.voices[j]; j != i && (v.spoke || v.expected) {
			return false
		}
	}
	return true
}

// Changed returns the head that counts, and true if it is another than when Changed was last called, or counts
// for another reason.
func (s *Selector) Changed() (Selected, bool) {
	changed := s.changed
	s.changed = false
	head, _ := s.Head()
	return head, changed
}

// Head returns the head that counts, and false if no source has named one.
func (s *Selector) Head() (Selected, bool) {
	if s.chosen < 0 {
		return Selected{}, false
	}
	v := &s.voices[s.chosen]
	return Selected{Believed: v.last, Stale: v.stale}, true
}

// settle chooses the source, and compares what the sources say.
func (s *Selector) settle(now time.Time) {
	best := slices.IndexFunc(s.voices, func(v voice) bool { return v.spoke && !v.stale })
	if best >= 0 && best != s.chosen {
		s.chosen, s.changed = best, true
	}
	s.compare(now)
}

func (s *Selector) trouble(now time.Time, i int, text string, over bool) {
	where := []string{event.TroubleEngine, event.TroubleLight, event.TroubleHeads, event.TroublePeers}[i]
	s.policy.Record.Record(event.Trouble{At: event.At{Time: now}, Where: where, Err: text, Over: over})
}

// silence says what a source's silence means and what to do.
func silence(by string, silent time.Duration, spoke bool) string {
	since := "yet"
	if spoke {
		since = "for " + silent.Truncate(time.Second).String()
	}
	advice := map[string]string{
		byEngine: "is the consensus client running, with this engine URL and this JWT secret? Until it calls, other sources count",
		byLight:  "is a beacon node of --beacon up and in sync? Until it answers, other sources count",
		byPeers:  "too few unrelated peers are connected or agree",
	}
	return fmt.Sprintf("no head by %s %s: %s", by, since, advice[by])
}

func soonest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
