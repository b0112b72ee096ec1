// SPDX-License-Identifier: Apache-2.0

// Package wire is the messages of the eth protocol, versions 63 to 72
// (https://github.com/ethereum/devp2p/blob/master/caps/eth.md, called devp2p/caps/eth.md
// below).
//
// In: a version, a message code, a payload. Out: a message that borrows from the payload.
// And back: messages, requests and replies append themselves to a slice. Lists stay raw:
// they are checked to be lists of the right kind of items, not longer than allowed, and
// are relayed and stored as the bytes that came.
//
// A table (table.go) has one row for each message and is all that tells the messages
// apart: codes by version, protocol lengths, limits, who answers whom, in which lane.
// Versions are data; a message's code looks at the version only where the bytes differ.
//
// # Who replies to what
//
// Limit is how many items a message may have, "·" where it is no list. From eth/66 on
// requests and replies begin with an ID, which the reply repeats.
//
//	code  message                     eth    limit  is answered with
//	0x00  Status                      63–72      ·
//	0x01  NewBlockHashes              63–68   1024
//	0x02  Transactions                63–72   5000
//	0x03  GetBlockHeaders             63–72      ·  BlockHeaders
//	0x04  BlockHeaders                63–72   1024
//	0x05  GetBlockBodies              63–72   1024  BlockBodies
//	0x06  BlockBodies                 63–72   1024
//	0x07  NewBlock                    63–68      ·
//	0x08  NewPooledTransactionHashes  65–72  32768
//	0x09  GetPooledTransactions       65–72   4096  PooledTransactions
//	0x0a  PooledTransactions          65–72   4096
//	0x0d  GetNodeData                 63–66   1024  NodeData
//	0x0e  NodeData                    63–66   1024
//	0x0f  GetReceipts                 63–72   1024  Receipts
//	0x10  Receipts                    63–72   1024
//	0x11  BlockRangeUpdate            69–72      ·
//	0x12  GetBlockAccessLists         71–72   1024  BlockAccessLists
//	0x13  BlockAccessLists            71–72   1024
//	0x14  GetCells                    72–72   4096  Cells
//	0x15  Cells                       72–72   1024
//
// On chains without a consensus layer NewBlockHashes and NewBlock are received in all
// versions: a [Dialect] says what a chain's peers send beside the chart.
//
// # Reading
//
// A [Storage] belongs to the reader of one session and is used again and again: decoding
// allocates nothing.
//
//	m, err := storage.Decode(v, code, payload)
//	switch m := m.(type) {
//	case *wire.Transactions:
//		for item := range m.Items() { … }
//
// # Asking and answering
//
// A [Request] writes itself and reads the reply to it, as a type of its own that owns
// the payload: [HeadersRequest] gives [Headers]. [RequestID] finds the request that a
// reply belongs to before anything else of it is looked at. A [Reply] answers with raw
// items.
//
// # Limits
//
// No message is larger than 10 MiB; no list longer than its row says, except that the hashes
// of a request are cut there; no reply longer than its request asked for. All are checked before anything is allocated. What a row
// calls SendItems and SendBytes is smaller: what peers think polite, which is for the
// sender to keep.
//
// # Errors
//
// Every error of Decode, ParseReply and RequestID is the sender's breach of a rule, and
// says which message, version, field and byte. The package owns no state.
package wire
