// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"fmt"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/types"
)

// A Gap is between the lowest header of the run that ends at the head and what is held, or kept, below it.
type Gap struct {
	Next  Ref    // the header that [Chain.InsertBack] wants
	Floor uint64 // the lowest number that it wants, at least 1; less is wanted where the run joins an older one
	Older Ref    // the end of the next older run, where the gap probably ends; the genesis block at the latest
}

// Gap returns what is missing below the head's run; false if nothing is.
func (c *Chain) Gap() (Gap, bool) {
	v := c.view.Load()
	return v.gap, v.hasGap
}

func (c *Chain) gap(top span, low uint64) (g Gap, ok bool) {
	if low = max(low, 1); top.lo <= low {
		return g, false
	}
	hash := hashOf(c.get(Key{Kind: KindCanonical, Number: top.lo}))
	h, err := c.params.DecodeHeader(c.Header(hash))
	if err != nil {
		return g, false
	}
	g = Gap{Next: Ref{top.lo - 1, h.ParentHash}, Floor: low, Older: Ref{Hash: c.params.GenesisHash}}
	if runs := c.state.runs; len(runs) > 1 {
		older := runs[len(runs)-2].hi
		g.Older = Ref{older, hashOf(c.get(Key{Kind: KindCanonical, Number: older}))}
	}
	return g, true
}

func hashOf(raw []byte) (h types.Hash) {
	copy(h[:], raw)
	return h
}

