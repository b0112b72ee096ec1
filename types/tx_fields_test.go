// SPDX-License-Identifier: Apache-2.0

package types

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

// sample returns a signed transaction of a type, with something in every field.
func sample(t testing.TB, kind uint8) Tx {
	t.Helper()
	address := bytes.Repeat([]byte{0xaa}, 20)
	hash := rlp.AppendBytes(nil, bytes.Repeat([]byte{0xbb}, 32))
	tx := Tx{Type: kind, Nonce: 300, Gas: 100000, To: Address(address), Data: []byte("data")}
	tx.ChainID.SetUint64(1337)
	tx.Tip.SetUint64(1e9)
	tx.FeeCap.SetUint64(30e9)
	tx.Value.SetAllOne()
	tx.AccessList = list(rlp.AppendBytes(nil, address), list(hash, hash))
	tx.BlobFeeCap.SetUint64(7)
	tx.BlobHashes = hash
	tx.AuthList = list([]byte{0x01}, rlp.AppendBytes(nil, address), []byte{0x80}, []byte{0x01}, hash, hash)
	signed, err := Sign(tx, testKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestSign(t *testing.T) {
	want := AddressOf(testKey(t).Public())
	for kind := range uint8(knownTypes) {
		tx := sample(t, kind)
		if from, err := tx.Sender(); err != nil || from != want {
			t.Errorf("type %d: sender %v, %v; want %v", kind, from, err, want)
		}
		if tx.ChainID.Uint64() != 1337 || !tx.Protected() {
			t.Errorf("type %d: chain %v, protected %v", kind, tx.ChainID, tx.Protected())
		}
	}
	unprotected, err := Sign(Tx{Create: true}, testKey(t))
	if err != nil {
		t.Fatal(err)
	}
	if from, err := unprotected.Sender(); err != nil || from != want || unprotected.Protected() || !unprotected.Create {
		t.Errorf("unprotected: sender %v, %v; protected %v", from, err, unprotected.Protected())
	}
	if _, err := Sign(Tx{Type: 5}, testKey(t)); !errors.Is(err, ErrUnknownType) {
		t.Errorf("type 5: %v", err)
	}
	if _, err := Sign(Tx{Type: 1, AccessList: []byte{0x80}}, testKey(t)); !errors.Is(err, rlp.ErrWantList) {
		t.Errorf("malformed access list: %v", err)
	}
}

// Where the fields are in the list of each type; see readFields.
var fieldAt = map[string][knownTypes]int{
	"chainID":    {-1, 0, 0, 0, 0},
	"nonce":      {0, 1, 1, 1, 1},
	"tip":        {-1, -1, 2, 2, 2},
	"feeCap":     {1, 2, 3, 3, 3},
	"gas":        {2, 3, 4, 4, 4},
	"to":         {3, 4, 5, 5, 5},
	"value":      {4, 5, 6, 6, 6},
	"data":       {5, 6, 7, 7, 7},
	"accessList": {-1, 7, 8, 8, 8},
	"blobFeeCap": {-1, -1, -1, 9, -1},
	"blobHashes": {-1, -1, -1, 10, -1},
	"authList":   {-1, -1, -1, -1, 9},
	"v":          {6, 8, 9, 11, 10},
	"r":          {7, 9, 10, 12, 11},
	"s":          {8, 10, 11, 13, 12},
}

// TestTxFieldRefusals puts one bad field at a time into a good transaction of every type
// that has the field.
func TestTxFieldRefusals(t *testing.T) {
	long := func(n int) []byte { return rlp.AppendBytes(nil, bytes.Repeat([]byte{1}, n)) }
	address, hash := long(20), long(32)
	auth := func(at int, bad []byte) []byte {
		tuple := [][]byte{{0x01}, address, {0x80}, {0x01}, hash, hash}
		tuple[at] = bad
		return list(list(tuple...))
	}
	for _, c := range []struct {
		field string
		from  uint8 // the first type that refuses
		bad   []byte
		want  error
	}{
		{"chainID", 1, long(33), rlp.ErrOverflow},
		{"nonce", 0, long(9), rlp.ErrOverflow},
		{"nonce", 0, []byte{0x00}, rlp.ErrLeadingZero},
		{"nonce", 0, []byte{0xc0}, rlp.ErrWantBytes},
		{"nonce", 0, []byte{0x81, 0x05}, rlp.ErrNotCanonical},
		{"tip", 2, long(33), rlp.ErrOverflow},
		{"feeCap", 0, long(33), rlp.ErrOverflow},
		{"feeCap", 0, []byte{0x82, 0x00, 0x01}, rlp.ErrLeadingZero},
		{"gas", 0, long(9), rlp.ErrOverflow},
		{"to", 0, long(19), ErrAddress},
		{"to", 0, long(21), ErrAddress},
		{"to", 0, long(1), ErrAddress},
		{"to", 3, []byte{0x80}, ErrNoRecipient},
		{"value", 0, long(33), rlp.ErrOverflow},
		{"data", 0, []byte{0xc0}, rlp.ErrWantBytes},
		{"accessList", 1, []byte{0x80}, rlp.ErrWantList},
		{"accessList", 1, list(address), rlp.ErrWantList},
		{"accessList", 1, list(list(address)), rlp.ErrMissing},
		{"accessList", 1, list(list(long(19), list())), rlp.ErrLength},
		{"accessList", 1, list(list(address, list(long(31)))), rlp.ErrLength},
		{"accessList", 1, list(list(address, list(hash), []byte{0x80})), rlp.ErrExtraItems},
		{"blobFeeCap", 3, long(33), rlp.ErrOverflow},
		{"blobHashes", 3, list(long(31)), rlp.ErrLength},
		{"blobHashes", 3, list(list()), rlp.ErrWantBytes},
		{"authList", 4, list(list()), rlp.ErrMissing},
		{"authList", 4, auth(0, long(33)), rlp.ErrOverflow},
		{"authList", 4, auth(1, []byte{0x80}), rlp.ErrLength},
		{"authList", 4, auth(2, long(9)), rlp.ErrOverflow},
		{"authList", 4, auth(3, long(2)), rlp.ErrOverflow},
		{"authList", 4, auth(4, long(33)), rlp.ErrOverflow},
		{"v", 1, []byte{0x02}, ErrParity},
		{"v", 1, []byte{0x82, 0x01, 0x00}, ErrParity},
		{"v", 0, long(33), rlp.ErrOverflow},
		{"r", 0, long(33), rlp.ErrOverflow},
		{"s", 0, []byte{0x00}, rlp.ErrLeadingZero},
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
			if !errors.Is(err, c.want) {
				t.Errorf("type %d, %s = %x: %v, want %v", kind, c.field, c.bad, err, c.want)
			}
		}
	}
}

// TestTxFieldCounts checks that every type has as many fields as it has.
func TestTxFieldCounts(t *testing.T) {
	for kind, want := range []int{9, 11, 12, 14, 13} {
		tx := sample(t, uint8(kind))
		fields := split(t, tx.list)
		if len(fields) != want {
			t.Errorf("type %d has %d fields, want %d", kind, len(fields), want)
		}
		for n := range len(fields) {
			if _, err := DecodeTx(wrap(tx.Type, fields[:n])); err == nil {
				t.Errorf("type %d with %d fields is accepted", kind, n)
			}
		}
		more := append(slices.Clone(fields), []byte{0x80})
		if _, err := DecodeTx(wrap(tx.Type, more)); !errors.Is(err, rlp.ErrExtraItems) {
			t.Errorf("type %d with a field more: %v", kind, err)
		}
	}
}

// wrap makes the item of a transaction from its fields.
func wrap(kind uint8, fields [][]byte) []byte {
	if kind == LegacyTx {
		return list(fields...)
	}
	return rlp.AppendBytes(nil, append([]byte{kind}, list(fields...)...))
}

// TestTxErrorsNameTheField shows what an operator reads.
func TestTxErrorsNameTheField(t *testing.T) {
	tx := sample(t, AccessListTx)
	fields := split(t, tx.list)
	fields[7] = list(list(rlp.AppendBytes(nil, make([]byte, 20)), list([]byte{0x01})))
	_, err := DecodeTx(wrap(AccessListTx, fields))
	const want = "invalid transaction: rlp: tx.accessList[0].keys[0]: byte string has the wrong length (byte 102)"
	if fmt.Sprint(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}
