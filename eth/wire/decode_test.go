// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
)

func TestDecodeUnknownCode(t *testing.T) {
	var s Storage
	for v := Version(60); v < 75; v++ {
		for code := range uint64(codes + 2) {
			if _, ok := Ethereum.Lookup(v, code); ok {
				continue
			}
			if m, err := s.Decode(v, code, []byte{0xc0}); m != nil || !errors.Is(err, ErrUnknownCode) {
				t.Errorf("%v: code %#x: %v, %v", v, code, m, err)
			}
		}
	}
}

func TestDecodeTooLarge(t *testing.T) {
	var s Storage
	large := make([]byte, MaxMessage+1)
	for row := range Rows() {
		if _, err := s.Decode(row.To, row.Code, large[:row.Bytes+1]); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", row.Name, err)
		}
		if _, err := s.Decode(row.To, row.Code, large[:row.Bytes]); err == nil || errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", row.Name, err)
		}
	}
}

// smallest returns the smallest item that a list message can have.
func smallest(k Kind) []byte {
	switch k {
	case KindNewBlockHashes:
		return list(hashAsItem(1), num(0))
	case KindNodeData, KindBlockAccessLists:
		return str("")
	case KindTransactions, KindBlockHeaders, KindBlockBodies, KindPooledTransactions, KindReceipts:
		return list()
	default:
		return hashAsItem(1)
	}
}

// wrap makes a message from the content of its list.
func wrap(k Kind, v Version, n int, content []byte) []byte {
	row := k.Row()
	switch {
	case k == KindGetCells:
		return list(num(1), list(content), str(mask("")))
	case k == KindCells:
		return list(num(1), list(content), list(bytes.Repeat(list(), n)), str(mask("")))
	case k == KindNewPooledTransactionHashes && v >= 72:
		return list(rlp.AppendBytes(nil, bytes.Repeat([]byte{2}, n)), list(bytes.Repeat([]byte{9}, n)), list(content), str(""))
	case k == KindNewPooledTransactionHashes && v >= 68:
		return list(rlp.AppendBytes(nil, bytes.Repeat([]byte{2}, n)), list(bytes.Repeat([]byte{9}, n)), list(content))
	case v < 66 || !row.IsRequest() && !row.IsReply():
		return list(content)
	case v >= 70 && (k == KindGetReceipts || k == KindReceipts):
		return list(num(1), num(0), list(content))
	default:
		return list(num(1), list(content))
	}
}

func TestItemLimits(t *testing.T) {
	var s Storage
	for row := range Rows() {
		if row.Items == 0 {
			continue
		}
		for v := row.From; v <= row.To; v++ {
			item := smallest(row.Kind)
			if _, err := s.Decode(v, row.Code, wrap(row.Kind, v, row.Items, bytes.Repeat(item, row.Items))); err != nil {
				t.Errorf("%v: %d items: %v", v, row.Items, err)
			}
			n := row.Items + 1
			m, err := s.Decode(v, row.Code, wrap(row.Kind, v, n, bytes.Repeat(item, n)))
			if row.IsRequest() { // asking for more breaks no rule: the rest is left out
				if err != nil || strings.Count(strings.Join(describe(m), "\n"), "hash = ") != row.Items {
					t.Errorf("%v %s: %d items: %v", v, row.Name, n, err)
				} else if again := m.Append(nil, v); !bytes.Equal(again, wrap(row.Kind, v, row.Items, bytes.Repeat(item, row.Items))) {
					t.Errorf("%v %s: %d items are not cut to %d", v, row.Name, n, row.Items)
				}
			} else if !errors.Is(err, rlp.ErrTooMany) {
				t.Errorf("%v %s: %d items: %v", v, row.Name, n, err)
			}
		}
	}
}

// Messages of a fixed form have no room for more elements.
func TestExtraElements(t *testing.T) {
	var s Storage
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		enveloped := v >= 66 && (row.IsRequest() || row.IsReply())
		announcement := row.Kind == KindNewPooledTransactionHashes
		if !enveloped && (row.Items > 0 && !announcement || announcement && v < 68) {
			return // a list of items
		}
		_, content, _, err := rlp.Split(x.payload)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Decode(v, row.Code, list(content, list())); !errors.Is(err, rlp.ErrExtraItems) {
			t.Errorf("%v: %v: %v", x, v, err)
		}
		if _, err := s.Decode(v, row.Code, list()); !errors.Is(err, rlp.ErrMissing) {
			t.Errorf("%v %s: an empty list: %v", v, row.Name, err)
		}
		if _, err := s.Decode(v, row.Code, str("no list")); !errors.Is(err, rlp.ErrWantList) {
			t.Errorf("%v %s: a byte string: %v", v, row.Name, err)
		}
	})
}

func TestRequestID(t *testing.T) {
	long := list(num(1<<63), list(bytes.Repeat(hashAsItem(1), 4096)))
	if id, err := RequestID(66, long); id != 1<<63 || err != nil {
		t.Errorf("%d, %v", id, err)
	}
	for name, bad := range map[string][]byte{
		"nothing":      nil,
		"empty list":   list(),
		"no list":      num(7),
		"ID is a list": list(list(), list()),
		"leading zero": list(str("\x00\x01"), list()),
		"nine bytes":   list(str("123456789"), list()),
		"cut":          long[:len(long)-1],
	} {
		if id, err := RequestID(71, bad); err == nil {
			t.Errorf("%s: ID %d", name, id)
		}
	}
	if _, err := RequestID(65, long); !errors.Is(err, ErrNoRequestID) {
		t.Errorf("eth/65: %v", err)
	}
}
