// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Latest is our head and block range, as Status and BlockRangeUpdate state them (EIP-7642).
type Latest struct {
	Number   uint64
	Time     uint64 // Unix seconds
	Hash     types.Hash
	TD       uint256.Int // total difficulty up to and with this block
	Earliest uint64      // the first block with body and receipts
}

// A localStatus is what our Status states of our chain. It must be coherent and true: peers check
// the fork ID against the head (EIP-2124), and request blocks of the range (EIP-7642).
type localStatus struct {
	chain  *params.Chain
	status wire.Status // Version is set per session
	head   struct{ number, time uint64 }
}

// localStatus returns the Status of a session that opens now.
func (p *Protocol) localStatus() localStatus {
	chain := p.cfg.Chain
	latest := Latest{Time: chain.GenesisTime, Hash: chain.GenesisHash, TD: chain.GenesisDifficulty}
	if p.cfg.Latest != nil {
		latest = p.cfg.Latest()
	}
	c := localStatus{chain: chain}
	c.head.number, c.head.time = latest.Number, latest.Time
	c.status = wire.Status{
		NetworkID: p.cfg.NetworkID,
		TD:        latest.TD,
		Head:      latest.Hash,
		Genesis:   chain.GenesisHash,
		ForkID:    chain.ForkID(latest.Number, latest.Time),
		Earliest:  latest.Earliest,
		Latest:    latest.Number,
	}
	return c
}

// check compares the peer's Status with ours in go-ethereum's order, so that both sides name the
// same reason. Every mismatch is "subprotocol error" on the wire
// (devp2p/caps/eth.md#status-0x00).
func (c *localStatus) check(theirs *wire.Status, v wire.Version) error {
	ours := &c.status
	switch {
	case v <= 63 && theirs.Genesis != ours.Genesis:
		return c.wrongGenesis(theirs)
	case theirs.NetworkID != ours.NetworkID:
		return p2p.Foreign("status: network ID %d: ours is %d", theirs.NetworkID, ours.NetworkID)
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

func (c *localStatus) wrongGenesis(theirs *wire.Status) error {
	return p2p.Foreign("status: genesis %v: ours is %v", theirs.Genesis, c.status.Genesis)
}
