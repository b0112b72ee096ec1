// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"sync"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// keptBlocks bounds the blocks that an attacker serves.
const keptBlocks = 1024

// kept are the blocks whose headers an attacker serves.
type kept struct {
	mu    sync.Mutex // guards what follows
	order []types.Hash
	at    map[types.Hash][]byte
	num   map[uint64][]byte
}

func newKept() *kept { return &kept{at: map[types.Hash][]byte{}, num: map[uint64][]byte{}} }

func (k *kept) add(b *Block) {
	header := b.Header.Append(nil)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.order = append(k.order, b.Hash); len(k.order) > keptBlocks {
		delete(k.at, k.order[0])
		k.order = k.order[1:]
	}
	k.at[b.Hash], k.num[b.Header.Number%keptBlocks] = header, header
}

func (k *kept) find(o wire.Origin) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	if o.ByHash {
		return k.at[o.Hash]
	}
	return k.num[o.Number%keptBlocks]
}

// serve answers requests for headers with one header, and all other requests with nothing, as far as replies keep the rules.
func (a *Attacker) serve(code uint64, payload []byte) error {
	if code == CodePing {
		return a.Say(CodePong, []byte{0xc0})
	}
	if code < CodeEth {
		return nil
	}
	m, err := new(wire.Storage).Decode(a.version, code-CodeEth, payload)
	if err != nil {
		return nil // of a dialect that this reader does not know
	}
	row := m.Kind().Row()
	if !row.IsRequest() {
		return nil
	}
	answer := wire.Reply{Kind: row.Reply}
	if a.version.HasRequestIDs() {
		if answer.ID, err = wire.RequestID(a.version, payload); err != nil {
			return err
		}
	}
	var items [][]byte
	if m, ok := m.(*wire.GetBlockHeaders); ok {
		if h := a.kept.find(m.Origin); h != nil && m.Amount > 0 {
			items = [][]byte{h}
		}
	}
	return a.Tell(row.Reply, answer.Append(nil, a.version, items))
}
