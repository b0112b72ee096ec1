// SPDX-License-Identifier: Apache-2.0

package light

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestDamagedState: a stored state that is cut, changed in any byte, of another network or of another size is refused.
func TestDamagedState(t *testing.T) {
	chain := beacon.New(small())
	c, n := startAt(t, chain, 20), networkOf(chain)
	apply(t, c, chain.Update(22, 22), 30)
	state := c.AppendState([]byte("before"))[6:]
	if again, err := Resume(&n, state); err != nil || !bytes.Equal(again.AppendState(nil), state) {
		t.Fatal(err)
	}
	for i := range state {
		bad := bytes.Clone(state)
		bad[i] ^= 1
		if _, err := Resume(&n, bad); !errors.Is(err, ErrState) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if _, err := Resume(&n, state[:i]); !errors.Is(err, ErrState) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for name, do := range map[string]func(*Network){
		"validators root": func(n *Network) { n.ValidatorsRoot[0] ^= 1 },
		"committee size":  func(n *Network) { n.Preset.CommitteeSize = 16 },
	} {
		other := n
		do(&other)
		if _, err := Resume(&other, state); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Resume(&n, make([]byte, maxState+1)); !errors.Is(err, ErrState) {
		t.Error(err)
	}
}

// TestStateIsAFloor: after a restart, updates that were old before it are old still.
func TestStateIsAFloor(t *testing.T) {
	chain := beacon.New(small())
	n := networkOf(chain)
	c := startAt(t, chain, 20)
	apply(t, c, chain.Optimistic(23), 30)
	c = restart(t, c, &n)
	if ch := apply(t, c, chain.Optimistic(22), 30); ch != (Change{}) || c.Head().Slot != 22 {
		t.Errorf("%+v, head %+v", ch, c.Head())
	}
}

// TestStateOfMainnetSize: two committees of 512 fit.
func TestStateOfMainnetSize(t *testing.T) {
	if bubble.Race {
		t.Skip("1,024 keys; nothing here is concurrent")
	}
	r := load(t, "synthetic-electra-mainnet")
	c := r.start(t)
	if _, err := c.Apply(r.updates(t)[0], later); err != nil {
		t.Fatal(err)
	}
	if c.next == nil || !c.settled {
		t.Fatal("no next committee")
	}
	restart(t, c, &r.network)
	if n := len(c.AppendState(nil)); n > maxState {
		t.Errorf("%d bytes", n)
	}
}
