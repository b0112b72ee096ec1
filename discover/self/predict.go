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
)

// statements are what other nodes state of one of our addresses. Owner: the Record, under its
// mutex.
type statements struct {
	by *bounded.Map[netip.Prefix, statement] // the oldest first
}

type statement struct {
	endpoint netip.AddrPort
	at       time.Time
}

func newStatements() statements {
	return statements{bounded.NewMap[netip.Prefix, statement](statementTable, bounded.DropOldest)}
}

// add takes a statement of a host. It replaces what that host's network said before.
func (s statements) add(now time.Time, by netip.Addr, endpoint netip.AddrPort) {
	network := networkOf(by)
	s.by.Delete(network) // to put it last
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
		var first netip.Prefix
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

// networkOf returns the range that one owner can have: an IPv4 /16 or IPv6 /32, since providers
// give a customer a /48. A local address is a range of its own.
func networkOf(ip netip.Addr) netip.Prefix {
	if group := netgroup.Of(ip); !group.IsZero() && !Private(ip) {
		return group.Wide
	}
	return netip.PrefixFrom(ip, ip.BitLen())
}

// Private reports whether others cannot reach an address from the Internet: one of a local network
// (RFC 1918, RFC 4193), of a provider's NAT (RFC 6598), of a link, or loopback.
func Private(ip netip.Addr) bool { return netgroup.KindOf(ip).Local() }
