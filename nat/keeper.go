// SPDX-License-Identifier: Apache-2.0

// in: time, what the gateway answers · out: what to ask it, what to publish · owner: the loop

package nat

import (
	"errors"
	"net/netip"
	"time"
)

// A keeper decides which request to send to a gateway and what follows from the answer. After next
// has returned a request, the caller reports the answer by onFound, onIP, onMapped or onUnmapped
// before it calls next again; only at the end may the answer be missing.
type keeper struct {
	found  bool      // there is a gateway
	findAt time.Time // if there is none

	ip         netip.Addr // that may be published; not valid = none
	stated     netip.Addr // what the gateway said last, fit or not
	ipAt       time.Time
	ipFailures int // in a row

	mappings []mapping
	told     External // published last
}

// A mapping forwards one port of ours. Its wanted port becomes the granted one, so that a renewal
// keeps it (RFC 6886, section 3.3).
type mapping struct {
	proto            Proto
	internal, wanted uint16
	external         uint16 // 0 = there is no mapping that we know of
	at               time.Time
	failures         int  // in a row
	drop             bool // it is to be deleted
	asked            bool // no answer has come
}

// A verb says what to do.
type verb uint8

const (
	wait verb = iota
	find
	askIP
	mapPort
	unmapPort
	publish
)

type step struct {
	do       verb
	deadline time.Time // of wait: when to call next again
	index    int       // of mapPort, unmapPort
	mapping  mapping   // likewise, as it is
	external External  // of publish
}

func newKeeper(ports Ports) *keeper {
	k := &keeper{}
	if ports.TCP != 0 {
		k.mappings = append(k.mappings, mapping{proto: TCP, internal: ports.TCP, wanted: ports.TCP})
	}
	if ports.UDP != 0 {
		k.mappings = append(k.mappings, mapping{proto: UDP, internal: ports.UDP, wanted: ports.UDP})
	}
	return k
}

// next returns what to do. It publishes only when no request is due, so that address and ports
// change together.
func (k *keeper) next(now time.Time) step {
	at := k.findAt
	if k.found {
		at = k.ipAt
		if !now.Before(at) {
			return step{do: askIP}
		}
		for i := range k.mappings {
			m := &k.mappings[i]
			if m.drop {
				return step{do: unmapPort, index: i, mapping: *m}
			}
			if !now.Before(m.at) {
				m.asked = true
				return step{do: mapPort, index: i, mapping: *m}
			}
			if m.at.Before(at) {
				at = m.at
			}
		}
	}
	if e := k.external(); e != k.told {
		k.told = e
		return step{do: publish, external: e}
	}
	if !k.found && !now.Before(at) {
		return step{do: find}
	}
	return step{do: wait, deadline: at}
}

// external returns what is known.
func (k *keeper) external() (e External) {
	if !k.ip.IsValid() {
		return External{}
	}
	e.IP = k.ip
	for _, m := range k.mappings {
		if m.external == m.internal {
			continue
		}
		switch m.proto {
		case TCP:
			e.TCP = m.external
		case UDP:
			e.UDP = m.external
		}
	}
	return e
}

// onFound takes the result of a search. With a gateway, all requests are due at once.
func (k *keeper) onFound(now time.Time, err error) {
	if err != nil {
		k.findAt = now.Add(retry)
		return
	}
	k.found, k.ipAt, k.ipFailures = true, now, 0
	for i := range k.mappings {
		k.mappings[i].at = now
	}
}

// onIP takes the external address that the gateway states, with the gateway's name in by. It
// returns why the address is not published, or nil.
func (k *keeper) onIP(now time.Time, by string, ip netip.Addr, err error) error {
	k.ipAt = now.Add(poll)
	if err != nil {
		if k.ipFailures++; k.ipFailures == maxFailures {
			k.giveUp(now)
		}
		return err
	}
	ip = ip.Unmap().WithZone("")
	k.ipFailures = 0
	if k.stated.IsValid() && k.stated != ip {
		// A new address: the gateway may have restarted and lost its mappings (RFC 6886, section 3.7).
		for i := range k.mappings {
			k.mappings[i].at = now
		}
	}
	k.stated, k.ip = ip, netip.Addr{}
	if err := unfit(by, ip); err != nil {
		return err
	}
	k.ip = ip
	return nil
}

// giveUp forgets a silent gateway and all that it stated: the machine may be in another network.
// Its mappings end with their lifetimes.
func (k *keeper) giveUp(now time.Time) {
	k.found, k.findAt = false, now
	k.ip, k.stated = netip.Addr{}, netip.Addr{}
	for i := range k.mappings {
		m := &k.mappings[i]
		*m = mapping{proto: m.proto, internal: m.internal, wanted: m.internal}
	}
}

var (
	errNoPort = errors.New("it granted port 0, which is none")
	errNoTime = errors.New("it granted no time")
)

// onMapped takes the granted mapping, and returns what was wrong with it, or nil.
func (k *keeper) onMapped(now time.Time, i int, g Grant, err error) error {
	m := &k.mappings[i]
	m.asked = false
	switch {
	case err != nil:
	case g.Port == 0:
		err = errNoPort
	case g.Lifetime <= 0:
		err = errNoTime
	}
	if err != nil {
		m.at = now.Add(retry)
		if m.failures++; m.failures >= maxFailures {
			m.failures, m.drop, m.wanted = 0, m.external != 0, m.internal
		}
		return err
	}
	m.external, m.wanted, m.failures = g.Port, g.Port, 0
	m.at = now.Add(refreshAfter(g.Lifetime))
	return nil
}

// refreshAfter returns when to renew a mapping: well before its lifetime ends (RFC 6886, section
// 3.3), but at most once per minRefresh.
func refreshAfter(granted time.Duration) time.Duration {
	if granted >= lease {
		return refresh
	}
	return max(granted/10*8, minRefresh)
}

// onUnmapped takes the result of a deletion. The mapping is no longer published, whether the
// deletion succeeded or failed.
func (k *keeper) onUnmapped(i int) {
	k.mappings[i].drop, k.mappings[i].external = false, 0
}

// stop returns the mappings to delete at the end: those that exist and those that may exist.
func (k *keeper) stop() (all []mapping) {
	if !k.found {
		return nil
	}
	for _, m := range k.mappings {
		if m.external == 0 && m.asked {
			m.external = m.wanted
		}
		if m.external != 0 {
			all = append(all, m)
		}
	}
	return all
}