// SetHead makes a block the head because an external source believes it. Header may be nil if it is held. On a held
// parent, the block extends the chain or reorganises it; otherwise it begins a new run, with a [Gap] below. A canonical
// block below the head changes nothing. It returns [ErrUnknownBlock] if the header is neither given nor held,
// [ErrFinal], or an error of the header itself.
func (c *Chain) SetHead(ref Ref, header []byte) error {
	if header == nil {
		if header = c.Header(ref.Hash); header == nil {
			return fmt.Errorf("block %d, %v: %w", ref.Number, ref.Hash, ErrUnknownBlock)
		}
	}
	h, err := c.params.DecodeHeader(header)
	switch {
	case err != nil:
		return err
	case h.Hash() != ref.Hash || h.Number != ref.Number:
		return &rules.Error{Rule: rules.Parent, Number: ref.Number, Why: fmt.Sprintf("the header is not that of %v", ref.Hash)}
	}
	if parent, err := c.parent(&h); err == nil {
		if err := rules.Check(c.params, parent, &h); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	err = t.believe(&h, ref.Hash)
	t.commit()
	return err
}

// believe makes a block the head that an external source names.
func (t *tx) believe(h *types.Header, hash types.Hash) error {
	s := &t.c.state
	s.led = true
	top, _ := s.runs.top()
	if t.isCanonical(h.Number, hash) && (h.Number >= top.lo || h.Number == 0) {
		return nil
	}
	if h.Number <= s.final.Number {
		return fmt.Errorf("block %d, %d is final: %w", h.Number, s.final.Number, ErrFinal)
	}
	held := t.c.side.blocks[hash] != nil || t.isCanonical(h.Number, hash)
	if !held && (t.c.side.blocks[h.ParentHash] != nil || t.isCanonical(h.Number-1, h.ParentHash)) {
		t.putHeader(hash, h)
		if td, ok := t.td(h.ParentHash); ok {
			td = sum(&td, &h.Difficulty)
			t.putTD(hash, &td)
		}
		t.linkSide(hash)
		held = true
	}
	if held {
		if err := t.moveHead(hash); !errors.Is(err, ErrUnknownParent) {
			return err
		}
	}
	t.remove(h.Number, max(s.head.Number, h.Number))
	t.putHeader(hash, h)
	t.canonical(h, hash)
	t.change.Reset = true
	t.setHead(h, hash)
	t.join()
	t.limitRuns()
	return nil
}

// InsertBack takes headers, descending, that close the [Gap]: the first one is its Next. It checks that each is the
// parent of the one before, by the rules; of the proofs of work, those of a random sample. It returns how many it took.
// A *rules.Error for the parent's hash is the fault of whoever sent the header; one of another rule is that of the chain
// which the head's source believes. [ErrMoved] says that the gap has closed or is elsewhere. It copies what it keeps.
func (c *Chain) InsertBack(raw [][]byte) (int, error) {
	g, ok := c.Gap()
	if !ok {
		return 0, ErrNoGap
	}
	good, wrong := c.checkBack(g, raw)
	if len(good) == 0 {
		return 0, wrong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	n, err := t.insertBack(good)
	t.commit()
	if err == nil {
		err = wrong
	}
	return n, err
}

// checkBack checks headers below a gap's upper end. It returns those before the first that is wrong.
func (c *Chain) checkBack(g Gap, raw [][]byte) (good []checked, err error) {
	child, err := c.params.DecodeHeader(c.HeaderAt(g.Next.Number + 1))
	if err != nil || child.ParentHash != g.Next.Hash {
		return nil, ErrMoved
	}
	sealed := c.sample(len(raw))
	for i := range raw {
		h, err := c.params.DecodeHeader(raw[i])
		if err != nil {
			return good, err
		}
		hash := h.Hash()
		if hash != child.ParentHash {
			return good, &rules.Error{Rule: rules.Parent, Number: h.Number, Why: fmt.Sprintf("is block %v, not %v", hash, child.ParentHash)}
		}
		if err := rules.Check(c.params, &h, &child); err != nil {
			return good, err
		}
		if h.Number == 0 || h.Number < g.Floor { // the genesis block is held, lower ones are not wanted
			return good, nil
		}
		if h.Number == 1 {
			if err := c.onGenesis(&h); err != nil {
				return good, err
			}
		}
		if sealed(i) {
			if err := c.checkSeal(&h, hash); err != nil {
				return good, err
			}
		}
		good = append(good, checked{h, hash})
		child = h
	}
	return good, nil
}

// onGenesis checks block 1.
func (c *Chain) onGenesis(h *types.Header) error {
	genesis, err := c.params.DecodeHeader(c.params.Genesis)
	if err != nil {
		return err
	}
	return rules.Check(c.params, &genesis, h)
}

func (t *tx) insertBack(good []checked) (int, error) {
	s := &t.c.state
	for i := range good {
		h, hash := &good[i].header, good[i].hash
		if t.isCanonical(h.Number, hash) { // joined
			continue
		}
		child, ok := t.lowest()
		switch {
		case !ok || child.ParentHash != hash:
			return i, ErrMoved
		case h.Number <= s.final.Number:
			return i, fmt.Errorf("block %d, %d is final: %w", h.Number, s.final.Number, ErrFinal)
		}
		t.putHeader(hash, h)
		t.canonical(h, hash)
		t.join()
	}
	return len(good), nil
}

// lowest returns the lowest header of the run that ends at the head.
func (t *tx) lowest() (types.Header, bool) {
	top, _ := t.c.state.runs.top()
	hash, ok := t.at(top.lo)
	if !ok {
		return types.Header{}, false
	}
	return t.header(hash)
}

// join extends the head's run downwards by the side blocks that it is built on.
func (t *tx) join() {
	for {
		low, ok := t.lowest()
		if !ok || low.Number == 0 {
			return
		}
		b := t.c.side.blocks[low.ParentHash]
		if b == nil {
			return
		}
		h, ok := t.header(b.Hash)
		if !ok {
			return
		}
		t.canonical(&h, b.Hash)
	}
}

// Finalize says that no reorganisation goes below a canonical block. One that is not held, or is below the last one, is
// ignored.
func (c *Chain) Finalize(ref Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	if ref.Number <= c.state.final.Number || !t.isCanonical(ref.Number, ref.Hash) {
		return
	}
	c.state.final = ref
	t.commit()
}

// maxRuns bounds the runs below the head's: each jump of the head leaves one.
const maxRuns = 16

// limitRuns removes the shortest of the older runs while there are too many. The genesis block's stays.
func (t *tx) limitRuns() {
	for s := &t.c.state; len(s.runs) > maxRuns; {
		shortest := 1
		for i := 1; i < len(s.runs)-1; i++ {
			if s.runs[i].hi-s.runs[i].lo < s.runs[shortest].hi-s.runs[shortest].lo {
				shortest = i
			}
		}
		t.remove(s.runs[shortest].lo, s.runs[shortest].hi)
	}
}
