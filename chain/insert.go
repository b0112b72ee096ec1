// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"fmt"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// InsertHeaders takes headers, ascending, each on the one before and the first on a held one, after it has checked them
// as [Chain.CheckHeader] does; of the proofs of work it checks those of a random sample and the last. It returns how
// many it took, those that were held already included, and why it did not take the next one: see [Chain.CheckHeader].
//
// Before the merge the heaviest block becomes the head; of equal ones it is the first that came. After it, and where an
// external source has named a head, the blocks are held and [Chain.SetHead] moves the head. It copies what it keeps.
func (c *Chain) InsertHeaders(now time.Time, raw [][]byte) (int, error) {
	good, wrong := c.check(now, raw)
	if len(good) == 0 {
		return 0, wrong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	n, err := t.insert(good)
	t.commit()
	if err == nil {
		err = wrong
	}
	return n, err
}

// insert holds checked headers, and moves the head to the heaviest.
func (t *tx) insert(good []checked) (int, error) {
	c := t.c
	defer t.join() // blocks below a head in the air may be among them
	best, heaviest := types.Hash{}, c.state.head.TD
	for i := range good {
		h, hash := &good[i].header, good[i].hash
		if t.isCanonical(h.Number, hash) || c.side.blocks[hash] != nil {
			continue
		}
		if c.side.blocks[h.ParentHash] == nil && (h.Number == 0 || !t.isCanonical(h.Number-1, h.ParentHash)) {
			return i, t.lead(best, fmt.Errorf("block %d on %v: %w", h.Number, h.ParentHash, ErrUnknownParent))
		}
		t.putHeader(hash, h)
		parentTD, ok := t.td(h.ParentHash)
		td := parentTD
		if ok {
			td = sum(&td, &h.Difficulty)
			t.putTD(hash, &td)
		}
		t.linkSide(hash)
		if c.clique != nil {
			c.clique.save(t, h.Number, hash)
		}
		if ok && td.Gt(&heaviest) && c.heaviest(&parentTD) {
			best, heaviest = hash, td
		}
	}
	return len(good), t.lead(best, nil)
}

// lead moves the head to the heaviest new block, if there is one.
func (t *tx) lead(best types.Hash, err error) error {
	if best.IsZero() {
		return err
	}
	if wrong := t.moveHead(best); err == nil {
		return wrong
	}
	return err
}

// sum adds difficulties; 2^256-1 is the most.
func sum(a, b *uint256.Int) uint256.Int {
	s, over := new(uint256.Int).AddOverflow(a, b)
	if over {
		s.SetAllOne()
	}
	return *s
}
