// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/internal/keccak"
)

// go-ethereum's TestFrameReadWrite: message 8 with [1, 2, 3, 4]. Its MACs come from a hash
// that is no hash, so that only the ciphertext can be compared; for MACs see TestSession.
func TestFrameCiphertext(t *testing.T) {
	k := Keys{aes: keccak.Sum256(), mac: keccak.Sum256(), egress: keccak.NewHasher()}
	frame, err := NewSealer(k).Seal(nil, Message{Code: 8, Raw: []byte{0xc4, 1, 2, 3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	header, body := hex.EncodeToString(frame[:16]), hex.EncodeToString(frame[32:48])
	if len(frame) != 64 || header != "00828ddae471818bb0bfa6b551d1cb42" || body != "ba628a4ba590cb43f7848f41c4382885" {
		t.Errorf("frame %x", frame)
	}
}

// drawMessage draws a message: its code, and a payload of raw bytes and chunks, some of which
// compress well.
func drawMessage(t *rapid.T) Message {
	part := rapid.Custom(func(t *rapid.T) []byte {
		b := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes")
		return bytes.Repeat(b, rapid.IntRange(1, 40).Draw(t, "times"))
	})
	m := Message{
		Code: rapid.OneOf(rapid.Uint64Range(0, 300), rapid.Uint64()).Draw(t, "code"),
		Raw:  part.Draw(t, "raw"),
	}
	for range rapid.IntRange(0, 4).Draw(t, "chunks") {
		m.Chunks = append(m.Chunks, NewChunk(part.Draw(t, "chunk")))
	}
	return m
}

// Whatever one side seals, frame after frame and with snappy going on and off, the other
// side opens, byte for byte.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sealer, opener := pair()
		for range rapid.IntRange(1, 4).Draw(rt, "writes") {
			on := rapid.Bool().Draw(rt, "snappy")
			sealer.SetSnappy(on)
			opener.SetSnappy(on)
			messages := rapid.SliceOfN(rapid.Custom(drawMessage), 0, 4).Draw(rt, "messages")
			out := []byte("what was in the buffer before")
			start := len(out)
			for _, m := range messages {
				var err error
				if out, err = sealer.Seal(out, m); err != nil {
					rt.Fatal(err)
				}
			}
			in := out[start:]
			for n, m := range messages {
				code, payload, rest, err := open(opener, in)
				if err != nil || code != m.Code || !bytes.Equal(payload, m.AppendPayload(nil)) || len(payload) != m.Size() {
					rt.Fatalf("message %d: code %d, payload %x, %v", n, code, payload, err)
				}
				in = rest
			}
			if string(out[:start]) != "what was in the buffer before" || len(in) != 0 {
				rt.Fatalf("before: %q, after: %x", out[:start], in)
			}
		}
	})
}

// A changed byte anywhere is an error before anything is decrypted, and the last one that
// the Opener gives (row 35).
func TestTamperedFrame(t *testing.T) {
	sealer, _ := pair()
	frame, err := sealer.Seal(nil, Message{Code: 17, Raw: bytes.Repeat([]byte("x"), 30)})
	if err != nil {
		t.Fatal(err)
	}
	for at := range frame {
		_, opener := pair()
		bad := bytes.Clone(frame)
		bad[at] ^= 0x10
		n, err := opener.Header(bad[:HeaderSize])
		if at < HeaderSize {
			if !errors.Is(err, ErrBadMAC) || n != 0 {
				t.Errorf("byte %d changed: Header gives %d, %v", at, n, err)
			}
		} else {
			if err != nil || n != len(frame)-HeaderSize {
				t.Fatalf("byte %d changed: Header gives %d, %v", at, n, err)
			}
			before := bytes.Clone(bad)
			got, err := opener.Body(bad[HeaderSize:])
			if !errors.Is(err, ErrBadMAC) || got != nil {
				t.Errorf("byte %d changed: Body gives %x, %v", at, got, err)
			}
			if !bytes.Equal(bad, before) {
				t.Errorf("byte %d changed: Body decrypted it", at)
			}
		}
		if _, err := opener.Header(frame[:HeaderSize]); !errors.Is(err, ErrBadMAC) {
			t.Errorf("byte %d changed: the Opener goes on, %v", at, err)
		}
		if _, err := opener.Body(frame[HeaderSize:]); !errors.Is(err, ErrBadMAC) {
			t.Errorf("byte %d changed: the Opener goes on, %v", at, err)
		}
	}
}

