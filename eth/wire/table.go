// SPDX-License-Identifier: Apache-2.0

package wire

import "iter"

// A Row has all properties of a message. Callers must not change it.
type Row struct {
	Kind     Kind
	Name     string
	Code     uint64
	From, To Version // the versions in which every client has the message
	Reply    Kind    // of a request: its reply
	Lane     Lane

	// The most items and bytes of a received message; a larger one is refused, except that
	// the hashes of a request are cut. Items counts the hashes, transactions, headers … of the
	// message's list; 0 if it is not a list.
	Items int
	Bytes int

	// The most items and bytes of a message that we send, because other clients serve no more
	// or punish more; 0 if there is no such bound. Items of GetBlockHeaders are the requested
	// headers. The last item of a reply may exceed SendBytes.
	SendItems int
	SendBytes int

	answers Kind                   // of a reply: the request; filled in by buildIndex
	storage func(s *Storage) codec // the message to decode into
}

// MaxMessage is the most bytes of an eth message; clients refuse a larger one
// (devp2p/caps/eth.md#basic-operation).
const MaxMessage = 10 << 20

// SoftReply is the size in bytes at which a server ends a reply, the "recommended soft limit" of
// devp2p/caps/eth.md#blockheaders-0x04.
const SoftReply = 2 << 20

