// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
)

// Attacks that Ethereum's clients have known. CVE-2026-22862 and CVE-2026-22868 (lengths in
// ECIES) are in TestECIESUnderflow and TestTruncatedPackets, bombs in TestBombs.

// weakPoints are points of other curves, for which the formulas of secp256k1, which do not
// use its constant, work just as well: those with Y zero have order 2, those with X zero have
// order 3. What such a point times a key is tells the key modulo 2, or 3.
func weakPoints() map[string][]byte {
	points := map[string][]byte{"infinity": make([]byte, 64)}
	for _, n := range []byte{1, 2, 5, 77, 0xff} {
		two, three := make([]byte, 64), make([]byte, 64)
		two[31], three[63] = n, n
		points[fmt.Sprintf("order 2, X %d", n)] = two
		points[fmt.Sprintf("order 3, Y %d", n)] = three
	}
	return points
}

// CVE-2026-26315: our key must not meet a point that is not on its curve, wherever in a
// handshake it comes.
func TestWeakPointsNeverMeetAKey(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	i, auth, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, ack, _, err := AnswerAuth(testRand(4), b, auth)
	if err != nil {
		t.Fatal(err)
	}
	for name, point := range weakPoints() {
		badAuth, badAck := bytes.Clone(auth), bytes.Clone(ack)
		copy(badAuth[prefixSize+1:], point)
		copy(badAck[prefixSize+1:], point)
		if _, _, _, err := AnswerAuth(testRand(4), b, badAuth); !errors.Is(err, ErrBadHandshake) || !errors.Is(err, ecc.ErrPublicKey) {
			t.Errorf("%s encrypts an auth: %v", name, err)
		}
		if _, err := i.Finish(badAck); !errors.Is(err, ErrBadHandshake) || !errors.Is(err, ecc.ErrPublicKey) {
			t.Errorf("%s encrypts an ack: %v", name, err)
		}

		packet, err := sealPacket(testRand(5), b.Public(), appendList(make([]byte, 65), point, make([]byte, 32)))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := AnswerAuth(testRand(4), b, packet); !errors.Is(err, ErrBadHandshake) || !errors.Is(err, ecc.ErrPublicKey) {
			t.Errorf("%s as the initiator's key: %v", name, err)
		}
		packet, err = sealPacket(testRand(5), a.Public(), appendList(point, make([]byte, 32)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := i.Finish(packet); !errors.Is(err, ErrBadHandshake) || !errors.Is(err, ecc.ErrPublicKey) {
			t.Errorf("%s as the recipient's ephemeral key: %v", name, err)
		}
	}
}

// A header may declare any size: it is believed only if its MAC is good, and no memory is
// taken for it.
func TestDeclaredSizesTakeNoMemory(t *testing.T) {
	for _, size := range []int{0, 1, 15, 16, 17, 1 << 16, MaxSize} {
		sealer, opener := pair()
		frame := sealBody(sealer, make([]byte, size))
		rest, err := opener.Header(frame[:HeaderSize])
		if err != nil || rest != len(frame)-HeaderSize {
			t.Errorf("%d bytes: %d follow, %v", size, rest, err)
		}
		if opener.Holds(0) > 0 {
			t.Errorf("%d bytes: %d are held", size, opener.Holds(0))
		}
	}
}

// GHSA-h552-3fxr-chmx: a header that says that its message has very many parts. The first RLPx
// split messages (header-data = [protocol, context, total size]); now header-data is ignored
// (devp2p/rlpx.md#framing): a frame is one message, and no memory is taken for more.
func TestSplitCountIsIgnored(t *testing.T) {
	for _, data := range []string{
		"\xc7\x80\x01\x84\xff\xff\xff\xff", // the first of parts of 4 GiB
		"\xc2\x80\x01",                     // one of the parts that follow
		"\xcb\x80\x01\x88\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		sealer, opener := pair()
		frame := make([]byte, HeaderSize+16)
		frame[2] = 3
		copy(frame[3:16], data)
		sealer.stream.XORKeyStream(frame[:16], frame[:16])
		copy(frame[16:], sealer.mac.header(frame[:16]))
		copy(frame[HeaderSize:], "\x05ok")
		sealer.stream.XORKeyStream(frame[HeaderSize:], frame[HeaderSize:])
		frame = append(frame, sealer.mac.body(frame[HeaderSize:])...)
		code, payload, rest, err := open(opener, frame)
		if err != nil || code != 5 || string(payload) != "ok" || len(rest) != 0 || opener.Holds(0) != 0 {
			t.Errorf("%x: got %d, %q, %v; %d bytes are left, %d held", data, code, payload, err, len(rest), opener.Holds(0))
		}
	}
}

// What a message decompresses to is known, and can be refused, before memory is taken.
func TestLookTakesNoMemory(t *testing.T) {
	for _, snappy := range []bool{false, true} {
		for _, size := range []int{0, 1, 1000, 1 << 20, MaxSize - 1} {
			sealer, opener := pair()
			sealer.SetSnappy(snappy)
			opener.SetSnappy(snappy)
			in, err := sealer.Seal(nil, Message{Code: 0x1234, Raw: make([]byte, min(size, MaxSize-3))})
			if err != nil {
				t.Fatal(err)
			}
			size = min(size, MaxSize-3)
			if _, err := opener.Header(in[:HeaderSize]); err != nil {
				t.Fatal(err)
			}
			frame, err := opener.Body(in[HeaderSize:])
			if err != nil {
				t.Fatal(err)
			}
			code, got, err := opener.Look(frame)
			if err != nil || code != 0x1234 || got != size || opener.Holds(0) != 0 {
				t.Errorf("%d bytes: code %#x, %d bytes, %v, and %d are held", size, code, got, err, opener.Holds(0))
			}
			will := opener.Holds(size)
			if _, payload, err := opener.Message(frame); err != nil || len(payload) != size {
				t.Errorf("%d bytes: got %d, %v", size, len(payload), err)
			}
			if held := opener.Holds(0); held > max(will, scratchLeast) || (snappy && held < size) {
				t.Errorf("%d bytes: %d are held, %d were expected", size, held, will)
			}
			if opener.Release(); opener.Holds(0) != 0 {
				t.Errorf("%d bytes are held after all", opener.Holds(0))
			}
		}
	}
	// What says more than is allowed, or than it can hold, is refused by the look.
	for _, declared := range []uint64{MaxSize, MaxSize + 1, 1<<64 - 1} {
		_, opener := pair()
		opener.SetSnappy(true)
		frame := binary.AppendUvarint([]byte{0x10}, declared)
		if code, size, err := opener.Look(frame); err == nil || code != 0x10 || size != 0 {
			t.Errorf("a declared of %d bytes: code %#x, %d bytes, %v", declared, code, size, err)
		}
	}
}
