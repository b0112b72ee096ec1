// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"sync/atomic"

	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// The rules of a peer's share of the stage.
const (
	fullShare   = 16 // transactions in one turn of a peer
	judgeAfter  = 64 // deliveries; until then a peer has its full share
	usefulOneIn = 32 // a peer has its full share while one delivery in so many is useful
	forgetAfter = 1024
)

// A credit counts how useful the transactions of a peer were, and so how large its turns in the stage
// are. A delivery is useful if it was new and another peer mentions the transaction, too, or a
// block has it: peers relay only what they found valid, and made-up transactions end here. Deliveries that
// are invalid, of another chain, or known already are useless.
//
// owner: the loop. The stage reads turn.
type credit struct {
	group             netgroup.Group
	delivered, useful int
	share             atomic.Int32 // in one turn; 0 = fullShare
}

// turn returns how many transactions of the peer are recovered in one turn.
func (c *credit) turn() int {
	if n := int(c.share.Load()); n > 0 {
		return n
	}
	return fullShare
}

// deliver notes a delivery.
func (c *credit) deliver() {
	if c.delivered++; c.delivered == forgetAfter {
		c.delivered, c.useful = c.delivered/2, c.useful/2
	}
	c.judge()
}

// confirm notes that an earlier delivery was useful.
func (c *credit) confirm() {
	c.useful = min(c.useful+1, c.delivered)
	c.judge()
}

func (c *credit) judge() {
	share := fullShare
	if c.delivered >= judgeAfter {
		share = min(fullShare, max(1, fullShare*usefulOneIn*c.useful/c.delivered))
	}
	c.share.Store(int32(share)) //nolint:gosec // G115: at most fullShare
}

// confirms reports whether a mention by c confirms what other delivered: not if they are one peer, or
// of one network, whose addresses one owner gets cheaply.
func (c *credit) confirms(other *credit) bool {
	return c != other && (c.group.IsZero() || c.group.Wide != other.group.Wide)
}
