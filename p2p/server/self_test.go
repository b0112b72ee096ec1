// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// Checklist row 1. Port 0 becomes a real one, in our URL and in our record.
func TestPortZeroIsRewritten(t *testing.T) {
	began := uint64(time.Now().UnixMilli())
	a := runNode(t, nil)
	tcp, ok := a.self.Record.TCP()
	if !ok || tcp == 0 || tcp != a.self.TCP {
		t.Errorf("port %d, in the record %d, %t", a.self.TCP, tcp, ok)
	}
	if ip, ok := a.self.Record.IP4(); !ok || ip != a.self.IP || !ip.IsLoopback() {
		t.Errorf("address %v, in the record %v, %t", a.self.IP, ip, ok)
	}
	if _, err := enr.Decode(a.self.Record.Raw()); err != nil || a.self.Record.ID() != a.self.ID() || a.self.Record.Seq() < began {
		t.Errorf("record %v: %v", a.self.Record, err)
	}
	b := runNode(t, dialling(a.self.Record.Node())) // it can be used
	wantEvent(t, b, "up", "eth")
	if b.self.TCP != 0 || b.self.IP.IsValid() {
		t.Errorf("who does not listen says %v", b.self)
	}
}

// Checklist row 2.
func TestMissingKey(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a server without a key")
	}
	if _, err := New(Config{Key: mustKey(t), MaxPeers: -1, DialRatio: -1}); err == nil {
		t.Error("a server with impossible numbers")
	}
}

// Checklist row 31. The address that the operator states is in the record at once.
func TestExternalAddressIsInTheRecord(t *testing.T) {
	for _, ip := range []string{"203.0.113.7", "2001:db8::7"} {
		a := runNode(t, func(c *Config) { c.External = netip.MustParseAddr(ip) })
		got := a.self.Record.Node()
		if got.IP.String() != ip || a.self.IP.String() != ip || got.TCP != a.self.TCP {
			t.Errorf("record %v, node %v", got, a.self)
		}
	}
}
