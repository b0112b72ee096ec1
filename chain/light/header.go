// SPDX-License-Identifier: Apache-2.0

package light

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// A Beacon is a BeaconBlockHeader (consensus-specs/specs/phase0/beacon-chain.md#beaconblockheader).
type Beacon struct {
	Slot, Proposer      uint64
	Parent, State, Body Root
}

// Root returns the root of the beacon block.
func (b *Beacon) Root() Root {
	return merkleize([]Root{number(b.Slot), number(b.Proposer), b.Parent, b.State, b.Body, {}, {}, {}})
}

// An Execution is an ExecutionPayloadHeader (consensus-specs/specs/deneb/beacon-chain.md#executionpayloadheader).
type Execution struct {
	ParentHash, StateRoot, ReceiptsRoot, PrevRandao, BlockHash, TxRoot, WithdrawalsRoot Root

	FeeRecipient                          [20]byte
	LogsBloom                             [256]byte
	BlockNumber, GasLimit, GasUsed        uint64
	Timestamp, BlobGasUsed, ExcessBlobGas uint64
	ExtraData                             []byte // at most 32 bytes
	BaseFee                               uint256.Int
}

// root returns the root of the header with the first n fields: 15 in Capella, 17 from Deneb on.
func (e *Execution) root(n int) Root {
	var fee, extra Root
	copy(fee[:], e.FeeRecipient[:])
	copy(extra[:], e.ExtraData)
	bloom := make([]Root, 8)
	for i := range bloom {
		copy(bloom[i][:], e.LogsBloom[32*i:])
	}
	base := e.BaseFee.Bytes32()
	for i := range 16 {
		base[i], base[31-i] = base[31-i], base[i]
	}
	leaves := make([]Root, 32)
	copy(leaves, []Root{
		e.ParentHash, fee, e.StateRoot, e.ReceiptsRoot, merkleize(bloom), e.PrevRandao,
		number(e.BlockNumber), number(e.GasLimit), number(e.GasUsed), number(e.Timestamp),
		hash2(extra, number(uint64(len(e.ExtraData)))), base, e.BlockHash, e.TxRoot, e.WithdrawalsRoot,
	})
	if n <= 16 {
		return merkleize(leaves[:16])
	}
	leaves[15], leaves[16] = number(e.BlobGasUsed), number(e.ExcessBlobGas)
	return merkleize(leaves)
}

// isZero reports whether the header is the empty one, which stands in blocks before Capella.
func (e *Execution) isZero() bool {
	z := *e
	z.ExtraData = nil
	return len(e.ExtraData) == 0 && z.equal(&Execution{})
}

func (e *Execution) equal(o *Execution) bool { return e.root(17) == o.root(17) }

// A Header is a LightClientHeader: a beacon block's header, and the execution block that it names with the proof of it.
// Altair and Bellatrix have no execution, Capella to Fulu have Execution, Gloas has Hash
// (consensus-specs/specs/capella/light-client/sync-protocol.md#modified-lightclientheader).
type Header struct {
	Beacon    Beacon
	Execution *Execution
	Hash      *Root // execution_block_hash
	Branch    []Root
}

// check verifies the proof of the execution block by the rules of the fork of the header's own slot
// (consensus-specs/specs/capella/light-client/sync-protocol.md#modified-is_valid_light_client_header). It returns what the
// header proves.
func (h *Header) check(n *Network) (Head, error) {
	l, err := n.layoutAt(h.Beacon.Slot)
	if err != nil {
		return Head{}, err
	}
	out := Head{Slot: h.Beacon.Slot, Root: h.Beacon.Root()}
	e := h.Execution
	switch {
	case e != nil && h.Hash != nil:
		return Head{}, fail(Malformed, "the header of slot %d has two forms", out.Slot)
	case l.hash == 0:
		if e != nil && !e.isZero() || h.Hash != nil && !h.Hash.IsZero() || !allZero(h.Branch) {
			return Head{}, fail(Malformed, "a %s header, slot %d, has an execution block", l.name, out.Slot)
		}
		return out, nil
	case h.Hash != nil:
		if !proved(*h.Hash, h.Branch, l.hash, h.Beacon.Body) {
			return Head{}, fail(BadBranch, "execution block hash, slot %d, %s", out.Slot, l.name)
		}
		out.Hash = types.Hash(*h.Hash)
		return out, nil
	case e == nil || l.execution == 0 || len(e.ExtraData) > 32:
		return Head{}, fail(Malformed, "a header, slot %d, is not of the form of %s", out.Slot, l.name)
	case l.leaves < 17 && e.BlobGasUsed|e.ExcessBlobGas != 0:
		return Head{}, fail(Malformed, "a %s header, slot %d, has blob gas", l.name, out.Slot)
	case !proved(e.root(l.leaves), h.Branch, l.execution, h.Beacon.Body):
		return Head{}, fail(BadBranch, "execution payload header, slot %d, %s", out.Slot, l.name)
	case out.Slot > 0 && e.Timestamp != uint64(n.TimeOf(out.Slot).Unix()): // the genesis block has an empty payload
		return Head{}, fail(BadTime, "execution block %d of slot %d is of %d seconds since 1970, and the slot of %d: genesis time or seconds per slot are wrong",
			e.BlockNumber, out.Slot, e.Timestamp, n.TimeOf(out.Slot).Unix())
	}
	out.Hash, out.Number = types.Hash(e.BlockHash), e.BlockNumber
	return out, nil
}
