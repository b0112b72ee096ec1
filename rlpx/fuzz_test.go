// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"testing"

	"github.com/golang/snappy"

	"github.com/ethpeer/ethpeer/internal/test/vectors"
	"github.com/ethpeer/ethpeer/rlp"
)

// FuzzAuth feeds the recipient a packet as it comes from the network, and the inside of one
// as if it had decrypted.
func FuzzAuth(f *testing.F) {
	v := vectors.Read(f, "eip8.txt")
	b := v.PrivateKey(f, "static-b")
	for _, name := range []string{"auth1", "auth2", "auth3"} {
		f.Add(v[name])
		plain, _, err := openPacket(name, b, v[name], legacyAuthSize)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		checkNeeds(t, in, AuthNeeds)
		if remote, answer, _, err := AnswerAuth(testRand(4), b, in); err == nil {
			if remote.IsZero() || len(answer) < legacyAckSize {
				t.Fatalf("accepted from %x, answered with %d bytes", remote, len(answer))
			}
		}
		a, err := parseAuth(in, false)
		if err != nil {
			return
		}
		again, err := parseAuth(a.append(nil), false)
		if err != nil || again != a {
			t.Fatalf("%+v, encoded and decoded: %+v, %v", a, again, err)
		}
		_, _ = a.ephemeral(b)
	})
}

// FuzzAck does the same to the initiator.
func FuzzAck(f *testing.F) {
	v := vectors.Read(f, "eip8.txt")
	a := v.PrivateKey(f, "static-a")
	i := &Initiator{key: a, ephemeral: v.PrivateKey(f, "ephemeral-a"), nonce: [32]byte(v["nonce-a"]), auth: v["auth2"]}
	for _, name := range []string{"ack1", "ack2", "ack3"} {
		f.Add(v[name])
		plain, _, err := openPacket(name, a, v[name], legacyAckSize)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		checkNeeds(t, in, AckNeeds)
		_, _ = i.Finish(in)
		got, err := parseAck(in, false)
		if err != nil {
			return
		}
		again, err := parseAck(got.append(nil), false)
		if err != nil || again != got {
			t.Fatalf("%+v, encoded and decoded: %+v, %v", got, again, err)
		}
		legacy := got.appendLegacy(nil)
		if again, err = parseAck(legacy, true); err != nil || again != got {
			t.Fatalf("%+v in the legacy form: %+v, %v", got, again, err)
		}
	})
}

// checkNeeds reads in as a connection would, and fails if that never ends or reads too far.
func checkNeeds(t *testing.T, in []byte, needs func([]byte) (int, error)) {
	t.Helper()
	for n := 0; n < len(in); {
		more, err := needs(in[:n])
		if err != nil || more == 0 {
			return
		}
		if more < 0 || n+more > prefixSize+maxPacket {
			t.Fatalf("with %d bytes needs %d more", n, more)
		}
		n += more
	}
}

// FuzzMessage takes the bytes for a frame's body, with and without snappy.
func FuzzMessage(f *testing.F) {
	f.Add([]byte{0x80, 0xc0}, false)
	f.Add(append([]byte{0x10}, snappy.Encode(nil, []byte("payload, payload, payload"))...), true)
	f.Add(append([]byte{0x81, 0x90}, appendBlock(nil, Message{Chunks: []*Chunk{NewChunk(make([]byte, 99)), NewChunk([]byte{1})}}, 100)...), true)
	f.Add([]byte{0x02, 0xff, 0xff, 0xff, 0x07, 0xfe, 0x01, 0x00}, true)
	f.Fuzz(func(t *testing.T, body []byte, on bool) {
		if len(body) > 1<<20 {
			return
		}
		sealer, opener := pair()
		opener.SetSnappy(on)
		code, payload, rest, err := open(opener, sealBody(sealer, body))
		if err != nil {
			return
		}
		if len(rest) != 0 || len(payload) > MaxSize {
			t.Fatalf("%d bytes after the frame, payload of %d", len(rest), len(payload))
		}
		if on {
			want, err := snappy.Decode(nil, body[rlp.SizeUint64(code):])
			if err != nil || !bytes.Equal(payload, want) {
				t.Fatalf("payload %x, want %x, %v", payload, want, err)
			}
		}
		// The same message, as we would send it.
		payload = bytes.Clone(payload)
		sealer.SetSnappy(on)
		frame, err := sealer.Seal(nil, Message{Code: code, Raw: payload})
		if err != nil {
			t.Fatal(err)
		}
		code2, payload2, _, err := open(opener, frame)
		if err != nil || code2 != code || !bytes.Equal(payload2, payload) {
			t.Fatalf("sealed and opened: code %d, payload %x, %v", code2, payload2, err)
		}
	})
}

// FuzzStream feeds an Opener what is not a frame.
func FuzzStream(f *testing.F) {
	sealer, _ := pair()
	frame, err := sealer.Seal(nil, Message{Code: 3, Raw: []byte("payload")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(frame)
	f.Add(make([]byte, 64))
	f.Fuzz(func(t *testing.T, in []byte) {
		_, opener := pair()
		if len(in) < HeaderSize {
			return
		}
		in = bytes.Clone(in)
		rest, err := opener.Header(in[:HeaderSize])
		if err != nil {
			return
		}
		if in = in[HeaderSize:]; rest > len(in) {
			return
		}
		if body, err := opener.Body(in[:rest]); err == nil {
			_, _, _ = opener.Message(body)
		}
	})
}
