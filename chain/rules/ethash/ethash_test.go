// SPDX-License-Identifier: Apache-2.0

package ethash

import (
	"errors"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func hash(t *testing.T, s string) types.Hash {
	t.Helper()
	h, err := types.ParseHash(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func cacheOf(t *testing.T, e Epoch) *Cache {
	t.Helper()
	c, err := NewCache(e)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestHash: go-ethereum's vector for its test mode.
func TestHash(t *testing.T) {
	mix, sum := cacheOf(t, Test(0)).Hash(hash(t, "0xc9149cc0386e689d789a1c2f3d5d169a61a6218ed30e74414dc736e442ef3d1f"), 0)
	if want := hash(t, "0xe4073cffaef931d37117cefd9afd27ea0f1cad6a981dd2605c4a1ac97c519800"); mix != want {
		t.Errorf("mix digest %v, want %v", mix, want)
	}
	if want := hash(t, "0xd3539235ee2e6f8db665c0a72169f55b7f6c605712330b778ec3944f0eb5a557"); sum != want {
		t.Errorf("hash %v, want %v", sum, want)
	}
}

// TestSizes: from the tables that all clients carry.
func TestSizes(t *testing.T) {
	for _, tt := range []struct{ epoch, cache, dataset uint64 }{
		{0, 16_776_896, 1_073_739_904},
		{1, 16_907_456, 1_082_130_304},
		{2, 17_039_296, 1_090_514_816},
		{27, 20_315_968, 1_300_234_112},
		{2047, 285_081_536, 18_245_220_736},
	} {
		e := Mainnet(tt.epoch * mainnetEpoch)
		if e.CacheBytes() != tt.cache || e.datasetBytes() != tt.dataset {
			t.Errorf("epoch %d: %d and %d bytes, want %d and %d", tt.epoch, e.CacheBytes(), e.datasetBytes(), tt.cache, tt.dataset)
		}
	}
}

// TestClassicEpochs: longer epochs from Thanos on start lower in number, and with the seed that
// shorter ones would have (ECIP-1099).
func TestClassicEpochs(t *testing.T) {
	const thanos = 11_700_000
	for _, tt := range []struct{ number, epoch, seeds uint64 }{
		{0, 0, 0},
		{29_999, 0, 0},
		{30_000, 1, 1},
		{thanos - 1, 389, 389},
		{thanos, 195, 390},
		{thanos + 59_999, 195, 390},
		{thanos + 60_000, 196, 392},
	} {
		if e := Classic(tt.number, thanos); e.Number != tt.epoch || e.seeds != tt.seeds {
			t.Errorf("block %d: epoch %d with %d seeds, want %d with %d", tt.number, e.Number, e.seeds, tt.epoch, tt.seeds)
		}
	}
	once := keccak.Sum256(make([]byte, 32))
	if twice := keccak.Sum256(once[:]); string(Mainnet(60_000).seed()) != string(twice[:]) {
		t.Error("the seed of epoch 2 is not zero hashed twice")
	}
}

func TestMadeUpEpochsCostNothing(t *testing.T) {
	for _, number := range []uint64{(MaxEpoch + 1) * mainnetEpoch, math.MaxUint64} {
		if _, err := NewCache(Mainnet(number)); err == nil {
			t.Errorf("block %d has a cache", number)
		}
	}
}

func TestBoundary(t *testing.T) {
	most := new(uint256.Int).SetAllOne()
	for _, tt := range []struct{ difficulty, want *uint256.Int }{
		{uint256.NewInt(1), most},
		{uint256.NewInt(2), new(uint256.Int).Lsh(uint256.NewInt(1), 255)},
		{uint256.NewInt(3), new(uint256.Int).Div(most, uint256.NewInt(3))},
		{new(uint256.Int).Lsh(uint256.NewInt(1), 255), uint256.NewInt(2)},
		{most, uint256.NewInt(1)},
	} {
		if got := boundary(tt.difficulty); !got.Eq(tt.want) {
			t.Errorf("difficulty %v: %v, want %v", tt.difficulty, got, tt.want)
		}
	}
}

// TestCheck: a header mined with the test epoch, and what breaks it.
func TestCheck(t *testing.T) {
	c := cacheOf(t, Test(1))
	mined := types.Header{Number: 1, Difficulty: *uint256.NewInt(16), UncleHash: types.EmptyUncleHash, Optional: types.LondonFields}
	for n := 0; ; n++ {
		mined.Nonce = [8]byte{6: byte(n >> 8), 7: byte(n)}
		var sum types.Hash
		if mined.MixDigest, sum = c.Hash(SealHash(&mined), uint64(n)); !new(uint256.Int).SetBytes(sum[:]).Gt(boundary(&mined.Difficulty)) {
			break
		}
	}
	if err := c.Check(&mined); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*types.Header)
		rule   rules.Rule
	}{
		"no difficulty":  {func(h *types.Header) { h.Difficulty.Clear() }, rules.Difficulty},
		"too little":     {func(h *types.Header) { h.Difficulty.Lsh(&h.Difficulty, 64) }, rules.MixDigest}, // another header
		"another nonce":  {func(h *types.Header) { h.Nonce[0]++ }, rules.MixDigest},
		"another mix":    {func(h *types.Header) { h.MixDigest[31]++ }, rules.MixDigest},
		"another fee":    {func(h *types.Header) { h.BaseFee.SetOne() }, rules.MixDigest},
		"another author": {func(h *types.Header) { h.Coinbase[0]++ }, rules.MixDigest},
	} {
		h := mined
		tt.change(&h)
		broken, ok := errors.AsType[*rules.Error](c.Check(&h))
		if !ok || broken.Rule != tt.rule {
			t.Errorf("%s: %v, want the rule %q", name, broken, tt.rule)
		}
	}
	h := mined
	h.Difficulty.SetAllOne()
	h.MixDigest, _ = c.Hash(SealHash(&h), uint64(h.Nonce[6])<<8|uint64(h.Nonce[7]))
	if broken, ok := errors.AsType[*rules.Error](c.Check(&h)); !ok || broken.Rule != rules.Difficulty {
		t.Errorf("too little work: %v", broken)
	}
}

// TestSepolia: every 64th header of Sepolia's blocks 0 to 8,191 and 172,032 to 180,223 has its
// proof of work, and none whose bits are changed (interop/oracle takes all of them).
func TestSepolia(t *testing.T) {
	if testing.Short() || bubble.Race {
		t.Skip("arithmetic of some seconds, minutes with -race; interop/oracle takes all headers")
	}
	file, err := os.ReadFile("../testdata/sepolia-headers.rlp")
	if err != nil {
		t.Fatal(err)
	}
	sepolia, _ := params.ByName("sepolia")
	byEpoch, parents := map[Epoch][]types.Header{}, map[types.Hash]*types.Header{}
	for len(file) > 0 {
		_, _, rest, err := rlp.Split(file)
		if err != nil {
			t.Fatal(err)
		}
		h, err := types.DecodeHeader(file[:len(file)-len(rest)])
		if err != nil {
			t.Fatal(err)
		}
		file = rest
		parents[h.Hash()] = &h
		if parent := parents[h.ParentHash]; parent != nil {
			if err := rules.Check(sepolia, parent, &h); err != nil {
				t.Error(err)
			}
			byEpoch[Mainnet(h.Number)] = append(byEpoch[Mainnet(h.Number)], h)
		}
	}
	checked := 0
	for e, headers := range byEpoch {
		checked += len(headers)
		t.Run(fmt.Sprintf("epoch %d", e.Number), func(t *testing.T) {
			t.Parallel()
			c := cacheOf(t, e)
			for i := range headers {
				if err := c.Check(&headers[i]); err != nil {
					t.Error(err)
				}
			}
			last := headers[len(headers)-1]
			for bit := range len(last.Bloom) {
				h := last
				h.Raw, h.Bloom[bit] = nil, h.Bloom[bit]^1<<(bit%8)
				if bit%16 == 0 && c.Check(&h) == nil {
					t.Errorf("bit %d of the bloom is not sealed", bit)
				}
			}
		})
	}
	if checked != 256 || len(byEpoch) != 3 {
		t.Errorf("%d headers of %d epochs, want 256 of 3", checked, len(byEpoch))
	}
}

func BenchmarkCheck(b *testing.B) {
	c, err := NewCache(Mainnet(0))
	if err != nil {
		b.Fatal(err)
	}
	h := types.Header{Difficulty: *uint256.NewInt(1)}
	b.ReportAllocs()
	for b.Loop() {
		_ = c.Check(&h)
	}
}
