// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// The limits cost nothing: reading a frame under a budget, for a protocol, allocates nothing.
func TestGuardedFramesAllocateNothing(t *testing.T) {
	a, c := buffered(t, 0)
	_, protocols, shared := oneTalk()
	if _, err := NewPeer(c, Config{Hello: &Hello{Version: 5, Caps: []Cap{shared}}, Protocols: protocols, Budget: NewBudget(0)}); err != nil {
		t.Fatal(err)
	}
	a.SetSnappy(true)
	m := Out{Code: 17, Raw: make([]byte, 40<<10)}
	if n := testing.AllocsPerRun(200, func() {
		if err := a.Queue(&m); err != nil {
			t.Fatal(err)
		}
		if err := a.Flush(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Read(time.Time{}); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per message", n)
	}
}

// A message over its protocol's limit is refused by its stated size: before it arrives if no protocol may
// send as much, else before it is decompressed.
func TestMaxSize(t *testing.T) {
	const limit = 1 << 20
	noise := make([]byte, 3<<19)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	for _, test := range []struct {
		name    string
		code    uint64
		payload []byte
		reason  Reason // ReasonRequested = it is taken
	}{
		{"at the limit", 16, make([]byte, limit), ReasonRequested},
		{"at the limit, incompressible", 16, noise[:limit], ReasonRequested},
		{"a byte more", 16, make([]byte, limit+1), ReasonSubprotocol},
		{"a byte more, incompressible", 16, noise[:limit+1], ReasonSubprotocol},
		{"a frame that no message needs", 16, noise, ReasonSubprotocol},
		{"small limit of a second protocol", 17, make([]byte, 1001), ReasonSubprotocol},
		{"within that", 17, make([]byte, 1000), ReasonRequested},
		{"a large ping", codePing, make([]byte, maxBase+1), ReasonProtocol},
		{"a ping with a payload", codePing, make([]byte, maxBase), ReasonRequested},
		{"of no protocol", 18, make([]byte, 1000), ReasonProtocol},
	} {
		a, c := buffered(t, 0)
		p, err := NewPeer(c, Config{
			Hello: &Hello{Version: 5, Caps: []Cap{{"eth", 1}, {"small", 1}}},
			Protocols: []Protocol{
				&talk{name: "eth", versions: []Version{{Number: 1, Length: 1, MaxSize: limit}}},
				&talk{name: "small", versions: []Version{{Number: 1, Length: 1, MaxSize: 1000}}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		a.SetSnappy(true)
		if err := a.Queue(&Out{Code: test.code, Raw: test.payload}); err != nil {
			t.Fatal(err)
		}
		if err := a.Flush(time.Time{}); err != nil {
			t.Fatal(err)
		}
		code, payload, err := c.Read(time.Time{})
		if test.reason == ReasonRequested {
			if err != nil || code != test.code || !bytes.Equal(payload, test.payload) {
				t.Errorf("%s: %d bytes, %v", test.name, len(payload), err)
			}
			continue
		}
		if v, ok := errors.AsType[*Violation](err); !ok || v.Reason != test.reason || c.opener.Holds(0) > 0 {
			t.Errorf("%s: %v, and %d bytes of memory", test.name, err, c.opener.Holds(0))
		}
		if len(test.payload) == len(noise) && len(c.in) > firstRead {
			t.Errorf("%s: %d bytes of it were read", test.name, len(c.in))
		}
		if err := p.admit(test.code, len(test.payload)); err == nil {
			t.Errorf("%s: passes over a pipe", test.name)
		}
	}
}
