// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/vectors"
)

// TestTruncated cuts each packet of the specification at every offset: none is read, none
// changes anything.
func TestTruncated(t *testing.T) {
	v := vectors.Read(t, "packets.txt")
	for _, name := range []string{"ping", "whoareyou", "handshake", "record"} {
		a, b := specNodes(t, v, nil, nil)
		key := newGCM([16]byte(v["ping-key"]))
		b.store.begin(endpointOf(a.id, specAddr), &session{seal: key, open: key})
		packet := v[name]
		for n := range packet {
			p, err := b.Decode(specTime, specAddr, packet[:n])
			switch {
			case n < MinSize && err != ErrSize:
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			case p.Message != nil || p.Challenge != nil:
				t.Errorf("%s cut to %d bytes: %+v", name, n, p)
			case name == "ping" && n >= MinSize && n < authAt+messageAuth+tagSize && err != ErrAuthData:
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			}
		}
	}
}

// TestHeaders changes one thing after the other in a header.
func TestHeaders(t *testing.T) {
	v := vectors.Read(t, "packets.txt")
	a, b := specNodes(t, v, nil, nil)
	for _, test := range []struct {
		name   string
		packet string
		change func(h []byte)
		want   error
	}{
		{"nothing", "ping", func([]byte) {}, nil},
		{"another protocol", "ping", func(h []byte) { h[ivSize] = 'D' }, ErrHeader},
		{"version 0", "ping", func(h []byte) { h[flagAt-1] = 0 }, ErrHeader},
		{"version 2", "ping", func(h []byte) { h[flagAt-1] = 2 }, nil},
		{"version 256", "ping", func(h []byte) { h[flagAt-2], h[flagAt-1] = 1, 0 }, nil},
		{"flag 3", "ping", func(h []byte) { h[flagAt] = 3 }, ErrHeader},
		{"a message as WHOAREYOU", "ping", func(h []byte) { h[flagAt] = 1 }, ErrAuthData},
		{"a message as handshake", "ping", func(h []byte) { h[flagAt] = 2 }, ErrAuthData},
		{"a WHOAREYOU as message", "whoareyou", func(h []byte) { h[flagAt] = 0 }, ErrAuthData},
		{"a handshake as message", "handshake", func(h []byte) { h[flagAt] = 0 }, ErrAuthData},
		{"authdata past the end", "ping", func(h []byte) { h[authSizeAt] = 0xff }, ErrAuthData},
		{"authdata to the end", "ping", func(h []byte) { h[authSizeAt+1] = byte(len(v["ping"]) - authAt) }, ErrAuthData},
		{"no authdata", "ping", func(h []byte) { h[authSizeAt+1] = 0 }, ErrAuthData},
	} {
		if _, err := b.Decode(specTime, specAddr, remask(b.id, v[test.packet], test.change)); err != test.want {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if _, err := a.Decode(specTime, specAddr, v["ping"]); err != ErrHeader {
		t.Errorf("for somebody else: %v", err)
	}
	if _, err := b.Decode(specTime, specAddr, append(bytes.Clone(v["whoareyou"]), 0)); err != ErrAuthData {
		t.Errorf("a WHOAREYOU with a message: %v", err)
	}
	long := append(bytes.Clone(v["ping"]), make([]byte, MaxSize-len(v["ping"]))...)
	if p, err := b.Decode(specTime, specAddr, long); err != nil || p.Message != nil {
		t.Errorf("%d bytes: %+v, %v", len(long), p, err)
	}
	if _, err := b.Decode(specTime, specAddr, append(long, 0)); err != ErrSize {
		t.Errorf("%d bytes: %v", len(long)+1, err)
	}
}

// FuzzDecode gives a node any header, which is masked first, and any message, in the
// middle of a handshake and with a session.
func FuzzDecode(f *testing.F) {
	v := vectors.Read(f, "packets.txt")
	to := enr.ID(v["id-b"])
	for _, name := range []string{"ping", "whoareyou", "handshake", "record"} {
		h, message, err := openHeader(nil, new(masker), maskOf(to), v[name])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(h.raw, message)
	}
	f.Fuzz(func(t *testing.T, head, message []byte) {
		a, b := specNodes(t, v, nil, nil)
		key := newGCM([16]byte(v["ping-key"]))
		b.store.begin(endpointOf(a.id, specAddr), &session{seal: key, open: key})
		b.store.challenges.Put(endpointOf(a.id, specAddr), sentChallenge{data: challengeData(v["record-challenge"]), sent: specTime})
		packet := slices.Concat(head, message)
		if len(head) >= ivSize {
			new(masker).maskHeader(maskOf(to), packet[:len(head)])
		}
		before := bytes.Clone(packet)
		p, err := b.Decode(specTime, specAddr, packet)
		if err == nil && p.Message != nil && p.Challenge != nil || err != nil && p != (Packet{}) {
			t.Fatalf("%+v, %v", p, err)
		}
		if !bytes.Equal(packet, before) {
			t.Fatal("the input was changed")
		}
	})
}
