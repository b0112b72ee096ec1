// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Genesis returns a Chain of the genesis block alone, which is what our Status states where nothing else is held.
func Genesis(c *params.Chain) (Chain, error) {
	h, err := c.DecodeHeader(c.Genesis)
	if err != nil {
		return nil, err
	}
	g := &genesis{hash: c.GenesisHash, header: c.Genesis}
	var list int
	g.body, list = rlp.OpenList(nil)
	g.body = append(g.body, 0xc0, 0xc0) // transactions, uncles
	if h.Optional >= types.ShanghaiFields {
		g.body = append(g.body, 0xc0) // EIP-4895
	}
	g.body = rlp.CloseList(g.body, list)
	return g, nil
}

// genesis is one block. It is immutable.
type genesis struct {
	hash         types.Hash
	header, body []byte
}

func (g *genesis) of(h types.Hash, part []byte) []byte {
	if h != g.hash {
		return nil
	}
	return part
}

func (g *genesis) Header(h types.Hash) []byte   { return g.of(h, g.header) }
func (g *genesis) Body(h types.Hash) []byte     { return g.of(h, g.body) }
func (g *genesis) Receipts(h types.Hash) []byte { return g.of(h, []byte{0xc0}) }
func (*genesis) AccessList(types.Hash) []byte   { return nil }

func (g *genesis) Canonical(number uint64) (types.Hash, bool) { return g.hash, number == 0 }
