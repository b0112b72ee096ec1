// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
)

const mainnetGenesis = "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"

// TestHeaderFromFields builds the first header of all.
func TestHeaderFromFields(t *testing.T) {
	h := Header{
		UncleHash:   EmptyUncleHash,
		Root:        Hash(unhex(t, "d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544")),
		TxRoot:      EmptyRoot,
		ReceiptRoot: EmptyRoot,
		Difficulty:  *uint256.NewInt(1 << 34),
		GasLimit:    5000,
		Extra:       unhex(t, "11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"),
		Nonce:       [8]byte{7: 0x42},
	}
	if h.Hash().String() != mainnetGenesis {
		t.Errorf("hash %v, want %v", h.Hash(), mainnetGenesis)
	}
}

func TestHeaderVectors(t *testing.T) {
	for _, v := range vectors(t, "headers.txt") {
		raw := v.bytes(t, "header")
		h, err := DecodeHeader(raw)
		if err != nil {
			t.Errorf("%s: %v", v["name"], err)
			continue
		}
		v.check(t, "hash", h.Hash())
		v.check(t, "number", h.Number)
		v.check(t, "time", h.Time)
		v.check(t, "fields", 15+int(h.Optional))
		h.Raw = nil
		v.check(t, "hash", h.Hash()) // of the fields
		refuseCuts(t, v["name"], raw, func(b []byte) error { _, err := DecodeHeader(b); return err })
	}
}

// TestHeaderOptionalFields checks that every field of a fork lands in its own place.
func TestHeaderOptionalFields(t *testing.T) {
	full := Header{
		BaseFee:             *uint256.NewInt(1),
		WithdrawalsRoot:     Hash{2},
		BlobGasUsed:         3,
		ExcessBlobGas:       4,
		ParentBeaconRoot:    Hash{5},
		RequestsHash:        Hash{6},
		BlockAccessListHash: Hash{7},
		SlotNumber:          8,
	}
	for full.Optional = range AmsterdamFields + 1 {
		got, err := DecodeHeader(full.Append(nil))
		if err != nil {
			t.Fatalf("%d optional fields: %v", full.Optional, err)
		}
		if got.Optional != full.Optional {
			t.Errorf("%d optional fields became %d", full.Optional, got.Optional)
		}
		if last := got.SlotNumber; (last == 8) != (got.Optional == AmsterdamFields) {
			t.Errorf("%d optional fields: slot number %d", got.Optional, last)
		}
		if got.Optional >= CancunFields && (got.ParentBeaconRoot != Hash{5} || got.ExcessBlobGas != 4) {
			t.Errorf("%d optional fields: %v %v", got.Optional, got.ParentBeaconRoot, got.ExcessBlobGas)
		}
	}
}

// TestHeaderKeepsUnknownFields is the rule of the conformance suites' newer chains: a
// header of a fork to come keeps its bytes, and so its hash.
func TestHeaderKeepsUnknownFields(t *testing.T) {
	unknown := [][]byte{{0x01}, {0x80}, unhex(t, "c3820102"), unhex(t, "c6c20102c20304"), list(make([]byte, 300))}
	var rest []byte
	h := Header{Optional: AmsterdamFields}
	for _, field := range unknown {
		rest = append(rest, field...)
		h.Rest = rest
		raw := h.Append(nil)
		got, err := DecodeHeader(raw)
		if err != nil {
			t.Fatalf("rest %x: %v", rest, err)
		}
		if !bytes.Equal(got.Rest, rest) || got.Hash() != keccak.Sum256(raw) || !bytes.Equal(got.Append(nil), raw) {
			t.Errorf("rest %x became %x", rest, got.Rest)
		}
	}
}

func TestHeaderRefusals(t *testing.T) {
	raw := vectors(t, "headers.txt")[6].bytes(t, "header")
	fields := split(t, raw)
	replaced := func(i int, with ...[]byte) []byte {
		changed := append(append(append([][]byte{}, fields[:i]...), with...), fields[i+1:]...)
		return list(changed...)
	}
	long := func(n int) []byte { return rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, n)) }
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"a byte string", []byte{0x80}, rlp.ErrWantList},
		{"14 fields", list(fields[:14]...), rlp.ErrMissing},
		{"short parent hash", replaced(0, long(31)), rlp.ErrLength},
		{"long coinbase", replaced(2, long(21)), rlp.ErrLength},
		{"short bloom", replaced(6, long(255)), rlp.ErrLength},
		{"difficulty of 257 bits", replaced(7, long(33)), rlp.ErrOverflow},
		{"number of 65 bits", replaced(8, long(9)), rlp.ErrOverflow},
		{"number with a leading zero", replaced(8, unhex(t, "820001")), rlp.ErrLeadingZero},
		{"number as 8101", replaced(8, unhex(t, "8101")), rlp.ErrNotCanonical},
		{"time as a list", replaced(11, []byte{0xc0}), rlp.ErrWantBytes},
		{"nonce of 7 bytes", replaced(14, long(7)), rlp.ErrLength},
		{"withdrawals root of 20 bytes", replaced(16, long(20)), rlp.ErrLength},
		{"unknown field not canonical inside", replaced(22, fields[22], unhex(t, "c28101")), rlp.ErrNotCanonical},
		{"unknown field too deep", replaced(22, fields[22], unhex(t, "c8c7c6c5c4c3c2c1c0")), rlp.ErrDepth},
		{"trailing byte", append(bytes.Clone(raw), 0), rlp.ErrTrailing},
	} {
		if _, err := DecodeHeader(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestHeaderAllocatesNothing(t *testing.T) {
	raw := vectors(t, "headers.txt")[6].bytes(t, "header")
	var sum Hash
	if n := testing.AllocsPerRun(100, func() {
		h, err := DecodeHeader(raw)
		if err != nil {
			t.Fatal(err)
		}
		sum = h.Hash()
	}); n != 0 {
		t.Errorf("%v allocations to decode and hash %v", n, sum)
	}
}

func FuzzHeader(f *testing.F) {
	for _, v := range vectors(f, "headers.txt") {
		f.Add(v.bytes(f, "header"))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := DecodeHeader(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(h.Raw, raw) {
			t.Fatalf("raw %x of %x", h.Raw, raw)
		}
		if again := h.Append(nil); !bytes.Equal(again, raw) {
			t.Fatalf("fields make %x of %x", again, raw)
		}
		if h.Hash() != keccak.Sum256(raw) {
			t.Fatal("hash is not that of the bytes")
		}
	})
}
