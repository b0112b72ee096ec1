// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Known attacks on Ethereum's clients, against one connection. Those on memory by huge or slow messages are
// in budget_test.go.

// CVE-2023-40591: a goroutine for each ping, while the attacker reads no pong.
func TestPingsThatNobodyReadsTheAnswersOf(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		_, protocols, c := oneTalk()
		ours, remote := Pipe()
		peer, err := NewPeer(ours, Config{Hello: &Hello{Version: 5, Caps: []Cap{c}}, Protocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- peer.Run(t.Context()) }()
		for range 5000 {
			if err := remote.Queue(&Out{Code: codePing, Raw: []byte{0xc0}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := remote.Flush(time.Now().Add(time.Second)); err != nil {
			t.Fatalf("the flood stops the reader: %v", err)
		}
		synctest.Wait()
		if n := goroutinesOf("/p2p.(*Peer)."); n != 3 {
			t.Errorf("the flood has made %d goroutines", n)
		}
		pongs := 0
		for {
			code, _, err := remote.Read(time.Now().Add(time.Second))
			if err != nil {
				break
			}
			if code == codePong {
				pongs++
			}
		}
		if pongs == 0 || pongs > 2*maxPongs+1 {
			t.Errorf("5000 pings that nobody waited for have %d answers", pongs)
		}
		peer.End(&LocalClose{Silent: true})
		<-ended
	})
}

// goroutinesOf counts the goroutines that have a function in their stacks.
func goroutinesOf(function string) (n int) {
	stacks := make([]byte, 1<<22)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for one := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(one, function) {
			n++
		}
	}
	return n
}

// CVE-2022-29177: a reason without a name, which a log at high verbosity could not print.
// Checklist row 42: such a peer is only a peer that leaves.
func TestEveryReasonCanBePrinted(t *testing.T) {
	for i := range 256 {
		for _, payload := range [][]byte{
			appendDisconnect(nil, Reason(i)),
			rlp.AppendUint64(nil, uint64(i)),              // a bare integer
			{0xc3, 0x82, byte(i), byte(i)},                // too large
			{0xc2, 0xc1, byte(i)},                         // a list in the list
			bytes.Repeat([]byte{byte(i)}, maxDisconnect),  // rubbish
			append([]byte{0xf8, 100}, make([]byte, 4)...), // cut off
		} {
			r := parseDisconnect(payload)
			for _, err := range []error{&RemoteClose{Reason: r}, &LocalClose{Reason: r}, &Violation{Reason: r, Err: &RemoteClose{Reason: r}}} {
				text := fmt.Sprintf("%v %+v %#v %s %v", err, err, err, err, Judge(err))
				if text == "" || err.Error() == "" {
					t.Errorf("reason %d has no text", i)
				}
			}
		}
	}
	for _, i := range []byte{12, 13, 14, 15, 17, 255} {
		bubble.Test(t, func(t *testing.T) {
			_, protocols, c := oneTalk()
			d := startDialogue(t, protocols, c)
			d.send(codeDisconnect, appendDisconnect(nil, Reason(i))...)
			d.want("it is echoed", codeDisconnect, appendDisconnect(nil, Reason(i))...)
			if err := d.wantEnd("they left"); !strings.Contains(err.Error(), fmt.Sprint("unknown disconnect reason ", i)) {
				t.Errorf("reason %d: %v", i, err)
			}
		})
	}
}

// CVE-2026-26315: packets with points of another curve can reveal bits of our key to a sender that sees how
// the handshake fails. All failures look the same: we send nothing and close at once.
func TestBadAuthsLookAllTheSame(t *testing.T) {
	key := newKey(t)
	_, good, err := rlpx.StartInitiator(rand.Reader, newKey(t), key.Public())
	if err != nil {
		t.Fatal(err)
	}
	const point = 2 + 1 // behind the size and the format of the ephemeral key
	damage := map[string]func(b []byte){
		"point off the curve":    func(b []byte) { b[point+63] ^= 1 },
		"point zero":             func(b []byte) { clear(b[point : point+64]) },
		"X over the prime":       func(b []byte) { copy(b[point:], bytes.Repeat([]byte{0xff}, 32)) },
		"compressed format":      func(b []byte) { b[point-1] = 2 },
		"another point":          func(b []byte) { xy := newKey(t).Public().Bytes(); copy(b[point:], xy[:]) },
		"IV changed":             func(b []byte) { b[point+64] ^= 1 },
		"ciphertext changed":     func(b []byte) { b[point+64+16+10] ^= 1 },
		"tag changed":            func(b []byte) { b[len(b)-1] ^= 1 },
		"nothing that was right": func(b []byte) { _, _ = rand.Read(b[2:]) },
	}
	for name, change := range damage {
		bubble.Test(t, func(t *testing.T) {
			packet := slices.Clone(good)
			change(packet)
			a, b := memnet.Pipe()
			began := time.Now()
			failed := make(chan error, 1)
			go func() {
				_, _, err := Accept(b, rand.Reader, key, time.Now().Add(5*time.Second))
				b.Close()
				failed <- err
			}()
			go func() { _, _ = a.Write(packet) }()
			if n, err := a.Read(make([]byte, 1000)); n > 0 || err == nil {
				t.Errorf("%s: %d bytes of an answer", name, n)
			}
			if err := <-failed; !errors.Is(err, rlpx.ErrBadHandshake) || time.Since(began) > 0 {
				t.Errorf("%s: %v after %v", name, err, time.Since(began))
			}
			a.Close()
		})
	}
}

// CVE-2026-22862, CVE-2026-22868: packets too short for what they must hold, by what their
// prefix says, or because the connection ends.
func TestShortAuths(t *testing.T) {
	key := newKey(t)
	for size := range 400 {
		packet := append([]byte{byte(size >> 8), byte(size)}, bytes.Repeat([]byte{4}, size)...)
		a, b := memnet.Pipe()
		go func() { _, _ = a.Write(packet); a.Close() }()
		if _, _, err := Accept(b, rand.Reader, key, time.Now().Add(5*time.Second)); err == nil {
			t.Errorf("a packet of %d bytes was accepted", size)
		}
		b.Close()
	}
}

// Thousands of handshakes that never end send a little each second. Each of them ends at its deadline, which
// no byte extends.
func TestSlowHandshakes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const attackers = 1000
		key := newKey(t)
		began := time.Now()
		ended := make(chan error, attackers)
		for i := range attackers {
			a, b := memnet.Pipe()
			go func() {
				defer a.Close()
				for { // a size of 384 to 511 bytes, and two of them each time
					if _, err := a.Write([]byte{1, 0x80 | byte(i)}); err != nil {
						return
					}
					time.Sleep(time.Second - time.Millisecond)
				}
			}()
			go func() {
				_, _, err := Accept(b, rand.Reader, key, began.Add(5*time.Second))
				b.Close()
				ended <- err
			}()
		}
		synctest.Wait()
		if len(ended) > 0 {
			t.Fatalf("%d ended early, by %v", len(ended), <-ended)
		}
		for range attackers {
			if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("ended by %v", err)
			}
		}
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("they lasted %v", waited)
		}
		time.Sleep(time.Second) // the attackers notice
	})
}

