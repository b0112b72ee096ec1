// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Status is the first message of both sides: the chain of the sender and the blocks that it has. It
// has three shapes (devp2p/caps/eth.md#status-0x00):
//
//	eth/63     [version, network, td, head, genesis]
//	eth/64–68  [version, network, td, head, genesis, forkID]
//	eth/69     [version, network, genesis, forkID, earliest, latest, head]
//
// Fields that a version does not have are zero when read and left out when written. From eth/69 on
// an impossible range is an error (see [BlockRangeUpdate]). The caller compares versions and
// chains.
type Status struct {
	Version   Version // as stated in the message; should be the negotiated one
	NetworkID uint64
	TD        uint256.Int // total difficulty of Head; until eth/68
	Head      types.Hash  // the best block; from eth/69 on that of Latest
	Genesis   types.Hash
	ForkID    params.ForkID // from eth/64 on
	Earliest  uint64        // number of the first block with body and receipts; from eth/69 on
	Latest    uint64        // number of the last one, Head; from eth/69 on
}

// Kind returns KindStatus.
func (*Status) Kind() Kind { return KindStatus }

func (m *Status) decode(c *rlp.Cursor, _ *Row, v Version) {
	*m = Status{}
	c.List("")
	m.Version = Version(c.Uint64("version"))
	m.NetworkID = c.Uint64("network")
	if v < blockRanges {
		m.TD.SetBytes(c.Integer("td", 32))
		c.Fixed("head", m.Head[:])
	}
	c.Fixed("genesis", m.Genesis[:])
	if v >= forkIDs {
		c.List("forkID")
		c.Fixed("hash", m.ForkID.Hash[:])
		m.ForkID.Next = c.Uint64("next")
		c.End()
	}
	if v >= blockRanges {
		m.Earliest, m.Latest = readRange(c, &m.Head)
	}
	c.End()
}

// Append implements [Message].
func (m *Status) Append(dst []byte, v Version) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, uint64(m.Version))
	dst = rlp.AppendUint64(dst, m.NetworkID)
	if v < blockRanges {
		dst = appendDifficulty(dst, &m.TD)
		dst = rlp.AppendBytes(dst, m.Head[:])
	}
	dst = rlp.AppendBytes(dst, m.Genesis[:])
	if v >= forkIDs {
		var inner int
		dst, inner = rlp.OpenList(dst)
		dst = rlp.AppendBytes(dst, m.ForkID.Hash[:])
		dst = rlp.AppendUint64(dst, m.ForkID.Next)
		dst = rlp.CloseList(dst, inner)
	}
	if v >= blockRanges {
		dst = appendRange(dst, m.Earliest, m.Latest, &m.Head)
	}
	return rlp.CloseList(dst, list)
}

func appendDifficulty(dst []byte, td *uint256.Int) []byte {
	b := td.Bytes32()
	return rlp.AppendInteger(dst, b[:])
}
