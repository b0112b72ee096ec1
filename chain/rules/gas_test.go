// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"math"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

func TestNextBaseFee(t *testing.T) {
	for _, tt := range []struct{ fee, limit, used, want uint64 }{
		{1_000_000_000, 20_000_000, 10_000_000, 1_000_000_000}, // at the target
		{1_000_000_000, 20_000_000, 9_000_000, 987_500_000},
		{1_000_000_000, 20_000_000, 11_000_000, 1_012_500_000},
		{1_000_000_000, 20_000_000, 20_000_000, 1_125_000_000},
		{1_000_000_000, 20_000_000, 0, 875_000_000},
		{7, 20_000_000, 20_000_000, 8}, // at least one wei up
		{7, 20_000_000, 0, 7},
		{0, 20_000_000, 20_000_000, 1},
	} {
		got := NextBaseFee(&types.Header{BaseFee: *uint256.NewInt(tt.fee), GasLimit: tt.limit, GasUsed: tt.used})
		if !got.Eq(uint256.NewInt(tt.want)) {
			t.Errorf("%d at %d of %d: %v, want %d", tt.fee, tt.used, tt.limit, &got, tt.want)
		}
	}
}

func TestNextExcessBlobGas(t *testing.T) {
	cancun := params.Rules{Cancun: true, Blobs: params.Blobs{Target: 3, Max: 6, UpdateFraction: 3_338_477}}
	osaka := params.Rules{Cancun: true, Osaka: true, Blobs: params.Blobs{Target: 6, Max: 9, UpdateFraction: 5_007_716}}
	const blob = gasPerBlob
	for _, tt := range []struct {
		name                    string
		rules                   params.Rules
		excess, used, fee, want uint64
	}{
		{"below the target", cancun, 0, 3*blob - blob, 1, 0},
		{"at the target", cancun, 0, 3 * blob, 1, 0},
		{"above it", cancun, 0, 4 * blob, 1, blob},
		{"shrinking", cancun, 5 * blob, blob, 1, 3 * blob},
		{"all bits", cancun, math.MaxUint64, 6 * blob, 1, math.MaxUint64 - 3*blob},
		{"blobs are dear enough", osaka, 100 * blob, 9 * blob, 1, 103 * blob},
		{"blobs are too cheap", osaka, 100 * blob, 9 * blob, 1e9, 103 * blob},
		{"and few", osaka, 100 * blob, 0, 1e9, 100 * blob},
		{"and one", osaka, 100 * blob, blob, 1e9, 100*blob + blob/3},
	} {
		got := NextExcessBlobGas(&tt.rules, &types.Header{ExcessBlobGas: tt.excess, BlobGasUsed: tt.used, BaseFee: *uint256.NewInt(tt.fee)})
		if got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestBlobBaseFee: the vectors of EIP-4844's fake_exponential, and its ends.
func TestBlobBaseFee(t *testing.T) {
	const fraction = 3_338_477
	for _, tt := range []struct{ excess, want uint64 }{
		{0, 1},
		{2_314_057, 1},
		{2_314_058, 2},
		{10 * 1024 * 1024, 23},
	} {
		if got, ok := BlobBaseFee(tt.excess, fraction); !ok || !got.Eq(uint256.NewInt(tt.want)) {
			t.Errorf("excess %d: %v, want %d", tt.excess, &got, tt.want)
		}
	}
	if got, ok := BlobBaseFee(160*fraction, fraction); !ok || got.BitLen() != 231 {
		t.Errorf("e^160 has 231 bits, not %d", got.BitLen())
	}
	for _, excess := range []uint64{178 * fraction, math.MaxUint64} {
		if got, ok := BlobBaseFee(excess, fraction); ok {
			t.Errorf("excess %d costs %v", excess, &got)
		}
	}
	if _, ok := BlobBaseFee(1, 0); ok {
		t.Error("no fraction, yet a price")
	}
}