// Frames open once, in order, and in their own direction only.
func TestReplayedFrames(t *testing.T) {
	initiator, recipient := handshake(t)
	sealer := NewSealer(initiator)
	first, err := sealer.Seal(nil, Message{Code: 1})
	if err != nil {
		t.Fatal(err)
	}
	second, err := sealer.Seal(nil, Message{Code: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewOpener(initiator).Header(first[:HeaderSize]); !errors.Is(err, ErrBadMAC) {
		t.Errorf("our own frame: %v", err)
	}
	opener := NewOpener(recipient)
	if _, _, _, err := open(opener, bytes.Clone(first)); err != nil {
		t.Fatal(err)
	}
	if _, err := opener.Header(first[:HeaderSize]); !errors.Is(err, ErrBadMAC) {
		t.Errorf("a frame twice: %v", err)
	}
	_, opener = pair()
	if _, err := opener.Header(second[:HeaderSize]); !errors.Is(err, ErrBadMAC) {
		t.Errorf("the second frame first: %v", err)
	}
}

func TestMisuse(t *testing.T) {
	sealer, opener := pair()
	frame, err := sealer.Seal(nil, Message{Code: 1, Raw: []byte("payload")})
	if err != nil {
		t.Fatal(err)
	}
	misuse := func(name string, err error) {
		t.Helper()
		if !errors.Is(err, ErrMisuse) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	_, err = opener.Body(frame[HeaderSize:])
	misuse("Body first", err)
	_, err = opener.Body(make([]byte, macSize))
	misuse("Body first, nothing but a MAC", err)
	for n := range frame {
		if n != HeaderSize {
			_, err = opener.Header(frame[:n])
			misuse("Header of a wrong size", err)
		}
	}
	rest, err := opener.Header(frame[:HeaderSize])
	if err != nil {
		t.Fatal(err)
	}
	_, err = opener.Header(frame[:HeaderSize])
	misuse("Header twice", err)
	for n := range rest {
		_, err = opener.Body(frame[HeaderSize : HeaderSize+n])
		misuse("Body of a wrong size", err)
	}
	// Nothing of that has done harm.
	if got, err := opener.Body(frame[HeaderSize:]); err != nil || string(got) != "\x01payload" {
		t.Errorf("Body gives %q, %v", got, err)
	}
}

// sealBody seals a body of any bytes, as no honest peer would.
func sealBody(s *Sealer, body []byte) []byte {
	frame := make([]byte, HeaderSize+padded(len(body)))
	frame[0], frame[1], frame[2] = byte(len(body)>>16), byte(len(body)>>8), byte(len(body))
	s.stream.XORKeyStream(frame[:16], frame[:16])
	copy(frame[16:], s.mac.header(frame[:16]))
	copy(frame[HeaderSize:], body)
	s.stream.XORKeyStream(frame[HeaderSize:], frame[HeaderSize:])
	return append(frame, s.mac.body(frame[HeaderSize:])...)
}

// The code is a canonical integer of at most 64 bits.
func TestCodes(t *testing.T) {
	for _, tt := range []struct {
		body string
		code uint64
		ok   bool
	}{
		{"80c0", 0, true},
		{"10", 16, true},
		{"7f", 127, true},
		{"818001", 128, true},
		{"820100c0", 256, true},
		{"88ffffffffffffffff", 1<<64 - 1, true},
		{"", 0, false},
		{"00", 0, false},                   // zero is 80
		{"8101", 0, false},                 // has a shorter form
		{"820001", 0, false},               // leading zero
		{"89010000000000000000", 0, false}, // over 64 bits
		{"82ff", 0, false},                 // cut off
		{"c0", 0, false},                   // a list
		{"b90000", 0, false},
	} {
		sealer, opener := pair()
		body, err := hex.DecodeString(tt.body)
		if err != nil {
			t.Fatal(err)
		}
		code, _, _, err := open(opener, sealBody(sealer, body))
		if code != tt.code || tt.ok != (err == nil) || !tt.ok && !errors.Is(err, ErrBadCode) {
			t.Errorf("body %s: code %d, %v", tt.body, code, err)
		}
	}
}

// The rest of the header, and the padding, may be anything: receivers ignore them.
func TestHeaderDataIsIgnored(t *testing.T) {
	sealer, opener := pair()
	frame := make([]byte, HeaderSize+16)
	for i := range frame[:16] {
		frame[i] = 0xff
	}
	frame[0], frame[1], frame[2] = 0, 0, 3
	sealer.stream.XORKeyStream(frame[:16], frame[:16])
	copy(frame[16:], sealer.mac.header(frame[:16]))
	copy(frame[HeaderSize:], "\x05ok and padding")
	sealer.stream.XORKeyStream(frame[HeaderSize:], frame[HeaderSize:])
	frame = append(frame, sealer.mac.body(frame[HeaderSize:])...)
	code, payload, _, err := open(opener, frame)
	if err != nil || code != 5 || string(payload) != "ok" {
		t.Errorf("got %d, %q, %v", code, payload, err)
	}
}

// A message of the greatest size passes; one byte more is refused before anything is done,
// and does no harm.
func TestGreatestMessage(t *testing.T) {
	sealer, opener := pair()
	before := []byte("before")
	large := make([]byte, MaxSize+1)
	for _, raw := range [][]byte{large, large[:MaxSize]} { // the code needs a byte, too
		if out, err := sealer.Seal(before, Message{Code: 1, Raw: raw}); !errors.Is(err, ErrTooLarge) || string(out) != "before" {
			t.Errorf("%d bytes: %q, %v", len(raw), out, err)
		}
	}
	half := NewChunk(large[:MaxSize/2+1])
	sealer.SetSnappy(true)
	if _, err := sealer.Seal(nil, Message{Code: 1, Chunks: []*Chunk{half, half}}); !errors.Is(err, ErrTooLarge) || half.packed != nil {
		t.Errorf("chunks of %d bytes each: %v", len(half.plain), err)
	}
	sealer.SetSnappy(false)
	frame, err := sealer.Seal(nil, Message{Code: 1, Raw: large[:MaxSize-1]})
	if err != nil {
		t.Fatal(err)
	}
	if _, payload, _, err := open(opener, frame); err != nil || len(payload) != MaxSize-1 {
		t.Errorf("opened %d bytes, %v", len(payload), err)
	}
	sealer.SetSnappy(true)
	opener.SetSnappy(true)
	if frame, err = sealer.Seal(nil, Message{Code: 1, Raw: large[:MaxSize]}); err != nil {
		t.Fatal(err)
	}
	if _, payload, _, err := open(opener, frame); err != nil || len(payload) != MaxSize {
		t.Errorf("opened %d bytes, %v", len(payload), err)
	}
}
