// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Message is a pointer to one of the message types of this package.
type Message interface {
	Kind() Kind
	// Append appends the payload in the shape of version v. Decoded lists are appended as the
	// bytes that came. Fields that v does not have are left out.
	Append(dst []byte, v Version) []byte
}

// A codec is implemented by each message, in its own file.
type codec interface {
	Message
	// decode reads the payload. Its errors stay in the cursor. It sets every field.
	decode(c *rlp.Cursor, row *Row, v Version)
}

// A Storage has one message of each kind, so that decoding allocates nothing. The zero Storage is
// ready. Its owner is the reader of one session.
type Storage struct {
	Dialect Dialect // of the chain; set before the first Decode

	cursor rlp.Cursor // a field, because a local one would escape to the heap

	status                     Status
	newBlockHashes             NewBlockHashes
	transactions               Transactions
	getBlockHeaders            GetBlockHeaders
	blockHeaders               BlockHeaders
	getBlockBodies             GetBlockBodies
	blockBodies                BlockBodies
	newBlock                   NewBlock
	newPooledTransactionHashes NewPooledTransactionHashes
	getPooledTransactions      GetPooledTransactions
	pooledTransactions         PooledTransactions
	getNodeData                GetNodeData
	nodeData                   NodeData
	getReceipts                GetReceipts
	receipts                   Receipts
	blockRangeUpdate           BlockRangeUpdate
	getBlockAccessLists        GetBlockAccessLists
	blockAccessLists           BlockAccessLists
	getCells                   GetCells
	cells                      Cells
}

// Decode reads a message with the given code in version v. The result is a part of s and borrows
// from payload: it is valid until the next Decode, and as long as payload is. Raw items are
// checked to be of the right kind (list or byte string), and to be no more than the row allows;
// their contents are not checked.
//
// Decode fails with [ErrUnknownCode] or [ErrTooLarge] before it reads the payload, and otherwise
// with an error that names the problem, the byte and the field.
func (s *Storage) Decode(v Version, code uint64, payload []byte) (Message, error) {
	row, ok := s.Dialect.Lookup(v, code)
	if !ok {
		return nil, fmt.Errorf("%v: %w: %#x", v, ErrUnknownCode, code)
	}
	m := row.storage(s)
	if err := decode(&s.cursor, m, row, v, payload); err != nil {
		return nil, err
	}
	return m, nil
}

// Release forgets the message that was decoded last, so that s holds no payload in memory. The
// message is not valid any more.
func (s *Storage) Release() { *s = Storage{Dialect: s.Dialect} }

// decode reads payload into m, with the given cursor.
func decode(c *rlp.Cursor, m codec, row *Row, v Version, payload []byte) error {
	if len(payload) > row.Bytes {
		return fmt.Errorf("%v %s: %w: %d bytes, limit %d", v, row.Name, ErrTooLarge, len(payload), row.Bytes)
	}
	*c = rlp.Read(payload)
	m.decode(c, row, v)
	if err := c.Done(); err != nil {
		return fmt.Errorf("%v %s: %w", v, row.Name, err)
	}
	return nil
}

// RequestID reads only the ID of a request or reply (EIP-2481). It fails with [ErrNoRequestID] in
// versions before eth/66, which have none.
func RequestID(v Version, payload []byte) (uint64, error) {
	if !v.HasRequestIDs() {
		return 0, ErrNoRequestID
	}
	c := rlp.Read(payload)
	id := openEnvelope(&c, v)
	return id, c.Err()
}

// openEnvelope reads the start of a request or reply: [id, …] from eth/66 on, nothing before.
func openEnvelope(c *rlp.Cursor, v Version) (id uint64) {
	if v.HasRequestIDs() {
		c.List("")
		id = c.Uint64("id")
	}
	return id
}

func closeEnvelope(c *rlp.Cursor, v Version) {
	if v.HasRequestIDs() {
		c.End()
	}
}

// appendEnvelope appends the start of a request or reply, before size more bytes.
func appendEnvelope(dst []byte, v Version, id uint64, size int) []byte {
	if !v.HasRequestIDs() {
		return dst
	}
	dst = rlp.AppendListHeader(dst, rlp.SizeUint64(id)+size)
	return rlp.AppendUint64(dst, id)
}
