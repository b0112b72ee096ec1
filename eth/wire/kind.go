// SPDX-License-Identifier: Apache-2.0

package wire

// A Kind identifies a message in all versions. Kinds below [Kinds] can index an array.
type Kind uint8

// The kinds, in the order of their codes.
const (
	KindNone Kind = iota // no message
	KindStatus
	KindNewBlockHashes
	KindTransactions
	KindGetBlockHeaders
	KindBlockHeaders
	KindGetBlockBodies
	KindBlockBodies
	KindNewBlock
	KindNewPooledTransactionHashes
	KindGetPooledTransactions
	KindPooledTransactions
	KindGetNodeData
	KindNodeData
	KindGetReceipts
	KindReceipts
	KindBlockRangeUpdate
	KindGetBlockAccessLists
	KindBlockAccessLists
	KindGetCells
	KindCells

	Kinds = int(iota) // one more than the last kind
)

// Row returns the table's row of the kind; nil for KindNone and for values that are no kind.
func (k Kind) Row() *Row {
	if int(k) >= Kinds {
		return nil
	}
	return index.kinds[k]
}

// String returns the specification's name of the message, such as "GetBlockHeaders".
func (k Kind) String() string {
	if row := k.Row(); row != nil {
		return row.Name
	}
	return "none"
}

// A Lane is the queue of a message to be sent. Messages of lower lanes are sent first.
type Lane uint8

// The lanes.
const (
	LaneReplies       Lane = iota // replies, and Status, which is sent before everything
	LaneRequests                  // requests
	LaneBlocks                    // blocks, block hashes, block ranges
	LaneAnnouncements             // transaction hashes
	LaneTransactions              // full transactions

	lanes // one more than the last lane
)

// String returns the lane's name, such as "replies".
func (l Lane) String() string {
	names := [lanes]string{"replies", "requests", "blocks", "announcements", "transactions"}
	if l >= lanes {
		return "none"
	}
	return names[l]
}
