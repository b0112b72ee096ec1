// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"github.com/holiman/uint256"
)

// Mined passes on a block of our own: whole to the square root of the peers that lack it, and its hash to the others
// (devp2p/caps/eth.md#block-propagation). The chain must hold the block. header and body are their RLP, the body as
// BlockBodies has it, and td the total difficulty, the block's included; the caller must not change them later. Any
// goroutine may call Mined; it never waits. A Gossip without a chain passes nothing on.
func (g *Gossip) Mined(header, body []byte, td *uint256.Int) {
	if g.follower == nil {
		return
	}
	h, err := g.follower.params.DecodeHeader(header)
	if err != nil {
		return
	}
	b := &wholeBlock{hash: h.Hash(), parent: h.ParentHash, number: h.Number, time: h.Time, header: header, body: body}
	g.follower.relay.sendWhole(b, td)
	g.follower.relay.announce(b.hash, b.number)
}
