// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

func cellItemOf(b byte) []byte { return rlp.AppendBytes(nil, bytes.Repeat([]byte{b}, types.CellSize)) }

func TestCellMask(t *testing.T) {
	m := CellMask{}.With(0).With(9).With(127).With(9)
	if m != (CellMask{0: 0x01, 1: 0x02, 15: 0x80}) || m.Len() != 3 {
		t.Errorf("%x", m)
	}
	if got := slices.Collect(m.All()); !slices.Equal(got, []int{0, 9, 127}) {
		t.Error(got)
	}
	for range m.All() {
		break
	}
	if m.Has(1) || !m.Has(127) || m.Has(128) || m.Has(-1) {
		t.Errorf("%x has others", m)
	}
	if AllCells().Len() != types.CellsPerBlob || !m.Within(AllCells()) || !m.Within(m) || m.Within(CellMask{}) || AllCells().Within(m) {
		t.Error("a part is no part, or the other way round")
	}
}

func TestCellsRequest(t *testing.T) {
	r := CellsRequest{Hashes: []types.Hash{deadC0de, feedBeef}, Mask: CellMask{}.With(0).With(9).With(127)}
	if r.Ask() != KindGetCells {
		t.Error(r.Ask())
	}
	equal(t, "eth/72", r.Append([]byte("x"), 72, 1111), append([]byte("x"), payloadOf(t, "GetCells", "two transactions, indices 0, 9 and 127")...))

	payload := payloadOf(t, "Cells", "one blob and two blobs, indices 0 and 9")
	got, err := r.ParseReply(72, payload)
	if err != nil || got.Len() != 2 || got.Mask.Len() != 2 {
		t.Fatal(got, err)
	}
	var said []string
	for h, group := range got.All() {
		for i := range group.Len() { // the vector's cells have a number each
			said = append(said, h.String()[64:]+string('0'+group.At(i)[1]))
		}
	}
	if got := strings.Join(said, " "); got != "de1 de2 ef3 ef4 ef5 ef6" {
		t.Error(got)
	}
	for range got.All() {
		break
	}
	if _, err := r.ParseReply(71, payload); !errors.Is(err, ErrUnknownCode) {
		t.Error("eth/71:", err)
	}
}

// A reply may be smaller than the request, but must not have what was not asked for.
func TestCellsNotAsked(t *testing.T) {
	two := payloadOf(t, "Cells", "one blob and two blobs, indices 0 and 9")
	twice := list(num(1), list(hashAsItem(1), hashAsItem(1)), list(list(cellItemOf(1)), list(cellItemOf(1))), str(mask("\x01")))
	for _, x := range []struct {
		name    string
		asked   []types.Hash
		indices []int
		payload []byte
		want    error
	}{
		{"all of it", []types.Hash{feedBeef, deadC0de}, []int{0, 9}, two, nil},
		{"more was asked", []types.Hash{feedBeef, hash(1), deadC0de}, []int{0, 1, 9}, two, nil},
		{"an index too many", []types.Hash{deadC0de, feedBeef}, []int{0, 8}, two, ErrNotAsked},
		{"another transaction", []types.Hash{deadC0de, hash(1)}, []int{0, 9}, two, ErrNotAsked},
		{"a transaction too many", []types.Hash{deadC0de}, []int{0, 9}, two, ErrMoreThanAsked},
		{"a transaction twice", []types.Hash{hash(1), hash(2)}, []int{0}, twice, ErrNotAsked},
	} {
		r := CellsRequest{Hashes: x.asked}
		for _, i := range x.indices {
			r.Mask = r.Mask.With(i)
		}
		if _, err := r.ParseReply(72, x.payload); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
}

func TestAppendCells(t *testing.T) {
	eachVector(t, func(t *testing.T, x *vector, row *Row, v Version) {
		if row.Kind != KindCells {
			return
		}
		m := mustDecode[*Cells](t, v, x.payload)
		var txs []TxCells
		for h, group := range m.All() {
			tx := TxCells{Hash: h}
			for i := range group.Len() {
				tx.Cells = append(tx.Cells, group.At(i))
			}
			txs = append(txs, tx)
		}
		equal(t, x.name, AppendCells([]byte("x"), v, m.ID, m.Mask, txs), join([]byte("x"), x.payload))
	})
}

func TestCellsRefused(t *testing.T) {
	cells := func(groups []byte, m string) []byte { return list(num(1), list(hashAsItem(1)), groups, str(m)) }
	one, bits := cellItemOf(1), mask("\x03")
	short := rlp.AppendBytes(nil, make([]byte, types.CellSize-1))
	refuse(t, KindCells, []refusal{
		{"two groups for a hash", 72, cells(list(list(), list()), bits), ErrUnevenCells, "cells"},
		{"no group for a hash", 72, cells(list(), bits), ErrUnevenCells, "cells"},
		{"half of what the mask says", 72, cells(list(list(one)), bits), ErrCellMask, "cellMask"},
		{"one more than a blob has", 72, cells(list(list(one, one, one)), bits), ErrCellMask, "cellMask"},
		{"cells under an empty mask", 72, cells(list(list(one)), mask("")), ErrCellMask, "cellMask"},
		{"a short cell", 72, cells(list(list(one, short)), bits), rlp.ErrLength, "cells[0][1]"},
		{"a cell that is a list", 72, cells(list(list(list())), bits), rlp.ErrWantBytes, "cells[0][0]"},
		{"cells in no group", 72, cells(list(one), bits), rlp.ErrWantList, "cells[0]"},
		{"a mask of 17 bytes", 72, cells(list(list(one, one)), bits+"0"), rlp.ErrLength, "cellMask"},
		{"an empty mask", 72, cells(list(list()), ""), rlp.ErrLength, "cellMask"},
		{"no mask", 72, list(num(1), list(), list()), rlp.ErrMissing, "cellMask"},
	})
	refuse(t, KindGetCells, []refusal{
		{"an empty mask", 72, list(num(1), list(), str("")), rlp.ErrLength, "cellMask"},
		{"nested, as go-ethereum v1.17.5 has it", 72, list(num(1), list(list(hashAsItem(1)), str(bits))), rlp.ErrWantBytes, "hashes[0]"},
	})
}
