// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/params"
)

// Where peers gossip blocks, every version has both block messages
// (devp2p/caps/eth.md#newblock-0x07), and otherwise the dialects agree.
func TestDialectsDifferInBlockMessages(t *testing.T) {
	for v := First; v <= Last; v++ {
		for code := range uint64(codes) {
			here, ok := Ethereum.Lookup(v, code)
			there, ok2 := BlockGossip.Lookup(v, code)
			block := code == 0x01 || code == 0x07
			switch {
			case ok != (here != nil) || ok2 != (there != nil):
				t.Errorf("%v: code %#x: %v %v, %v %v", v, code, here, ok, there, ok2)
			case block && (!ok2 || there.Code != code || ok != (v <= 68)):
				t.Errorf("%v: code %#x: %v with a consensus layer, %v without", v, code, ok, ok2)
			case !block && here != there:
				t.Errorf("%v: code %#x: the dialects differ", v, code)
			case ok && here != there:
				t.Errorf("%v: code %#x finds two rows", v, code)
			}
		}
		if v >= 69 && (KindNewBlock.Row().In(v) || KindNewBlockHashes.Row().In(v)) {
			t.Errorf("%v: a block message would be sent, which geth answers by leaving", v)
		}
	}
	if _, ok := Dialect(dialects).Lookup(68, 0); ok {
		t.Error("a dialect too many")
	}
	for _, code := range []uint64{codes, 1 << 63} {
		if _, ok := BlockGossip.Lookup(68, code); ok {
			t.Errorf("code %#x finds a message", code)
		}
	}
	for d, want := range []string{"ethereum", "block gossip", "none"} {
		if got := Dialect(d).String(); got != want {
			t.Errorf("dialect %d is %q, want %q", d, got, want)
		}
	}
}

func TestDialectOf(t *testing.T) {
	for name, want := range map[string]Dialect{
		"mainnet": Ethereum, "sepolia": Ethereum, "hoodi": Ethereum, "plataberget": Ethereum, "classic": BlockGossip, "mordor": BlockGossip,
	} {
		c, ok := params.ByName(name)
		if !ok {
			t.Fatal(name)
		}
		if got := DialectOf(c); got != want {
			t.Errorf("%s speaks %v, want %v", name, got, want)
		}
	}
}

// A Storage decodes what its dialect has.
func TestStorageDecodesItsDialect(t *testing.T) {
	s := Storage{Dialect: BlockGossip}
	block := []byte{0xc3, 0xc0, 0xc0, 0xc0}
	m, err := s.Decode(71, 0x07, AppendNewBlock(nil, block, uint256.NewInt(9)))
	if b, ok := m.(*NewBlock); err != nil || !ok || !b.TD.Eq(uint256.NewInt(9)) {
		t.Errorf("NewBlock at eth/71: %v, %v", m, err)
	}
	m, err = s.Decode(71, 0x01, AppendNewBlockHashes(nil, []BlockName{{Number: 5}}))
	if b, ok := m.(*NewBlockHashes); err != nil || !ok || b.Len() != 1 {
		t.Errorf("NewBlockHashes at eth/71: %v, %v", m, err)
	}
}
