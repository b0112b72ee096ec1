// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/script"
	"github.com/ethpeer/ethpeer/types"
)

// TestSelectorScripts plays testdata/selector/*.txt. Blocks are those of TestPeersScripts.
//
//	expect SOURCE…                        a new selector, with sources that are expected
//	believe SOURCE BLOCK [LAG] [header]   a source names or confirms a block; "?x" has no number
//	at TIME                               the clock moves; what is due happens, each thing at its time
//	deadline
func TestSelectorScripts(t *testing.T) {
	script.Run(t, "testdata/selector/*.txt", func(t *testing.T) func([]string) string {
		p := &selectorPlayer{t: t, now: epoch}
		p.start()
		return p.run
	})
}

type selectorPlayer struct {
	t   *testing.T
	s   *Selector
	now time.Time
	out strings.Builder
}

func (p *selectorPlayer) start(sources ...string) {
	p.s = NewSelector(p.now, Policy{Sources: sources, Record: func(e event.Event) {
		t := e.(event.Trouble)
		kind := "trouble"
		if t.Over {
			kind = "over"
		}
		fmt.Fprintf(&p.out, "%v %s %s: %s\n", t.Time.Sub(epoch), kind, t.Where, shortHashes(t.Err))
	}})
}

// shortHashes writes block hashes as the scripts do.
func shortHashes(text string) string {
	words := strings.Fields(text)
	for i, word := range words {
		digits, found := strings.CutPrefix(word, "0x")
		if !found || len(digits) < 64 {
			continue
		}
		var id []byte
		for j := 0; j < 64; j += 2 {
			if b, _ := strconv.ParseUint(digits[j:j+2], 16, 8); b != 0 {
				id = append(id, byte(b))
			}
		}
		words[i] = string(id) + digits[64:]
	}
	return strings.Join(words, " ")
}

func (p *selectorPlayer) run(words []string) string {
	p.out.Reset()
	switch words[0] {
	case "expect":
		p.start(words[1:]...)
	case "believe":
		p.s.Believe(p.now, believedOf(words[1:]))
		p.tick()
	case "at":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			p.t.Fatal(err)
		}
		for until := epoch.Add(d); ; {
			next := p.s.Tick(p.now)
			if next.IsZero() || next.After(until) {
				p.now = until
				break
			}
			p.now = next
			p.tick()
		}
		p.tick()
	case "deadline":
		next := p.s.Tick(p.now)
		if next.IsZero() {
			return "none"
		}
		return next.Sub(epoch).String()
	default:
		p.t.Fatalf("unknown command %q", words[0])
	}
	return p.out.String()
}

func (p *selectorPlayer) tick() {
	p.s.Tick(p.now)
	if h, changed := p.s.Changed(); changed {
		fmt.Fprintf(&p.out, "%v head %s number %d by %s proved %v lag %d stale %v\n",
			p.now.Sub(epoch), name(h.Hash), h.Number, h.By, h.Proved, h.Lag, h.Stale)
	}
	if err := p.s.checkInvariants(p.now); err != nil {
		p.t.Fatal(err)
	}
}

// believedOf reads SOURCE BLOCK [LAG] [header].
func believedOf(words []string) Believed {
	id, bare := strings.CutPrefix(words[1], "?")
	l := blockOf(id)
	b := Believed{Ref: l.Ref(), By: words[0], Proved: words[0] == byLight}
	if bare {
		b.Number = 0
	}
	for _, word := range words[2:] {
		if lag, err := strconv.Atoi(word); err == nil {
			b.Lag = lag
			continue
		}
		b.Header = headerOn(l)
	}
	return b
}

// checkInvariants says what must hold after Tick.
func (s *Selector) checkInvariants(now time.Time) error {
	head, ok := s.Head()
	for i := range s.voices {
		v := &s.voices[i]
		switch {
		case v.spoke && !ok:
			return fmt.Errorf("%s has spoken and there is no head", precedence[i])
		case v.spoke && !v.stale && i < s.chosen:
			return fmt.Errorf("%s is passed over for %s", precedence[i], head.By)
		case v.spoke && !v.stale && head.Stale:
			return fmt.Errorf("the head is stale and %s is not", precedence[i])
		case len(v.trail) > trailLength:
			return fmt.Errorf("%s has a trail of %d blocks", precedence[i], len(v.trail))
		case !slices.IsSortedFunc(v.trail, func(a, b chain.Ref) int { return int(a.Number) - int(b.Number) }):
			return fmt.Errorf("%s has the trail %v", precedence[i], v.trail)
		}
	}
	if next := s.Tick(now); !next.IsZero() && !next.After(now) {
		return fmt.Errorf("at %v Tick wants to be called at %v", now, next)
	}
	return nil
}

// Whatever sources say in whatever order, the selector keeps its invariants, each trouble ends before
// it begins again, and the trails stay bounded.
func TestSelectorRapid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, open := epoch, map[string]bool{}
		all := append(slices.Clone(precedence), byGossip)
		s := NewSelector(now, Policy{
			Sources: rapid.SliceOfDistinct(rapid.SampledFrom(all), rapid.ID).Draw(t, "expected"),
			Record: func(e event.Event) {
				trouble := e.(event.Trouble)
				if trouble.Over != open[trouble.Where] {
					t.Fatalf("%s over %v, open %v", trouble.Where, trouble.Over, open[trouble.Where])
				}
				open[trouble.Where] = !trouble.Over
			},
		})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "seconds")) * time.Second)
			s.Tick(now)
			block := fmt.Sprint(rapid.IntRange(0, 200).Draw(t, "number")) + rapid.SampledFrom([]string{"", "a"}).Draw(t, "branch")
			words := []string{rapid.SampledFrom(all).Draw(t, "source"), block}
			if rapid.Bool().Draw(t, "has a header") {
				words = append(words, "header")
			}
			s.Believe(now, believedOf(words))
			s.Tick(now)
			if err := s.checkInvariants(now); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// headerOn returns the RLP of a header on the block's parent.
func headerOn(l chain.Link) []byte {
	h := types.Header{ParentHash: l.Parent, Number: l.Number, GasLimit: 30_000_000}
	return h.Append(nil)
}
