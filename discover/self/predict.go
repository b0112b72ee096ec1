// SPDX-License-Identifier: Apache-2.0

package self

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

const (
	enoughStatements = 10              // that agree
	statementLife    = 5 * time.Minute // how long one counts
	statementTable   = 512             // networks with a remembered statement; the oldest makes room
	wideVoices       = 2               // statements of one IPv4 /16 or IPv6 /32; the oldest of them makes room
)

// statements are what other nodes state of one of our addresses. Owner: the Record, under its
// mutex.
type statements struct {
	by *bounded.Map[netgroup.Group, statement] // the oldest first; one for each IPv4 /24 or IPv6 /64
}

type statement struct {
	endpoint netip.AddrPort
	at       time.Time
}

func newStatements() statements {
	return statements{bounded.NewMap[netgroup.Group, statement](statementTable, bounded.DropOldest)}
}

// add takes a statement of a host. It replaces what that host's network said before, and the oldest statement of the wide
// network if that has wideVoices already.
func (s statements) add(now time.Time, by netip.Addr, endpoint netip.AddrPort) {
	network := groupOf(by)
	s.by.Delete(network) // to put it last
	var oldest netgroup.Group
	voices := 0
	for other := range s.by.All() {
		if other.Wide == network.Wide {
			if voices++; voices == 1 {
				oldest = other
			}
		}
	}
	if voices >= wideVoices {
		s.by.Delete(oldest)
	}
	s.by.Put(network, statement{endpoint, now})
}

// believed returns the endpoint that enough networks state, and the zero AddrPort if there is
// none. On a tie the current one stays.
func (s statements) believed(now time.Time, already netip.AddrPort) netip.AddrPort {
	s.forget(now)
	count := make(map[netip.AddrPort]int)
	best, most := netip.AddrPort{}, enoughStatements-1
	for _, st := range s.by.All() {
		count[st.endpoint]++
		if n := count[st.endpoint]; n > most || n == most && st.endpoint == already {
			best, most = st.endpoint, n
		}
	}
	if most < enoughStatements {
		return netip.AddrPort{}
	}
	return best
}

// forget drops what no longer counts.
func (s statements) forget(now time.Time) {
	for {
		var first netgroup.Group
		over := false
		for network, st := range s.by.All() {
			first, over = network, now.Sub(st.at) >= statementLife
			break
		}
		if !over {
			return
		}
		s.by.Delete(first)
	}
}

// groupOf returns the networks that a host speaks for. A local address speaks for itself alone.
func groupOf(ip netip.Addr) netgroup.Group {
	if group := netgroup.Of(ip); !group.IsZero() && !Private(ip) {
		return group
	}
	alone := netip.PrefixFrom(ip, ip.BitLen())
	return netgroup.Group{Narrow: alone, Wide: alone}
}

// sees reports whether a host can see an endpoint of ours at an address: both have one address family, since a packet does, and
// both are on the Internet or neither is.
func sees(by, seen netip.Addr) bool { return by.Is4() == seen.Is4() && Private(by) == Private(seen) }

// Private reports whether others cannot reach an address from the Internet: one of a local network
// (RFC 1918, RFC 4193), of a provider's NAT (RFC 6598), of a link, or loopback.
func Private(ip netip.Addr) bool { return netgroup.KindOf(ip).Local() }
