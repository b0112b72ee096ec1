// SPDX-License-Identifier: Apache-2.0

// Package wire reads and writes the messages of the eth protocol, versions 63 to 72.
//
// In: a version, a message code, a payload. Out: a message that borrows from the payload; and
// back, as every message, request and reply appends itself to a slice. Lists stay raw: their
// items are checked to be of the right kind and not too many, and are relayed and stored as the
// bytes that came. The protocol is specified in
// https://github.com/ethereum/devp2p/blob/master/caps/eth.md, called devp2p/caps/eth.md below.
//
// A table (table.go) has one row for each message, with all that differs between messages: codes,
// versions, limits, replies, lanes. Versions are data; the code of a message depends on the
// version only where the bytes differ.
//
// # Requests and replies
//
// Limit is the most items of a message, "·" if it is no list. From eth/66 on requests and replies
// begin with an ID, which the reply repeats (EIP-2481).
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
// On chains without a consensus layer NewBlockHashes and NewBlock are received in all versions. A
// [Dialect] is what the peers of a chain send in addition to the chart.
//
// # Reading
//
// A [Storage] belongs to the reader of one session, which uses it again for each message:
// decoding allocates nothing.
//
//	m, err := storage.Decode(v, code, payload)
//	switch m := m.(type) {
//	case *wire.Transactions:
//		for item := range m.Items() { … }
//
// # Requesting and replying
//
// A [Request] writes itself and reads its reply, which is of a type of its own and owns the
// payload: the reply to a [HeadersRequest] is [Headers]. [RequestID] returns the request ID of a
// reply before anything else of it is read. A [Reply] is sent with raw items.
//
// # Limits
//
// No message is larger than 10 MiB (devp2p/caps/eth.md#basic-operation); no list longer than its
// row allows, except that the hashes of a request are cut there; no reply longer than its request.
// All is checked before memory is allocated. SendItems and SendBytes of a row are smaller: they
// are the sizes that peers consider polite, which the sender has to observe.
//
// # Errors
//
// Every error of Decode, ParseReply and RequestID is the sender's breach of a rule, and names
// message, version, field and byte. It quotes nothing of the message but numbers. The package has
// no state.
package wire
