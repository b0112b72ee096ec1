// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

// A transaction with an impossible value is invalid, and one of other bytes than a
// transaction's is malformed (devp2p/caps/eth.md#transaction-encoding-and-validity): the first
// is discarded alone.
func TestInvalidIsNotMalformed(t *testing.T) {
	long := func(n int) []byte { return rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, n)) }
	for _, c := range []struct {
		field   string
		from    uint8 // the first type that has the field and the rule
		bad     []byte
		invalid bool
	}{
		{"v", 1, []byte{27}, true},
		{"v", 1, []byte{38}, true},
		{"v", 0, long(33), true},
		{"r", 0, long(33), true},
		{"s", 0, long(33), true},
		{"value", 0, long(33), true},
		{"feeCap", 0, long(33), true},
		{"chainID", 1, long(33), true},
		{"nonce", 0, long(9), true},
		{"gas", 0, long(9), true},
		{"to", 0, long(19), true},
		{"to", 3, []byte{0x80}, true},
		{"blobHashes", 3, list(long(31)), true},
		{"authList", 4, list(list(long(33), long(20), []byte{0x80}, []byte{1}, long(32), long(32))), true},

		{"nonce", 0, []byte{0x00}, false},                  // a leading zero is another encoding
		{"gas", 0, []byte{0x81, 0x05}, false},              // not canonical
		{"value", 0, list(), false},                        // a list in place of a number
		{"data", 0, list(), false},                         // or of bytes
		{"accessList", 1, []byte{0x80}, false},             // bytes in place of a list
		{"accessList", 1, list(list(long(20))), false},     // an element is missing
		{"authList", 4, list(list()), false},               // likewise
		{"blobHashes", 3, []byte{0xc2, 0x81, 0x05}, false}, // not canonical inside
	} {
		for kind := c.from; kind < knownTypes; kind++ {
			at := fieldAt[c.field][kind]
			if at < 0 {
				continue
			}
			good := sample(t, kind)
			fields := split(t, good.list)
			fields[at] = c.bad
			_, err := DecodeTx(wrap(kind, fields))
			if err == nil || errors.Is(err, ErrInvalidTx) != c.invalid {
				t.Errorf("type %d, %s = %x: %v, want it called invalid: %v", kind, c.field, c.bad, err, c.invalid)
			}
			if _, ok := errors.AsType[*rlp.Error](err); !ok {
				t.Errorf("type %d, %s = %x: %v does not say where", kind, c.field, c.bad, err)
			}
		}
	}
}

// What follows an impossible value must be well-formed, too.
func TestInvalidAndMalformed(t *testing.T) {
	big := rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, 33))
	for kind := range uint8(knownTypes) {
		good := sample(t, kind)
		fields := split(t, good.list)
		fields[fieldAt["value"][kind]] = big
		last := len(fields) - 1
		for _, bad := range [][]byte{
			{0x81, 0x05}, // not canonical
			{0x82, 0x05}, // longer than the input
			append(bytes.Repeat([]byte{0xc1}, 20), 0xc0), // nested too deeply
		} {
			worse := append(slices.Clone(fields[:last]), bad)
			if _, err := DecodeTx(wrap(kind, worse)); err == nil || errors.Is(err, ErrInvalidTx) {
				t.Errorf("type %d with %x after the value: %v", kind, bad, err)
			}
		}
		item := wrap(kind, fields)
		if _, err := DecodeTx(append(slices.Clone(item), 0x80)); err == nil || errors.Is(err, ErrInvalidTx) {
			t.Errorf("type %d with a byte after it: %v", kind, err)
		}
		for n := range item { // nothing that ends early is well-formed
			if _, err := DecodeTx(item[:n]); err == nil || errors.Is(err, ErrInvalidTx) {
				t.Fatalf("type %d, %d of %d bytes: %v", kind, n, len(item), err)
			}
		}
	}
}

// A bad sidecar does not make its transaction invalid, which has the same hash without it.
func TestSidecarIsNotTheTransaction(t *testing.T) {
	tx := sample(t, BlobTx)
	blob := rlp.AppendBytes(nil, make([]byte, BlobSize))
	for name, sidecar := range map[string][][]byte{
		"version 2":        {{2}, list(), list(), list()},
		"version too long": {rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, 9)), list(), list(), list()},
		"no proof":         {list(blob), list(), list()},
		"short proof":      {list(), list(), list(rlp.AppendBytes(nil, make([]byte, 47)))},
		"not a list":       {{1}, {1}, list(), list()},
	} {
		item := rlp.AppendBytes(nil, append([]byte{BlobTx}, list(append([][]byte{tx.list}, sidecar...)...)...))
		if _, err := DecodeTx(item); err == nil || errors.Is(err, ErrInvalidTx) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := rlp.AppendBytes(nil, append([]byte{BlobTx}, list(tx.list, list(blob), list(), list())...))
	if _, err := DecodeTxElided(whole); !errors.Is(err, ErrNotElided) || errors.Is(err, ErrInvalidTx) {
		t.Errorf("blobs at eth/72: %v", err)
	}
}

// An invalid transaction still has what its announcement says of it.
func TestInvalidTxHasTypeAndSize(t *testing.T) {
	big := rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, 33))
	for kind := range uint8(knownTypes) {
		fields := split(t, sample(t, kind).list)
		fields[fieldAt["value"][kind]] = big
		item := wrap(kind, fields)
		_, binary, _, _ := rlp.Split(item)
		if kind == LegacyTx {
			binary = item
		}
		tx, err := DecodeTx(item)
		if !errors.Is(err, ErrInvalidTx) || tx.Type != kind || tx.Known || !bytes.Equal(tx.Raw, item) || !bytes.Equal(tx.Binary(), binary) || tx.Size() != uint64(len(binary)) {
			t.Errorf("type %d: %+v, %v", kind, tx, err)
		}
		bare, err := DecodeTxBinary(binary)
		if !errors.Is(err, ErrInvalidTx) || bare.Type != kind || !bytes.Equal(bare.Binary(), binary) {
			t.Errorf("type %d, binary: %+v, %v", kind, bare, err)
		}
		cut, err := DecodeTx(wrap(kind, fields[:3]))
		if err == nil || cut.Binary() != nil || cut.Raw != nil {
			t.Errorf("type %d, malformed: %+v, %v", kind, cut, err)
		}
	}
}
