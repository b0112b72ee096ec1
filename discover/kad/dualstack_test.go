// SPDX-License-Identifier: Apache-2.0

package kad

import (
	"net/netip"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// TestDualStackIsTold: a record with a local IPv4 and a global IPv6 address may be told by a host on the Internet.
func TestDualStackIsTold(t *testing.T) {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 9))
	if err != nil {
		t.Fatal(err)
	}
	for _, ip4 := range []string{"192.168.1.5", "127.0.0.1", "172.17.0.2"} {
		var b enr.Builder
		b.SetIP(netip.MustParseAddr(ip4))
		b.SetIP(netip.MustParseAddr("2a01:4f8::7"))
		b.SetUDP(30303)
		r, err := b.Sign(key, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := (Rules{}).Check(netip.MustParseAddr("34.1.1.1"), r.Node()); err != nil {
			t.Errorf("%s and 2a01:4f8::7: %v", ip4, err)
		}
	}
}
