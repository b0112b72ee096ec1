// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"bytes"
	"errors"
	"testing"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

const qbftFile = `{"config": {"chainId": 1337, "berlinBlock": 0, "londonBlock": 0, "zeroBaseFee": true, "qbft": {"blockperiodseconds": 1, "epochlength": 30000}},
 "difficulty": "1", "gasLimit": "0x1fffffffffffff", "timestamp": "100", "alloc": {},
 "mixHash": "0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365",
 "extraData": "0xf83aa00000000000000000000000000000000000000000000000000000000000000000d5941111111111111111111111111111111111111111c080c0"}`

// qbftExtra is a block's extra data: of a round, sealed by one validator with 65 bytes of a digit.
func qbftExtra(round, seal byte) []byte {
	b, list := rlp.OpenList(nil)
	b = rlp.AppendBytes(b, make([]byte, 32))
	b, validators := rlp.OpenList(b)
	b = rlp.CloseList(rlp.AppendBytes(b, bytes.Repeat([]byte{0x11}, 20)), validators)
	b = append(b, 0xc0)
	b = rlp.AppendUint64(b, uint64(round))
	b, seals := rlp.OpenList(b)
	b = rlp.CloseList(rlp.AppendBytes(b, bytes.Repeat([]byte{seal}, 65)), seals)
	return rlp.CloseList(b, list)
}

// noSeals takes no header for mined.
type noSeals struct{}

func (noSeals) Check(h *types.Header) error {
	return &rules.Error{Rule: rules.Nonce, Number: h.Number, Why: "is no proof of work"}
}

// A chain of QBFT is held by its own block hashes. These cover the whole header but the seals, which may
// differ from node to node.
func TestBFTChain(t *testing.T) {
	p, err := params.ParseGenesis([]byte(qbftFile))
	if err != nil {
		t.Fatal(err)
	}
	store := NewMemory()
	c := open(t, Config{Params: p, Store: store, Seals: noSeals{}})
	parent, err := p.DecodeHeader(p.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	var raw [][]byte
	for n := uint64(1); n <= 5; n++ {
		h := parent
		h.Raw, h.ParentHash, h.Number, h.Time = nil, parent.Hash(), n, 100+n
		h.Extra = qbftExtra(byte(n), byte(n))
		raw = append(raw, h.Append(nil))
		parent = h
	}
	insert(t, c, raw)
	head := c.Head()
	if head.Number != 5 || head.Hash != parent.Hash() || head.Hash == types.Hash(keccak.Sum256(raw[4])) || head.TD != *uint256.NewInt(6) {
		t.Fatalf("the head is %+v", head)
	}
	other := parent // the same block, from a node that has other seals
	other.Extra = qbftExtra(9, 9)
	l, err := c.CheckHeader(later, other.Append(nil), true)
	if err != nil || l.Hash != head.Hash {
		t.Errorf("with other seals it is block %v: %v", l.Hash, err)
	}
	for name, change := range map[string]func(*types.Header){
		"another parent": func(h *types.Header) { h.ParentHash[0] ^= 1 },
		"a number":       func(h *types.Header) { h.Number++ },
		"an early time":  func(h *types.Header) { h.Time = 103 },
	} {
		h := other
		change(&h)
		var broken *rules.Error
		if _, err := c.CheckHeader(later, h.Append(nil), true); !errors.As(err, &broken) && !errors.Is(err, ErrUnknownParent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
