// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// announcesRange is the first version in which we state the range of our bodies (EIP-7642). There a body that is not held
// ends the reply.
const announcesRange wire.Version = 69

// bodies produces BlockBodies (devp2p/caps/eth.md#blockbodies-0x06): a body for each hash, as often as it is requested.
func (l *listener) bodies(out *p2p.Out, reply wire.Reply, hashes wire.Hashes) {
	items := l.list(out, reply.Kind)
	for _, h := range hashes.All() {
		if items.full() {
			break
		}
		item := l.chunk(h, bodyOf)
		if item == nil && l.version < announcesRange {
			continue
		}
		if item == nil || !items.add(item) {
			break
		}
	}
	items.finish(reply, l.version)
}

// noAccessList is the item that stands for an access list that is not held (EIP-8159).
var noAccessList = rlpx.NewChunk(wire.AppendNoAccessList(nil))

// accessLists produces BlockAccessLists (EIP-8159): an item for each hash.
func (l *listener) accessLists(out *p2p.Out, reply wire.Reply, hashes wire.Hashes) {
	items := l.list(out, reply.Kind)
	for _, h := range hashes.All() {
		if items.full() {
			break
		}
		item := l.chunk(h, accessListOf)
		if item == nil {
			item = noAccessList
		}
		if !items.add(item) {
			break
		}
	}
	items.finish(reply, l.version)
}

// pooled produces PooledTransactions (devp2p/caps/eth.md#pooledtransactions-0x0a): the transactions that the pool holds.
func (l *listener) pooled(out *p2p.Out, reply wire.Reply, hashes wire.Hashes) {
	items := l.list(out, reply.Kind)
	for _, h := range hashes.All() {
		if l.pool == nil || items.full() {
			break
		}
		if item := l.pool.Pooled(h, l.version); item != nil && !items.add(item) {
			break
		}
	}
	items.finish(reply, l.version)
}

// cells produces Cells (EIP-8070): the requested cells of the transactions whose cells the pool holds.
func (l *listener) cells(out *p2p.Out, reply wire.Reply, hashes wire.Hashes, mask wire.CellMask) {
	var txs []wire.TxCells
	most := reply.Kind.Row().SendBytes / types.CellSize
	for _, h := range hashes.All() {
		if l.pool == nil || most <= 0 {
			break
		}
		if cells := l.pool.Cells(h, mask); cells != nil {
			txs = append(txs, wire.TxCells{Hash: h, Cells: cells})
			most -= len(cells)
		}
	}
	out.Raw = wire.AppendCells(out.Raw, l.version, reply.ID, mask, txs)
}
