// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"encoding/binary"

	"github.com/ethpeer/ethpeer/types"
)

// A Kind says what a value of a [Store] is.
type Kind uint8

// The kinds of values. The numbers are part of the format on disk.
const (
	KindHeader     Kind = 1 // by hash: the header's RLP as it came
	KindBody       Kind = 2 // by hash: the list of lists, as BlockBodies has it
	KindReceipts   Kind = 3 // by hash: the list of receipts, as eth/69 has it (EIP-7642)
	KindAccessList Kind = 4 // by hash: the block access list (EIP-7928)
	KindTD         Kind = 5 // by hash: the total difficulty, big-endian without leading zeros
	KindCanonical  Kind = 6 // by number: the hash of the canonical block
)

// A Key names a value: by hash or, for KindCanonical, by number.
type Key struct {
	Kind   Kind
	Hash   types.Hash
	Number uint64
}

// Append appends the key as bytes: the kind, and the hash or the number, big-endian.
func (k Key) Append(dst []byte) []byte {
	dst = append(dst, byte(k.Kind))
	if k.Kind == KindCanonical {
		return binary.BigEndian.AppendUint64(dst, k.Number)
	}
	return append(dst, k.Hash[:]...)
}

// A Store keeps bytes under keys, and small values under names. The chain is its only writer; any number of
// goroutines read.
type Store interface {
	// Get returns a value, nil if there is none. Nothing changes its bytes.
	Get(k Key) []byte

	// Meta returns the value of a name, nil if there is none. Nothing changes its bytes.
	Meta(name string) []byte

	// Names returns the names that begin with prefix, in any order.
	Names(prefix string) []string

	// Apply writes all of a batch or nothing, also when the process is killed. It copies the values. After an
	// error the chain takes the store for dead: it writes no more, and reads what was written before.
	Apply(b *Batch) error

	// Close ends the use of the store.
	Close() error
}

// A Batch is what a [Store] writes at once, in its order. The zero Batch is empty.
type Batch struct{ Ops []Op }

// An Op puts or deletes one value.
type Op struct {
	Key   Key    // without meaning if Meta is not empty
	Meta  string // a name
	Value []byte // nil: delete
}

// Put adds a value under a key.
func (b *Batch) Put(k Key, value []byte) { b.Ops = append(b.Ops, Op{Key: k, Value: notNil(value)}) }

// Delete removes the value of a key.
func (b *Batch) Delete(k Key) { b.Ops = append(b.Ops, Op{Key: k}) }

// PutMeta adds a value under a name, which must not be empty.
func (b *Batch) PutMeta(name string, value []byte) {
	b.Ops = append(b.Ops, Op{Meta: name, Value: notNil(value)})
}

// DeleteMeta removes the value of a name.
func (b *Batch) DeleteMeta(name string) { b.Ops = append(b.Ops, Op{Meta: name}) }

// notNil lets an empty value differ from a deletion.
func notNil(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}
