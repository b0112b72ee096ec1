// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// A Message is a pointer to one of the message types of this package.
type Message interface {
	Kind() Kind
	// Append appends the payload as version v writes it. Lists that were decoded are
	// appended as they came. What v cannot say is left out.
	Append(dst []byte, v Version) []byte
}

// codec is what the file of a message provides.
type codec interface {
	Message
	// decode reads the payload. It leaves its errors in the cursor, and sets every field.
	decode(c *rlp.Cursor, row *Row, v Version)
}

// Storage holds one message of each kind, so that decoding allocates nothing. The zero
// Storage is ready. It has one owner: the reader of a session.
type Storage struct {
	Dialect Dialect // of the chain; set before the first Decode

	cursor rlp.Cursor // here, because it would escape to the heap from a stack

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

// Decode reads the message that code means in version v. The result points into s and
// borrows from payload: it is good until the next Decode, and as long as payload is.
// Raw items are known to be items of the right kind (list or byte string), and no more
// than the message's row allows; what is inside of them has not been looked at.
//
// Decode fails with ErrUnknownCode and ErrTooLarge before it looks at the payload, and
// otherwise with what is wrong in it, at which byte and in which field.
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

// decode reads payload into m with the given cursor.
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

// RequestID reads the ID of a request or reply and nothing else of it. It fails with
// ErrNoRequestID for versions before eth/66, which have none.
func RequestID(v Version, payload []byte) (uint64, error) {
	if !v.HasRequestIDs() {
		return 0, ErrNoRequestID
	}
	c := rlp.Read(payload)
	id := openEnvelope(&c, v)
	return id, c.Err()
}

// openEnvelope begins a request or reply: [id, …] from eth/66 on, nothing before.
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

// appendEnvelope begins a request or reply of which size bytes follow.
func appendEnvelope(dst []byte, v Version, id uint64, size int) []byte {
	if !v.HasRequestIDs() {
		return dst
	}
	dst = rlp.AppendListHeader(dst, rlp.SizeUint64(id)+size)
	return rlp.AppendUint64(dst, id)
}
