// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// shown is what a reader must get back for a text, written the slow way.
func shown(s string) string {
	cut := s
	if len(s) > maxText {
		end := maxText
		for end > maxText-utf8.UTFMax+1 && !utf8.RuneStart(s[end]) {
			end--
		}
		if !utf8.RuneStart(s[end]) {
			end = maxText // not UTF-8 there: nothing to keep whole
		}
		cut = s[:end]
	}
	var b strings.Builder
	for _, r := range cut {
		b.WriteRune(r)
	}
	if len(cut) < len(s) {
		b.WriteString("…")
	}
	return b.String()
}

// parse reads a line the way a careful reader does, numbers kept exact.
func parse(t *testing.T, line []byte) map[string]any {
	t.Helper()
	if !utf8.Valid(line) || bytes.IndexByte(line, '\n') != len(line)-1 {
		t.Fatalf("not one line of UTF-8: %q", line)
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	m := map[string]any{}
	if err := d.Decode(&m); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	for _, c := range line[:len(line)-1] {
		if c < ' ' || c == 0x7f {
			t.Fatalf("control character in %q", line)
		}
	}
	return m
}

func number[N uint8 | uint | uint64](v N) json.Number { return json.Number(fmt.Sprint(v)) }

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "Geth/v1.17.8", "\x00\x1b[31m", "\"\\/", "\xff\xfe", "\u2028\u202e", "\U000e0001\U0010ffff", "�",
		strings.Repeat("x", maxText), strings.Repeat("x", maxText-1) + "é", strings.Repeat("\x80", maxText+9), strings.Repeat("🜁", 200),
		strings.Repeat("x", maxText-3) + strings.Repeat("\x80", 9), // the cut would halve nothing that is a character
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e Encoder
		m := parse(t, e.Append(nil, event.Loss{Where: s, Count: 1}))
		if got, want := m["where"], shown(s); got != want {
			t.Errorf("%q reads back as %q, want %q", s, got, want)
		}
	})
}

func FuzzTx(f *testing.F) {
	f.Add(int64(0), []byte{1}, []byte{2}, "geth", uint8(2), true, uint64(117), true, true, true, uint64(7), uint64(21000))
	f.Add(int64(math.MaxInt64), []byte{}, bytes.Repeat([]byte{0xff}, 64), "\xff", uint8(0), false, uint64(0), false, true, false, uint64(math.MaxUint64), uint64(0))
	f.Fuzz(func(t *testing.T, ns int64, id, words []byte, client string, typ uint8, typed bool, size uint64, upd, known, to bool, nonce, gas uint64) {
		tx := event.Tx{
			At:   event.At{Time: time.Unix(0, ns)},
			Type: typ, Typed: typed, Size: size, Via: event.ViaRequest, Update: upd,
		}
		tx.Client = client
		copy(tx.Peer[:], id)
		copy(tx.Hash[:], words)
		want := map[string]any{
			"kind": "tx", "time": tx.Time.UTC().Format("2006-01-02T15:04:05.000000000Z"), "seq": number(uint(1)),
			"hash": tx.Hash.String(), "via": "request",
		}
		addKnown(want, "peer", tx.Peer != enr.ID{}, tx.Peer.String())
		addKnown(want, "client", client != "", shown(client))
		addKnown(want, "type", typed, number(typ))
		addKnown(want, "size", size > 0, number(size))
		addKnown(want, "update", upd, true)
		if known {
			tx.Body = fuzzBody(words, to, nonce, gas)
			addBody(want, tx.Body)
		}
		var e Encoder
		if diff := cmp.Diff(want, parse(t, e.Append(nil, tx))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func fuzzBody(words []byte, to bool, nonce, gas uint64) *event.TxBody {
	b := &event.TxBody{Nonce: nonce, Gas: gas}
	b.Value.SetBytes(words[:min(len(words), 32)])
	b.Tip.SetBytes(words[min(len(words), 9):min(len(words), 25)])
	b.FeeCap.SetBytes(words[min(len(words), 32):min(len(words), 64)])
	copy(b.From[:], words)
	if to {
		b.To = new(types.Address)
		copy(b.To[:], words[len(words)/2:])
	}
	return b
}

func addKnown(m map[string]any, name string, known bool, v any) {
	if known {
		m[name] = v
	}
}

func addBody(m map[string]any, b *event.TxBody) {
	m["from"], m["to"] = b.From.String(), nil
	if b.To != nil {
		m["to"] = b.To.String()
	}
	m["nonce"], m["gas"] = number(b.Nonce), number(b.Gas)
	m["value"], m["tip"], m["feecap"] = b.Value.Dec(), b.Tip.Dec(), b.FeeCap.Dec()
}

func FuzzPeer(f *testing.F) {
	f.Add("up", "eth", "geth", true, uint(69), []byte{127, 0, 0, 1}, uint16(30303), "", "them", "too many peers", "gone", int64(1e9))
	f.Add("failed", "", "", false, uint(0), make([]byte, 16), uint16(0), "eth\"0", "", "", "", int64(-1))
	f.Add("down", "\x00", "\xff", false, uint(1), []byte{}, uint16(1), "z", "\u202e", "\\", "\n", int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, change, stage, client string, inbound bool, eth uint, ip []byte, port uint16, zone, by, reason, cause string, lasted int64) {
		ev := event.Peer{
			Change: event.PeerChange(change), Stage: event.Stage(stage), Inbound: inbound, Eth: eth,
			By: event.By(by), Reason: reason, Err: cause, Lasted: time.Duration(lasted),
		}
		ev.Client = client
		if a, ok := netip.AddrFromSlice(ip); ok {
			ev.Addr = netip.AddrPortFrom(a.WithZone(zone), port)
		}
		want := map[string]any{
			"kind": "peer", "time": "0001-01-01T00:00:00.000000000Z", "seq": number(uint(1)),
			"event": shown(change), "stage": shown(stage), "direction": "outbound",
		}
		if inbound {
			want["direction"] = "inbound"
		}
		addKnown(want, "client", client != "", shown(client))
		addKnown(want, "eth", eth > 0, number(eth))
		if ev.Addr.IsValid() {
			want["addr"] = shown(ev.Addr.String())
		}
		if change != "up" {
			addKnown(want, "by", by != "", shown(by))
			addKnown(want, "reason", reason != "", shown(reason))
			addKnown(want, "error", cause != "", shown(cause))
			d := max(0, ev.Lasted)
			want["lasted"] = json.Number(fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second))
		}
		var e Encoder
		if diff := cmp.Diff(want, parse(t, e.Append(nil, ev))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	f.Add([]byte{}, uint8(0))
	f.Add(bytes.Repeat([]byte{0xff}, 32), uint8(0))
	f.Add([]byte{0x8a, 0xc7, 0x23, 0x04, 0x89, 0xe8, 0, 0}, uint8(1)) // 1e19
	f.Fuzz(func(t *testing.T, b []byte, shift uint8) {
		v := new(uint256.Int).SetBytes(b[:min(len(b), 32)])
		v.Lsh(v, uint(shift))
		if got, want := string(appendDecimal(nil, *v)), v.Dec(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}
