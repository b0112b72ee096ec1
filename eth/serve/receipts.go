// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

const (
	// flatReceipts is the first version whose receipts have no bloom filter (EIP-7642).
	flatReceipts wire.Version = 69
	// partialReceipts is the first version in which a list of receipts may come in parts (EIP-7975).
	partialReceipts wire.Version = 70
)

// noReceipts is the list of a block without transactions.
var noReceipts = rlpx.NewChunk([]byte{0xc0})

// receipts produces Receipts (devp2p/caps/eth.md#receipts-0x10): the list of each block, up to the first that is not held,
// without the first few receipts of the first block. From eth/70 on, a list that would make the message larger than
// 10 MiB is cut, and the reply says so (EIP-7975).
func (l *listener) receipts(out *p2p.Out, reply wire.Reply, hashes wire.Hashes, first uint64) {
	items := l.list(out, reply.Kind)
	for i, h := range hashes.All() {
		if items.full() {
			break
		}
		item := l.receiptsOf(h)
		if item != nil && i == 0 && first > 0 {
			item = receiptsFrom(item.Bytes(), first)
		}
		if item == nil {
			break
		}
		if items.add(item) {
			continue
		}
		if part := receiptsWithin(item.Bytes(), items.room()); part != nil && l.version >= partialReceipts {
			reply.LastIncomplete = items.add(part)
		}
		break
	}
	items.finish(reply, l.version)
}

// receiptsOf returns the receipts of a block in the form of the session's version, or nil. The store need not hold the
// empty list of a block whose header says that it has no receipts.
func (l *listener) receiptsOf(h types.Hash) *rlpx.Chunk {
	form := flatReceiptsOf
	if l.version < flatReceipts {
		form = bloomReceiptsOf
	}
	if item := l.chunk(h, form); item != nil {
		return item
	}
	raw := l.chain.Header(h)
	if raw == nil {
		return nil
	}
	if header, err := types.DecodeHeader(raw); err != nil || header.ReceiptRoot != types.EmptyRoot {
		return nil
	}
	return noReceipts
}

// withBlooms turns a list of receipts from the form of eth/69 into that of eth/68. It returns nil if that is no list of receipts.
func withBlooms(flat []byte) []byte {
	kind, rest, _, err := rlp.Split(flat)
	if err != nil || kind != rlp.List {
		return nil
	}
	dst, list := rlp.OpenList(make([]byte, 0, len(flat)))
	for len(rest) > 0 {
		_, _, after, err := rlp.Split(rest)
		if err != nil {
			return nil
		}
		r, err := types.DecodeFlatReceipt(rest[:len(rest)-len(after)])
		if err != nil {
			return nil
		}
		dst, rest = r.AppendItem(dst), after
	}
	return rlp.CloseList(dst, list)
}

// receiptsFrom returns a list of receipts without the first few, or nil if that is no list.
func receiptsFrom(list []byte, first uint64) *rlpx.Chunk {
	_, rest, _, err := rlp.Split(list)
	for ; err == nil && first > 0 && len(rest) > 0; first-- {
		_, _, rest, err = rlp.Split(rest)
	}
	if err != nil {
		return nil
	}
	return rlpx.NewChunk(append(rlp.AppendListHeader(nil, len(rest)), rest...))
}

// receiptsWithin returns as many of the first receipts as fit into room bytes, or nil if none does.
func receiptsWithin(list []byte, room int) *rlpx.Chunk {
	_, content, _, err := rlp.Split(list)
	size := 0
	for rest := content; err == nil && len(rest) > 0; {
		if _, _, rest, err = rlp.Split(rest); err != nil || rlp.SizeList(len(content)-len(rest)) > room {
			break
		}
		size = len(content) - len(rest)
	}
	if err != nil || size == 0 {
		return nil
	}
	return rlpx.NewChunk(append(rlp.AppendListHeader(nil, size), content[:size]...))
}
