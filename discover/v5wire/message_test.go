// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// The records of the specification's Nodes.
var specRecords = []string{
	"enr:-HW4QBzimRxkmT18hMKaAL3IcZF1UcfTMPyi3Q1pxwZZbcZVRI8DC5infUAB_UauARLOJtYTxaagKoGmIjzQxO2qUygBgmlkgnY0iXNlY3AyNTZrMaEDymNMrg1JrLQB2KTGtv6MVbcNEVv0AHacwUAPMljNMTg",
	"enr:-HW4QNfxw543Ypf4HXKXdYxkyzfcxcO-6p9X986WldfVpnVTQX1xlTnWrktEWUbeTZnmgOuAY_KUhbVV1Ft98WoYUBMBgmlkgnY0iXNlY3AyNTZrMaEDDiy3QkHAxPyOgWbxp5oF1bDdlYE6dLCUUp8xfVw50jU",
}

func parseRecords(t testing.TB) (raw [][]byte) {
	t.Helper()
	for _, text := range specRecords {
		r, err := enr.ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, r.Raw())
	}
	return raw
}

type encoding struct {
	text    string
	message Message
}

// encodings has each message, as in devp2p/discv5/discv5-wire-test-vectors.md where it has one.
func encodings(t testing.TB) []encoding {
	id := RequestIDOf([]byte{1})
	return []encoding{
		{"01c20101", &Ping{id, 1}},
		{"01c482000080", &Ping{RequestIDOf([]byte{0, 0}), 0}},
		{"02ca0101847f000001821388", &Pong{id, 1, specAddr.Addr(), 5000}},
		{"02d4800190" + "20010db8000000000000000000000001" + "80", &Pong{ENRSeq: 1, IP: netip.MustParseAddr("2001:db8::1")}},
		{"03c501c3820100", &Findnode{id, []uint16{256}}},
		{"03c501c38081ff", &Findnode{id, []uint16{0, 255}}},
		{"03c280c0", &Findnode{}},
		{"04c30101c0", &Nodes{ID: id, Total: 1}},
		{"04f8f20101f8eef875b8401ce2991c64993d7c84c29a00bdc871917551c7d330fca2dd0d69c706596dc655448f030b98a77d4001fd46ae0112ce26d613c5a6a02a81a6223cd0c4edaa53280182696482763489736563703235366b31a103ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138f875b840d7f1c39e376297f81d7297758c64cb37dcc5c3beea9f57f7ce9695d7d5a67553417d719539d6ae4b445946de4d99e680eb8063f29485b555d45b7df16a1850130182696482763489736563703235366b31a1030e2cb74241c0c4fc8e8166f1a79a05d5b0dd95813a74b094529f317d5c39d235", &Nodes{ID: id, Total: 1, Records: parseRecords(t)}},
		{"05ca01847465737483010203", &TalkReq{id, []byte("test"), []byte{1, 2, 3}}},
		{"05cb8801020304050607088080", &TalkReq{RequestIDOf([]byte{1, 2, 3, 4, 5, 6, 7, 8}), []byte{}, []byte{}}},
		{"06c20180", &TalkResp{id, []byte{}}},
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMessages(t *testing.T) {
	for _, e := range encodings(t) {
		b := unhex(t, e.text)
		equalBytes(t, e.message.Kind().String(), appendMessage(nil, e.message), b)
		m, err := new(messages).decode(b)
		if err != nil {
			t.Errorf("%s: %v", e.text, err)
			continue
		}
		equal(t, e.text, m, e.message)
		if m.RequestID() != e.message.RequestID() {
			t.Errorf("%s: request ID %v", e.text, m.RequestID())
		}
	}
}

// TestMessagesTruncated cuts each message at every offset.
func TestMessagesTruncated(t *testing.T) {
	for _, e := range encodings(t) {
		b := unhex(t, e.text)
		for n := range b {
			_, err := new(messages).decode(b[:n])
			if n == 0 && !errors.Is(err, ErrType) || n > 0 && !errors.Is(err, rlp.ErrTruncated) && !errors.Is(err, rlp.ErrMissing) {
				t.Errorf("%s cut to %d bytes: %v", e.text, n, err)
			}
		}
	}
}

// TestAdditionalElements: they are ignored, but only inside the list.
func TestAdditionalElements(t *testing.T) {
	m, err := new(messages).decode(unhex(t, "01c5010182ffff"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "ping", m, &Ping{RequestIDOf([]byte{1}), 1})
	if _, err := new(messages).decode(unhex(t, "01c2010100")); !errors.Is(err, rlp.ErrTrailing) {
		t.Error(err)
	}
}

// TestMessageLimits: counts and sizes are checked where they are read.
func TestMessageLimits(t *testing.T) {
	record := func(size int) []byte {
		b := rlp.AppendListHeader(nil, size-3)
		return append(b, make([]byte, size-3)...)
	}
	for _, test := range []struct {
		name string
		m    Message
		want error
	}{
		{"257 distances", &Findnode{Distances: make([]uint16, MaxDistances)}, nil},
		{"16 records", &Nodes{Records: slices.Repeat([][]byte{{0xc0}}, MaxRecords)}, nil},
		{"a record of 300 bytes", &Nodes{Records: [][]byte{record(300)}}, nil},
	} {
		if _, err := new(messages).decode(appendMessage(nil, test.m)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	for text, want := range map[string]error{
		"01cb8901020304050607080980": rlp.ErrTooLong, // a request ID of 9 bytes
		"00c0":                       ErrType,
		"07c20101":                   ErrType,
		"0101":                       rlp.ErrWantList,
	} {
		if _, err := new(messages).decode(unhex(t, text)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

// TestUselessParts: what is of no use is skipped, and does not cost the message.
func TestUselessParts(t *testing.T) {
	record := func(size int) []byte {
		b := rlp.AppendListHeader(nil, size-3)
		return append(b, make([]byte, size-3)...)
	}
	small := []byte{0xc0}
	id := RequestIDOf([]byte{1})
	for _, test := range []struct {
		name string
		sent []byte
		want Message
	}{
		{
			"258 distances", appendMessage(nil, &Findnode{id, make([]uint16, MaxDistances+1)}),
			&Findnode{id, make([]uint16, MaxDistances)},
		},
		{"distance 257", appendMessage(nil, &Findnode{id, []uint16{1, 257, 2}}), &Findnode{id, []uint16{1, 2}}},
		{
			"17 records", appendMessage(nil, &Nodes{ID: id, Total: 1, Records: slices.Repeat([][]byte{small}, MaxRecords+1)}),
			&Nodes{ID: id, Total: 1, Records: slices.Repeat([][]byte{small}, MaxRecords), Skipped: 1},
		},
		{
			"a record of 301 bytes among others", appendMessage(nil, &Nodes{ID: id, Total: 1, Records: [][]byte{small, record(301), record(300)}}),
			&Nodes{ID: id, Total: 1, Records: [][]byte{small, record(300)}, Skipped: 1},
		},
		{"a total of 9 bits", unhex(t, "04c501820100c0"), &Nodes{ID: id, Total: 255}},
		{"no address", appendMessage(nil, &Pong{ID: id, ENRSeq: 7}), &Pong{ID: id, ENRSeq: 7}},
		{"an address of 5 bytes", unhex(t, "02c9010785010203040509"), &Pong{ID: id, ENRSeq: 7}},
		{"a port of 17 bits", unhex(t, "02cb0107847f00000183010000"), &Pong{ID: id, ENRSeq: 7}},
	} {
		m, err := new(messages).decode(test.sent)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		equal(t, test.name, m, test.want)
	}
}

// TestSplitNodes: at most 16 records, in at most 5 packets, which all fit.
func TestSplitNodes(t *testing.T) {
	node := newTestNode(t, 1)
	var b enr.Builder
	small, err := b.Sign(node.key, 1)
	if err != nil {
		t.Fatal(err)
	}
	b.Set("zzz", rlp.AppendBytes(nil, make([]byte, enr.MaxSize-len(small.Raw())-7)))
	large, err := b.Sign(node.key, 1)
	if err != nil || len(large.Raw()) != enr.MaxSize {
		t.Fatalf("%d bytes: %v", len(large.Raw()), err)
	}
	other := newTestNode(t, 2)
	connect(t, node, other)
	id := RequestIDOf(make([]byte, 8))
	for _, test := range []struct {
		n      int
		record *enr.Record
		want   []int
	}{
		{0, small, []int{0}},
		{1, small, []int{1}},
		{16, small, []int{9, 7}},
		{17, large, []int{3, 3, 3, 3, 3}},
	} {
		var got []int
		parts := SplitNodes(id, slices.Repeat([]*enr.Record{test.record}, test.n))
		for _, part := range parts {
			got = append(got, len(part.Records))
			if int(part.Total) != len(parts) || part.ID != id {
				t.Errorf("%d of %d parts, ID %v", part.Total, len(parts), part.ID)
			}
			equal(t, "part", other.get(t, specTime, node, node.send(t, other, part)).Message, part)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%d records of %d bytes in parts of %v, want %v", test.n, len(test.record.Raw()), got, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	if KindPing.String() != "Ping" || KindTalkResp.String() != "TalkResp" || Kind(0).String() != "kind 0" || Kind(7).String() != "kind 7" || Kind(9).String() != "kind 9" {
		t.Error(KindPing, KindTalkResp, Kind(0), Kind(9))
	}
	if id := RequestIDOf([]byte("123456789")).String(); id != "3132333435363738" {
		t.Error(id)
	}
}

// FuzzMessage decodes any message. What is accepted must mean the same after it was encoded.
func FuzzMessage(f *testing.F) {
	for _, e := range encodings(f) {
		f.Add(unhex(f, e.text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := new(messages).decode(b)
		if err != nil {
			return
		}
		again, err := new(messages).decode(appendMessage(nil, m))
		if err != nil {
			t.Fatalf("%v: %v", m, err)
		}
		equal(t, m.Kind().String(), again, m)
	})
}
