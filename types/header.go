// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Header is the header of a block (devp2p/caps/eth.md#block-encoding-and-validity): fifteen
// fields that every header has, the fields that forks have added, and unknown fields after them.
//
// A decoded Header borrows Extra, Rest and Raw from the input.
type Header struct {
	ParentHash  Hash
	UncleHash   Hash // see [Body.UncleHash]
	Coinbase    Address
	Root        Hash // of the state
	TxRoot      Hash
	ReceiptRoot Hash
	Bloom       Bloom // over the logs of all receipts
	Difficulty  uint256.Int
	Number      uint64
	GasLimit    uint64
	GasUsed     uint64
	Time        uint64 // seconds since 1970
	Extra       []byte
	MixDigest   Hash // from the merge on: prevRandao
	Nonce       [8]byte

	// Optional is the number of the following fields that the header has, from the first on.
	// The others are zero.
	Optional OptionalFields

	BaseFee             uint256.Int // wei per gas; EIP-1559
	WithdrawalsRoot     Hash        // EIP-4895
	BlobGasUsed         uint64      // EIP-4844
	ExcessBlobGas       uint64      // EIP-4844
	ParentBeaconRoot    Hash        // EIP-4788
	RequestsHash        Hash        // EIP-7685
	BlockAccessListHash Hash        // EIP-7928
	SlotNumber          uint64      // EIP-7843

	// Rest is the RLP of the fields after SlotNumber, of forks after Amsterdam. It is empty
	// unless the header has all optional fields.
	Rest []byte

	// Raw is the RLP of a decoded header; nil for a header that was built from fields.
	Raw []byte

	// Rule says what Hash covers: it is the chain's, and [DecodeHeader] leaves it at HashWhole.
	Rule HashRule
}

// OptionalFields is a number of fields of a [Header] that forks have added.
type OptionalFields uint8

// The number of optional fields that a header has from a fork on.
const (
	NoOptionalFields OptionalFields = 0 // before London
	LondonFields     OptionalFields = 1 // BaseFee
	ShanghaiFields   OptionalFields = 2 // and WithdrawalsRoot
	CancunFields     OptionalFields = 5 // and BlobGasUsed, ExcessBlobGas, ParentBeaconRoot
	PragueFields     OptionalFields = 6 // and RequestsHash
	AmsterdamFields  OptionalFields = 8 // and BlockAccessListHash, SlotNumber
)

// HasWithdrawals reports whether the header has a WithdrawalsRoot. The block's body must then have
// a list of withdrawals (EIP-4895).
func (h *Header) HasWithdrawals() bool { return h.Optional >= ShanghaiFields }

// DecodeHeader decodes raw, exactly one header. It allocates nothing.
//
// A number, gas limit, gas used or time above 64 bits is an error, and so is a difficulty or base
// fee above 256 bits. Unknown fields at the end can be any canonical RLP with at most 8 levels of
// lists. After an error the Header has the fields that were read before.
func DecodeHeader(raw []byte) (h Header, err error) {
	c := rlp.Read(raw)
	h.read(&c)
	return h, c.Done()
}

// read reads the cursor's next item, a header.
func (h *Header) read(c *rlp.Cursor) {
	start := c.Offset()
	all := c.Remaining()
	c.List("header")
	c.Fixed("parentHash", h.ParentHash[:])
	c.Fixed("uncleHash", h.UncleHash[:])
	c.Fixed("coinbase", h.Coinbase[:])
	c.Fixed("root", h.Root[:])
	c.Fixed("txRoot", h.TxRoot[:])
	c.Fixed("receiptRoot", h.ReceiptRoot[:])
	c.Fixed("bloom", h.Bloom[:])
	readUint256(c, "difficulty", &h.Difficulty)
	h.Number = c.Uint64("number")
	h.GasLimit = c.Uint64("gasLimit")
	h.GasUsed = c.Uint64("gasUsed")
	h.Time = c.Uint64("time")
	h.Extra = c.Bytes("extra")
	c.Fixed("mixDigest", h.MixDigest[:])
	c.Fixed("nonce", h.Nonce[:])
	h.readOptional(c)
	if h.Rest = c.Remaining(); len(h.Rest) == 0 {
		h.Rest = nil
	}
	for c.More() {
		readAny(c, "unknown", maxUnknownDepth)
	}
	c.End()
	h.Raw = all[: c.Offset()-start : c.Offset()-start]
}

