// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/rlp"
)

// The methods below read the keys that devp2p/enr.md#record-structure and
// devp2p/enr-entries/eth.md define. They report false for a value of the wrong form as for a
// missing one, because the rest of the record is still of use.

// IP4 returns the key "ip".
func (r *Record) IP4() (netip.Addr, bool) {
	b, ok := r.bytes("ip")
	if !ok || len(b) != 4 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(b)), true
}

// IP6 returns the key "ip6". It may be an IPv4 address mapped to IPv6; see [Record.Node].
func (r *Record) IP6() (netip.Addr, bool) {
	b, ok := r.bytes("ip6")
	if !ok || len(b) != 16 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom16([16]byte(b)), true
}

// TCP returns the key "tcp".
func (r *Record) TCP() (uint16, bool) { return r.port("tcp") }

// UDP returns the key "udp".
func (r *Record) UDP() (uint16, bool) { return r.port("udp") }

// TCP6 returns the TCP port of IP6: the key "tcp6", or else "tcp".
func (r *Record) TCP6() (uint16, bool) {
	if p, ok := r.port("tcp6"); ok {
		return p, true
	}
	return r.port("tcp")
}

// UDP6 returns the UDP port of IP6: the key "udp6", or else "udp".
func (r *Record) UDP6() (uint16, bool) {
	if p, ok := r.port("udp6"); ok {
		return p, true
	}
	return r.port("udp")
}

// Eth returns the fork ID (EIP-2124) in the key "eth", [[hash, next], …]. It ignores what
// follows the fork ID, which is for later versions (devp2p/enr-entries/eth.md).
func (r *Record) Eth() (hash [4]byte, next uint64, ok bool) {
	raw, ok := r.Get("eth")
	if !ok {
		return hash, 0, false
	}
	c := rlp.Read(raw)
	c.List("eth")
	c.List("forkID")
	c.Fixed("hash", hash[:])
	next = c.Uint64("next")
	c.End()
	c.EndOpen()
	return hash, next, c.Done() == nil
}

func (r *Record) port(key string) (uint16, bool) {
	raw, ok := r.Get(key)
	if !ok {
		return 0, false
	}
	c := rlp.Read(raw)
	p := c.Uint64(key)
	if c.Done() != nil || p > 0xffff {
		return 0, false
	}
	return uint16(p), true
}

func (r *Record) bytes(key string) ([]byte, bool) {
	raw, ok := r.Get(key)
	if !ok {
		return nil, false
	}
	c := rlp.Read(raw)
	b := c.Bytes(key)
	return b, c.Done() == nil
}
