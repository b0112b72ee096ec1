// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5wire"
)

// TestAmplification: an address without a session gets WHOAREYOU for a message packet, which is never longer
// than that packet, and nothing for any other packet, so a forged source gains nothing
// (devp2p/discv5/discv5-wire.md#whoareyou-packet-flag--1).
func TestAmplification(t *testing.T) {
	out := new(capture)
	m, victim := testMachine(t, out), newVisitor(t, 1)
	packet := victim.say(t, m, new(v5wire.Ping))
	packet = append(packet, make([]byte, v5wire.MaxSize-len(packet))...)
	answered := 0
	for size := range v5wire.MaxSize + 1 {
		out.last = nil
		m.onDatagram(epoch, victim.addr, packet[:size])
		if len(out.last) > size {
			t.Fatalf("%d bytes get %d", size, len(out.last))
		}
		if len(out.last) > 0 {
			answered++
			if len(out.last) != v5wire.MinSize {
				t.Fatalf("%d bytes get %d", size, len(out.last))
			}
		}
	}
	if answered < v5wire.MaxSize-100 {
		t.Errorf("packets of %d sizes are answered", answered)
	}

	// A handshake for another address, a challenge to no request, and a handshake after the challenge's time.
	m.onDatagram(epoch, victim.addr, packet[:100])
	handshake := victim.prove(t, m, out.last, &v5wire.Findnode{Distances: []uint16{0, 256, 255}})
	whoareyou := out.last
	out.last = nil
	m.onDatagram(epoch, netip.MustParseAddrPort("99.9.9.9:30303"), handshake)
	m.onDatagram(epoch, victim.addr, whoareyou)
	m.onDatagram(epoch.Add(v5wire.ChallengeLifetime), victim.addr, handshake)
	m.onDatagram(epoch.Add(time.Minute), victim.addr, handshake[:len(handshake)-1])
	if out.last != nil {
		t.Errorf("%d bytes for what proves nothing", len(out.last))
	}
}