// readOptional reads the optional fields that the header has.
func (h *Header) readOptional(c *rlp.Cursor) {
	for ; h.Optional < AmsterdamFields && c.More(); h.Optional++ {
		switch h.Optional {
		case 0:
			readUint256(c, "baseFee", &h.BaseFee)
		case 1:
			c.Fixed("withdrawalsRoot", h.WithdrawalsRoot[:])
		case 2:
			h.BlobGasUsed = c.Uint64("blobGasUsed")
		case 3:
			h.ExcessBlobGas = c.Uint64("excessBlobGas")
		case 4:
			c.Fixed("parentBeaconRoot", h.ParentBeaconRoot[:])
		case 5:
			c.Fixed("requestsHash", h.RequestsHash[:])
		case 6:
			c.Fixed("blockAccessListHash", h.BlockAccessListHash[:])
		case 7:
			h.SlotNumber = c.Uint64("slotNumber")
		}
	}
}

// Append appends the RLP of the header's fields: the first Optional optional ones, then Rest. For a
// decoded header that was not changed this is Raw.
func (h *Header) Append(dst []byte) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendBytes(dst, h.ParentHash[:])
	dst = rlp.AppendBytes(dst, h.UncleHash[:])
	dst = rlp.AppendBytes(dst, h.Coinbase[:])
	dst = rlp.AppendBytes(dst, h.Root[:])
	dst = rlp.AppendBytes(dst, h.TxRoot[:])
	dst = rlp.AppendBytes(dst, h.ReceiptRoot[:])
	dst = rlp.AppendBytes(dst, h.Bloom[:])
	dst = appendUint256(dst, &h.Difficulty)
	dst = rlp.AppendUint64(dst, h.Number)
	dst = rlp.AppendUint64(dst, h.GasLimit)
	dst = rlp.AppendUint64(dst, h.GasUsed)
	dst = rlp.AppendUint64(dst, h.Time)
	dst = rlp.AppendBytes(dst, h.Extra)
	dst = rlp.AppendBytes(dst, h.MixDigest[:])
	dst = rlp.AppendBytes(dst, h.Nonce[:])
	dst = h.appendOptional(dst)
	dst = append(dst, h.Rest...)
	return rlp.CloseList(dst, list)
}

func (h *Header) appendOptional(dst []byte) []byte {
	for field := range h.Optional {
		switch field {
		case 0:
			dst = appendUint256(dst, &h.BaseFee)
		case 1:
			dst = rlp.AppendBytes(dst, h.WithdrawalsRoot[:])
		case 2:
			dst = rlp.AppendUint64(dst, h.BlobGasUsed)
		case 3:
			dst = rlp.AppendUint64(dst, h.ExcessBlobGas)
		case 4:
			dst = rlp.AppendBytes(dst, h.ParentBeaconRoot[:])
		case 5:
			dst = rlp.AppendBytes(dst, h.RequestsHash[:])
		case 6:
			dst = rlp.AppendBytes(dst, h.BlockAccessListHash[:])
		case 7:
			dst = rlp.AppendUint64(dst, h.SlotNumber)
		}
	}
	return dst
}

// Hash returns the block's hash: the Keccak-256 of Raw or, if Raw is nil, of the fields' RLP; on a chain with another
// Rule, of what that covers. Set Raw to nil after you change a field of a decoded header.
func (h *Header) Hash() Hash {
	raw := h.Raw
	if raw == nil {
		raw = h.Append(nil)
	}
	return h.hashOf(raw)
}
