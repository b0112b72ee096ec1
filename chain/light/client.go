// SPDX-License-Identifier: Apache-2.0

package light

import (
	"github.com/ethpeer/ethpeer/types"
)

// A Head is a beacon block, and the execution block that it proves.
type Head struct {
	Slot   uint64
	Root   Root       // of the beacon block
	Hash   types.Hash // of the execution block: in the block itself, from Gloas on its parent; zero before Capella
	Number uint64     // of the execution block; 0 = the proof does not state it (Gloas)
	Votes  int        // members of the sync committee that signed; 0 = it is the checkpoint, or is proved by a finality branch
}

// A Client is the state of a light client: two committees and two heads. It has one owner and does no I/O. It holds about 150 KB.
type Client struct {
	network Network

	checkpoint Root
	period     uint64 // of current
	current    *signers
	next       *signers // of the period after; nil = not known
	settled    bool     // next was proved by a finalized block of its own period

	head, finalized Head
}

// Start begins at a checkpoint: a beacon block's root that the operator trusts. The bootstrap is a beacon node's answer, and is trusted
// for nothing: its header must hash to the root, and its committee be proved by the header's state
// (consensus-specs/specs/altair/light-client/sync-protocol.md#initialize_light_client_store). The errors are *Error.
func Start(n *Network, checkpoint Root, b *Bootstrap) (*Client, error) {
	if root := b.Header.Beacon.Root(); root != checkpoint {
		return nil, fail(BadBranch, "asked for block %v, got %v", checkpoint, root)
	}
	head, err := b.Header.check(n)
	if err != nil {
		return nil, err
	}
	l, err := n.layoutAt(head.Slot)
	if err != nil {
		return nil, err
	}
	if len(b.Committee.Keys) != n.Preset.CommitteeSize {
		return nil, fail(Malformed, "a sync committee of %d keys, want %d", len(b.Committee.Keys), n.Preset.CommitteeSize)
	}
	if !proved(b.Committee.root(), b.Branch, l.current, b.Header.Beacon.State) {
		return nil, fail(BadBranch, "current sync committee, slot %d, %s", head.Slot, l.name)
	}
	current, err := newSigners(&b.Committee, n.Preset.CommitteeSize)
	if err != nil {
		return nil, err
	}
	return &Client{network: *n, checkpoint: checkpoint, period: n.PeriodOf(head.Slot), current: current, head: head, finalized: head}, nil
}

// Head returns the newest proved block.
func (c *Client) Head() Head { return c.head }

// Finalized returns the newest proved finalized block.
func (c *Client) Finalized() Head { return c.finalized }

// Checkpoint returns the root that all this rests on.
func (c *Client) Checkpoint() Root { return c.checkpoint }

// Committees returns the first and the last sync committee period in which signatures can be checked: last is first or the
// one after.
func (c *Client) Committees() (first, last uint64) {
	if c.next == nil {
		return c.period, c.period
	}
	return c.period, c.period + 1
}

// Wants returns the period of which an update is needed next, to learn the committee of the period after.
func (c *Client) Wants() uint64 {
	_, last := c.Committees()
	return last
}
