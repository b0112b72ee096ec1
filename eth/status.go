// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// A claim is what our Status says of our chain. It must be coherent, and true: peers
// check the fork ID against the head, and ask for the range.
type claim struct {
	chain  *params.Chain
	status wire.Status // Version is set per session
	head   struct{ number, time uint64 }
}

// claimGenesis claims nothing but the genesis block, which is all that we hold.
func claimGenesis(chain *params.Chain, network uint64) claim {
	c := claim{chain: chain}
	c.head.time = chain.GenesisTime
	c.status = wire.Status{
		NetworkID: network,
		TD:        chain.GenesisDifficulty,
		Head:      chain.GenesisHash,
		Genesis:   chain.GenesisHash,
		ForkID:    chain.ForkID(c.head.number, c.head.time),
	}
	return c
}

// check compares their Status with ours in the order that go-ethereum's clients do, so
// that both sides name the same reason. All mismatches are "subprotocol error" on the
// wire (devp2p/caps/eth.md#status-0x00).
func (c *claim) check(theirs *wire.Status, v wire.Version) error {
	ours := &c.status
	switch {
	case v <= 63 && theirs.Genesis != ours.Genesis:
		return c.wrongGenesis(theirs)
	case theirs.NetworkID != ours.NetworkID:
		return p2p.Breach("status: network ID %d: ours is %d", theirs.NetworkID, ours.NetworkID)
	case theirs.Version != v:
		return p2p.Breach("status: protocol version %d: eth/%d was negotiated", theirs.Version, v)
	case theirs.Genesis != ours.Genesis:
		return c.wrongGenesis(theirs)
	case v < 64:
		return nil
	}
	if err := c.chain.CheckForkID(theirs.ForkID, c.head.number, c.head.time); err != nil {
		return p2p.Breach("status: fork ID %x, next %d: %w", theirs.ForkID.Hash, theirs.ForkID.Next, err)
	}
	return nil
}

func (c *claim) wrongGenesis(theirs *wire.Status) error {
	return p2p.Breach("status: genesis %v: ours is %v", theirs.Genesis, c.status.Genesis)
}