// The same after a good handshake, with a slow Hello.
func TestSlowHello(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ours, theirs, ids := secured(t)
		began := time.Now()
		if err := theirs.Queue(&Out{Code: codeHello, Raw: sampleHello().Append(nil)}); err != nil {
			t.Fatal(err)
		}
		go func() {
			for _, one := range theirs.out {
				if _, err := theirs.c.Write([]byte{one}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		_, err := ExchangeHello(ours, sampleHello(), ids[0], began.Add(5*time.Second))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if len(ours.in) > firstRead {
			t.Errorf("it made us a buffer of %d bytes", len(ours.in))
		}
		ours.Close()
		theirs.Close()
		time.Sleep(time.Second) // the attacker notices
	})
}

// Names may move the cursor, hide text, turn its direction, or be invalid UTF-8. No name or capability of a
// peer reaches a terminal or a JSON line unchanged.
func TestNamesAreHarmless(t *testing.T) {
	for _, name := range []string{
		"\x1b]0;owned\x07", "\x1b[2J\x1b[1;1H", "\x9b31m", "a\r\nb", "\x00", "\x7f", "\u202egpj.exe", "\u200b\u2066x\u2069",
		"\xff\xfe", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf", strings.Repeat("\x1b", 1000), strings.Repeat("\xf0\x9f", 500),
	} {
		for _, h := range []*Hello{
			{Version: 5, Client: name, Key: make([]byte, 64)},
			{Version: 5, Caps: []Cap{{Name: name, Version: 1}}, Key: make([]byte, 64)},
		} {
			got, err := ParseHello(h.Append(nil))
			if err != nil {
				t.Fatal(err)
			}
			texts := []string{got.Client, enr.ID{}.Short()}
			for _, c := range got.Caps {
				texts = append(texts, c.Name, c.String())
			}
			for _, text := range texts {
				if !utf8.ValidString(text) || len(text) > maxClientName+10 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%q arrives as %q", name, text)
				}
			}
		}
	}
}

