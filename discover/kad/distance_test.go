// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

func idOf(last ...byte) (id enr.ID) {
	copy(id[len(id)-len(last):], last)
	return id
}

func TestNewContact(t *testing.T) {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		t.Fatal(err)
	}
	n := enr.Node{Key: key.Public(), UDP: 30303}
	if c := NewContact(n); c.ID != enr.IDOf(key.Public()) || c.Node != n {
		t.Errorf("got %+v", c)
	}
}

func TestLogDist(t *testing.T) {
	tests := []struct {
		a, b enr.ID
		want int
	}{
		{enr.ID{}, enr.ID{}, 0},
		{idOf(1), idOf(0), 1},
		{idOf(2), idOf(3), 1},
		{idOf(4), idOf(3), 3},
		{idOf(1, 0), idOf(0, 0), 9},
		{enr.ID{0x7f}, enr.ID{}, 255},
		{enr.ID{0x80}, enr.ID{}, 256},
	}
	for _, test := range tests {
		if got := LogDist(test.a, test.b); got != test.want {
			t.Errorf("LogDist(%v, %v) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// Distances are those of numbers.
func TestDistancesAgainstBigNumbers(t *testing.T) {
	id := rapid.Custom(func(t *rapid.T) enr.ID {
		return enr.ID(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "id"))
	})
	distance := func(a, b enr.ID) *big.Int {
		return new(big.Int).Xor(new(big.Int).SetBytes(a[:]), new(big.Int).SetBytes(b[:]))
	}
	rapid.Check(t, func(t *rapid.T) {
		target, a, b := id.Draw(t, "target"), id.Draw(t, "a"), id.Draw(t, "b")
		copy(a[:], target[:rapid.IntRange(0, 32).Draw(t, "shared")])
		if got, want := Compare(target, a, b), distance(target, a).Cmp(distance(target, b)); got != want {
			t.Errorf("Compare = %d, want %d", got, want)
		}
		if got, want := LogDist(target, a), distance(target, a).BitLen(); got != want {
			t.Errorf("LogDist = %d, want %d", got, want)
		}
	})
}

func TestAskDists(t *testing.T) {
	tests := []struct {
		target enr.ID
		want   [3]uint
	}{
		{enr.ID{}, [3]uint{1, 2, 3}},
		{idOf(1), [3]uint{1, 2, 3}},
		{idOf(2), [3]uint{2, 3, 1}},
		{enr.ID{0x40}, [3]uint{255, 256, 254}},
		{enr.ID{0x80}, [3]uint{256, 255, 254}},
	}
	for _, test := range tests {
		if got := AskDists(enr.ID{}, test.target); got != test.want {
			t.Errorf("AskDists(0, %v) = %v, want %v", test.target, got, test.want)
		}
	}
}
