// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"bytes"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/types"
)

// sealEvery is of how many headers in a row that come at once one has its proof of work checked, at random; the last
// one always has, and a header that comes alone.
const sealEvery = 64

// A checked header is correct on its parent.
type checked struct {
	header types.Header
	hash   types.Hash
}

// CheckHeader checks a header against its parent, which must be held, and the clock; with seal also its proof of work.
// On a chain of signers (EIP-225) the signer is always checked. It returns a *rules.Error or an *rlp.Error for the
// header's faults, [ErrUnknownParent] and [ErrFuture] where there is none. It writes nothing, and borrows raw until it
// returns.
func (c *Chain) CheckHeader(now time.Time, raw []byte, seal bool) (Link, error) {
	h, err := c.params.DecodeHeader(raw)
	if err != nil {
		return Link{}, err
	}
	hash := h.Hash()
	parent, err := c.parent(&h)
	if err != nil {
		return Link{}, err
	}
	if err := c.checkHeader(now, parent, &h, hash); err != nil {
		return Link{}, err
	}
	if seal {
		if err := c.checkSeal(&h, hash); err != nil {
			return Link{}, err
		}
	}
	return linkOf(&h, hash), nil
}

// parent returns the header that another is on.
func (c *Chain) parent(h *types.Header) (*types.Header, error) {
	parent, err := c.params.DecodeHeader(c.Header(h.ParentHash))
	if err != nil {
		return nil, fmt.Errorf("block %d on %v: %w", h.Number, h.ParentHash, ErrUnknownParent)
	}
	return &parent, nil
}

// checkHeader checks all but the proof of work.
func (c *Chain) checkHeader(now time.Time, parent, h *types.Header, hash types.Hash) error {
	if err := checkTime(now, h.Number, h.Time); err != nil {
		return err
	}
	if err := rules.Check(c.params, parent, h); err != nil {
		return err
	}
	if c.clique != nil {
		return c.clique.check(h, hash)
	}
	return nil
}

// checkSeal checks a proof of work, once.
func (c *Chain) checkSeal(h *types.Header, hash types.Hash) error {
	noWork := c.params.Clique != nil || c.params.HashRule != types.HashWhole // signers or validators seal
	if c.seals == nil || h.Difficulty.IsZero() || h.Number == 0 || noWork {
		return nil
	}
	c.proven.mu.Lock()
	proven := c.proven.hashes.Has(hash)
	c.proven.mu.Unlock()
	if proven {
		return nil
	}
	if err := c.seals.Check(h); err != nil {
		return err
	}
	c.proven.mu.Lock()
	c.proven.hashes.Add(hash)
	c.proven.mu.Unlock()
	return nil
}

// check checks headers of which each is on the one before, and the first on a held one. It returns those before the
// first that is wrong.
func (c *Chain) check(now time.Time, raw [][]byte) ([]checked, error) {
	good := make([]checked, 0, len(raw))
	var parent *types.Header
	sealed := c.sample(len(raw))
	for i := range raw {
		h, err := c.params.DecodeHeader(raw[i])
		if err != nil {
			return good, err
		}
		good = append(good, checked{h, h.Hash()})
		this := &good[i]
		if !bytes.Equal(c.Header(this.hash), raw[i]) { // not held, so not checked yet
			if parent == nil {
				parent, err = c.parent(&h)
			}
			if err == nil {
				err = c.checkHeader(now, parent, &this.header, this.hash)
			}
			if err == nil && sealed(i) {
				err = c.checkSeal(&this.header, this.hash)
			}
		} else if parent != nil {
			err = rules.Check(c.params, parent, &this.header)
		}
		if err != nil {
			return good[:i], err
		}
		parent = &this.header
	}
	return good, nil
}

// sample returns which of n headers have their proof of work checked.
func (c *Chain) sample(n int) func(i int) bool {
	if c.seals == nil || n == 0 {
		return func(int) bool { return false }
	}
	var chosen int
	return func(i int) bool {
		if i%sealEvery == 0 {
			chosen = i + c.choose(min(sealEvery, n-i))
		}
		return i == chosen || i == n-1
	}
}
