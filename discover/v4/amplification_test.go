// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/enr"
)

// size returns how many bytes a message takes in a datagram.
func size(t *testing.T, m v4wire.Message) int {
	t.Helper()
	b, _, err := v4wire.Append(nil, keyOf(t, 1), m)
	if err != nil {
		t.Fatal(err)
	}
	return len(b)
}

// TestAmplification measures the bytes that an address without a proof gets for its own, whose source may be
// forged (devp2p/discv4.md#endpoint-proof). The smallest possible Ping gets less than three times its size,
// the Ping of a deployed client twice its size, and any other packet gets nothing. doc.go and
// docs/discovery.md have the table.
func TestAmplification(t *testing.T) {
	until := start.Unix() + 20
	var b enr.Builder // of a Host with an IPv6 address; seq is a time in milliseconds
	b.SetIP(netip.MustParseAddr("2a01::1"))
	b.SetUDP(30303)
	b.SetTCP(30303)
	ours, err := b.Sign(keyOf(t, 1<<20), uint64(start.UnixMilli()))
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"20.1.1.1:30303", "[2a01::1]:30303"} {
		at := netip.MustParseAddrPort(from)
		deployed := &v4wire.Ping{Version: 4, From: v4wire.EndpointOf(at, 30303), To: v4wire.EndpointOf(at, 0), Expiration: until, ENRSeq: 1_800_000_000_000}
		for name, test := range map[string]struct {
			request v4wire.Message
			most    float64 // bytes back for each byte
			packets int
		}{
			"the smallest Ping":        {&v4wire.Ping{Expiration: until}, 2.90, 2},
			"a deployed client's Ping": {deployed, 2.30, 2},
			"Pong":                     {&v4wire.Pong{To: v4wire.EndpointOf(at, 0), Expiration: until}, 0, 0},
			"Findnode":                 {&v4wire.Findnode{Expiration: until}, 0, 0},
			"Neighbors":                {neighborsOf(start, remoteOf(t, 3)), 0, 0},
			"ENRRequest":               {&v4wire.ENRRequest{Expiration: until}, 0, 0},
			"ENRResponse":              {&v4wire.ENRResponse{Record: remoteOf(t, 3).record.Raw()}, 0, 0},
		} {
			d, r := newDialogue(t), remoteOf(t, 1)
			d.m.cfg.Self = func() *enr.Record { return ours }
			d.says(r, at, test.request)
			in, out := size(t, test.request), 0
			for _, s := range d.out {
				out += size(t, s.msg)
			}
			factor := float64(out) / float64(in)
			t.Logf("%s from %s: %d bytes get %d (%.2f)", name, from, in, out, factor)
			if len(d.out) != test.packets || factor > test.most || factor < test.most-0.4 {
				t.Errorf("%s from %s: %d bytes get %d in %d packets (%.2f), want %.2f at most", name, from, in, out, len(d.out), factor, test.most)
			}
			d.out = nil
			d.says(r, at, test.request)
			if again := len(d.out); again > 1 {
				t.Errorf("%s from %s again: %d packets, want a Pong at most", name, from, again)
			}
		}
	}
}