// table is in the order of the codes. A limit that is neither the specification's nor
// go-ethereum's has a comment with its reason.
var table = [...]Row{
	{
		Kind: KindStatus, Name: "Status", Code: 0x00, From: 63, To: Last,
		Lane: LaneReplies, Bytes: MaxMessage,
		storage: func(s *Storage) codec { return &s.status },
	},
	{
		// Most clients refuse the block messages from eth/69 on, as there is no block gossip
		// after the merge (EIP-3675). Chains without a consensus layer have them in all
		// versions: see [extras].
		Kind: KindNewBlockHashes, Name: "NewBlockHashes", Code: 0x01, From: 63, To: 68,
		Lane: LaneBlocks, Items: 1024, Bytes: MaxMessage, // no client announces more than 256 at once
		SendItems: 256,
		storage:   func(s *Storage) codec { return &s.newBlockHashes },
	},
	{
		Kind: KindTransactions, Name: "Transactions", Code: 0x02, From: 63, To: Last,
		Lane: LaneTransactions, Items: 5000, Bytes: MaxMessage,
		SendBytes: 100 << 10,
		storage:   func(s *Storage) codec { return &s.transactions },
	},
	{
		Kind: KindGetBlockHeaders, Name: "GetBlockHeaders", Code: 0x03, From: 63, To: Last,
		Reply: KindBlockHeaders, Lane: LaneRequests, Bytes: MaxMessage,
		SendItems: 192, // clients of eth/65 and before serve no more
		storage:   func(s *Storage) codec { return &s.getBlockHeaders },
	},
	{
		Kind: KindBlockHeaders, Name: "BlockHeaders", Code: 0x04, From: 63, To: Last,
		Lane: LaneReplies, Items: 1024, Bytes: MaxMessage,
		SendItems: 1024, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.blockHeaders },
	},
	{
		Kind: KindGetBlockBodies, Name: "GetBlockBodies", Code: 0x05, From: 63, To: Last,
		Reply: KindBlockBodies, Lane: LaneRequests, Items: 1024, Bytes: MaxMessage,
		SendItems: 128,
		storage:   func(s *Storage) codec { return &s.getBlockBodies },
	},
	{
		Kind: KindBlockBodies, Name: "BlockBodies", Code: 0x06, From: 63, To: Last,
		Lane: LaneReplies, Items: 1024, Bytes: MaxMessage,
		SendItems: 1024, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.blockBodies },
	},
	{
		Kind: KindNewBlock, Name: "NewBlock", Code: 0x07, From: 63, To: 68,
		Lane: LaneBlocks, Bytes: MaxMessage,
		storage: func(s *Storage) codec { return &s.newBlock },
	},
	{
		// The specification's soft limit is 4096, which go-ethereum observes. More are read, up
		// to as many hashes as clients remember of one peer.
		Kind: KindNewPooledTransactionHashes, Name: "NewPooledTransactionHashes", Code: 0x08, From: 65, To: Last,
		Lane: LaneAnnouncements, Items: 32768, Bytes: MaxMessage,
		SendItems: 4096,
		storage:   func(s *Storage) codec { return &s.newPooledTransactionHashes },
	},
	{
		Kind: KindGetPooledTransactions, Name: "GetPooledTransactions", Code: 0x09, From: 65, To: Last,
		Reply: KindPooledTransactions, Lane: LaneRequests, Items: 4096, Bytes: MaxMessage,
		SendItems: 256,
		storage:   func(s *Storage) codec { return &s.getPooledTransactions },
	},
	{
		Kind: KindPooledTransactions, Name: "PooledTransactions", Code: 0x0a, From: 65, To: Last,
		Lane: LaneReplies, Items: 4096, Bytes: MaxMessage,
		SendItems: 4096, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.pooledTransactions },
	},
	{
		Kind: KindGetNodeData, Name: "GetNodeData", Code: 0x0d, From: 63, To: 66, // removed by EIP-4938
		Reply: KindNodeData, Lane: LaneRequests, Items: 1024, Bytes: MaxMessage,
		SendItems: 384,
		storage:   func(s *Storage) codec { return &s.getNodeData },
	},
	{
		Kind: KindNodeData, Name: "NodeData", Code: 0x0e, From: 63, To: 66,
		Lane: LaneReplies, Items: 1024, Bytes: MaxMessage,
		SendItems: 384, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.nodeData },
	},
	{
		Kind: KindGetReceipts, Name: "GetReceipts", Code: 0x0f, From: 63, To: Last,
		Reply: KindReceipts, Lane: LaneRequests, Items: 1024, Bytes: MaxMessage,
		SendItems: 256,
		storage:   func(s *Storage) codec { return &s.getReceipts },
	},
	{
		Kind: KindReceipts, Name: "Receipts", Code: 0x10, From: 63, To: Last,
		Lane: LaneReplies, Items: 1024, Bytes: MaxMessage,
		SendItems: 1024, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.receipts },
	},
	{
		Kind: KindBlockRangeUpdate, Name: "BlockRangeUpdate", Code: 0x11, From: 69, To: Last,
		Lane: LaneBlocks, Bytes: MaxMessage,
		storage: func(s *Storage) codec { return &s.blockRangeUpdate },
	},
	{
		Kind: KindGetBlockAccessLists, Name: "GetBlockAccessLists", Code: 0x12, From: 71, To: Last,
		Reply: KindBlockAccessLists, Lane: LaneRequests, Items: 1024, Bytes: MaxMessage,
		SendItems: 128,
		storage:   func(s *Storage) codec { return &s.getBlockAccessLists },
	},
	{
		Kind: KindBlockAccessLists, Name: "BlockAccessLists", Code: 0x13, From: 71, To: Last,
		Lane: LaneReplies, Items: 1024, Bytes: MaxMessage,
		SendItems: 1024, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.blockAccessLists },
	},
	{
		// The specification's soft limit is 64 hashes; go-ethereum reads 4096.
		Kind: KindGetCells, Name: "GetCells", Code: 0x14, From: 72, To: Last,
		Reply: KindCells, Lane: LaneRequests, Items: 4096, Bytes: MaxMessage,
		SendItems: 64,
		storage:   func(s *Storage) codec { return &s.getCells },
	},
	{
		// Items are transactions. Servers end a reply at 1024 cells, 2 MiB.
		Kind: KindCells, Name: "Cells", Code: 0x15, From: 72, To: Last,
		Lane: LaneReplies, Items: 1024, Bytes: MaxMessage,
		SendItems: 1024, SendBytes: SoftReply,
		storage: func(s *Storage) codec { return &s.cells },
	},
}

// IsRequest reports whether the message is a request.
func (r *Row) IsRequest() bool { return r.Reply != KindNone }

// IsReply reports whether the message is the reply to a request.
func (r *Row) IsReply() bool { return r.answers != KindNone }

// Request returns the kind of the request of a reply; KindNone if the message is no reply.
func (r *Row) Request() Kind { return r.answers }

// In reports whether every client has the message in version v, so that it can be sent. See
// [Dialect.Lookup] for what can be received.
func (r *Row) In(v Version) bool { return r.From <= v && v <= r.To }

// Rows returns the whole table, in the order of the codes.
func Rows() iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		for i := range table {
			if !yield(&table[i]) {
				return
			}
		}
	}
}
