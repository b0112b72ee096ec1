// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// describe tells what a message says, one "key = value" for each field, as the vectors
// write it.
func describe(m Message) (fields []string) {
	say := func(format string, args ...any) { fields = append(fields, fmt.Sprintf(format, args...)) }
	items := func(l List) {
		for item := range l.Items() {
			say("item = %x", item)
		}
	}
	hashes := func(h Hashes) {
		for _, hash := range h.All() {
			say("hash = %x", hash[:])
		}
	}
	switch m := m.(type) {
	case *Status:
		say("version = %d", m.Version)
		say("network = %d", m.NetworkID)
		say("td = %s", m.TD.Dec())
		say("head = %x", m.Head[:])
		say("genesis = %x", m.Genesis[:])
		say("forkID = %x next %d", m.ForkID.Hash, m.ForkID.Next)
		say("range = %d..%d", m.Earliest, m.Latest)
	case *NewBlockHashes:
		for hash, number := range m.All() {
			say("block = %x %d", hash[:], number)
		}
	case *Transactions:
		items(m.List)
	case *GetBlockHeaders:
		say("id = %d", m.ID)
		if m.Origin.ByHash {
			say("origin = %x", m.Origin.Hash[:])
		} else {
			say("origin = %d", m.Origin.Number)
		}
		say("amount = %d", m.Amount)
		say("skip = %d", m.Skip)
		say("reverse = %v", m.Reverse)
	case *NewBlock:
		say("block = %x", m.Block)
		say("header = %x", m.Header)
		say("txs = %x", m.Txs)
		say("uncles = %x", m.Uncles)
		withdrawals := "none"
		if m.HasWithdrawals {
			withdrawals = hex.EncodeToString(m.Withdrawals)
		}
		say("withdrawals = %s", withdrawals)
		say("td = %s", m.TD.Dec())
	case *NewPooledTransactionHashes:
		for a := range m.All() {
			typed := ""
			if a.Typed {
				typed = fmt.Sprintf(" type %d size %d", a.Type, a.Size)
			}
			say("tx = %x%s", a.Hash[:], typed)
		}
		if m.Masked {
			say("mask = %x", m.Mask[:])
		}
	case *GetCells:
		say("id = %d", m.ID)
		say("mask = %x", m.Mask[:])
		hashes(m.Hashes)
	case *Cells:
		say("id = %d", m.ID)
		say("mask = %x", m.Mask[:])
		for hash, group := range m.All() {
			say("tx = %x", hash[:])
			for i := range group.Len() {
				say("cell = %x", sha256.Sum256(group.At(i)))
			}
		}
	case *BlockRangeUpdate:
		say("range = %d..%d", m.Earliest, m.Latest)
		say("head = %x", m.LatestHash[:])
	case *GetBlockBodies:
		say("id = %d", m.ID)
		hashes(m.Hashes)
	case *GetPooledTransactions:
		say("id = %d", m.ID)
		hashes(m.Hashes)
	case *GetNodeData:
		say("id = %d", m.ID)
		hashes(m.Hashes)
	case *GetBlockAccessLists:
		say("id = %d", m.ID)
		hashes(m.Hashes)
	case *GetReceipts:
		say("id = %d", m.ID)
		say("first = %d", m.FirstIndex)
		hashes(m.Hashes)
	case *Receipts:
		say("id = %d", m.ID)
		say("incomplete = %v", m.LastIncomplete)
		items(m.List)
	case *BlockHeaders:
		say("id = %d", m.ID)
		items(m.List)
	case *BlockBodies:
		say("id = %d", m.ID)
		items(m.List)
	case *PooledTransactions:
		say("id = %d", m.ID)
		items(m.List)
	case *NodeData:
		say("id = %d", m.ID)
		items(m.List)
	case *BlockAccessLists:
		say("id = %d", m.ID)
		items(m.List)
	default:
		say("describe does not know %v", m.Kind())
	}
	return fields
}