// A version beyond 32 bits must not be cut to an existing one where uint has 32 bits.
func TestLargeVersionsAreNotCut(t *testing.T) {
	h := &Hello{Version: 5, Key: make([]byte, 64)}
	payload, list := rlp.OpenList(nil)
	payload = rlp.AppendUint64(payload, h.Version)
	payload = rlp.AppendString(payload, "x")
	payload, caps := rlp.OpenList(payload)
	for _, v := range []uint64{1<<32 + 68, 1<<64 - 1} {
		var one int
		payload, one = rlp.OpenList(payload)
		payload = rlp.AppendString(payload, "eth")
		payload = rlp.AppendUint64(payload, v)
		payload = rlp.CloseList(payload, one)
	}
	payload = rlp.CloseList(payload, caps)
	payload = rlp.AppendUint64(payload, 0)
	payload = rlp.AppendBytes(payload, h.Key)
	payload = rlp.CloseList(payload, list)
	got, err := ParseHello(payload)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got.Caps {
		if uint32(c.Version) != 1<<32-1 {
			t.Errorf("read as %v, of which 32 bits are %d", c, uint32(c.Version))
		}
	}
}

// Deep nesting costs nothing: elements that a Hello does not use are not decoded.
func TestDeepNestingInAHello(t *testing.T) {
	payload, list := rlp.OpenList(nil)
	payload = rlp.AppendUint64(payload, 5)
	payload = rlp.AppendString(payload, "x")
	payload, caps := rlp.OpenList(payload)
	payload = rlp.CloseList(payload, caps)
	payload = rlp.AppendUint64(payload, 0)
	payload = rlp.AppendBytes(payload, make([]byte, 64))
	var open []int
	for range 500 {
		var at int
		payload, at = rlp.OpenList(payload)
		open = append(open, at)
	}
	for i := len(open) - 1; i >= 0; i-- {
		payload = rlp.CloseList(payload, open[i])
	}
	payload = rlp.CloseList(payload, list)
	if _, err := ParseHello(payload); err != nil {
		t.Errorf("%d lists in each other, %d bytes: %v", len(open), len(payload), err)
	}
	if _, err := ParseHello(bytes.Repeat([]byte{0xc1}, maxHello)); err == nil {
		t.Error("nothing but lists is a hello")
	}
	if r := parseDisconnect(bytes.Repeat([]byte{0xc1}, maxDisconnect)); r != ReasonRequested {
		t.Errorf("nothing but lists is reason %v", r)
	}
}
