// SPDX-License-Identifier: Apache-2.0

package self

import (
	"net/netip"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/netgroup"
)

// Config says which node the record is of.
type Config struct {
	Key      *ecc.PrivateKey // required
	Sequence uint64          // of the last record that was signed, in an earlier run; 0 = not known
	Start    time.Time       // the sequence begins with this time in milliseconds, unless the known one is higher

	Save   func(sequence uint64) // gets each new sequence number; nil = not called. Must not block
	Signed func(*enr.Record)     // gets each new record; nil = not called. Must not call the Record
}

// A Record is our own, as it is now.
type Record struct {
	cfg Config

	mu       sync.Mutex // guards what follows
	sequence uint64
	tcp, udp uint16 // as they are bound; 0 = not
	v4, v6   endpoint
	fork     *fork
	signed   *enr.Record // of what is said above; nil = something has changed
	latest   *enr.Record
}

type fork struct {
	hash [4]byte
	next uint64
}

// endpoint is what is known of one of our addresses. Ports are 0 where they are as bound.
type endpoint struct {
	external   netip.Addr // said by the operator, or by a router
	tcp, udp   uint16     // of external
	predicted  netip.AddrPort
	fallback   netip.Addr
	statements statements
}

// New returns the record of a node of which nothing but the key is known.
func New(cfg Config) *Record {
	// The known sequence may be older than the last that was published: a kill, or a full disk, loses
	// the one that was to be saved. The clock is above both (EIP-778 wants a higher sequence for each
	// new version of a record).
	r := &Record{cfg: cfg, sequence: max(cfg.Sequence, uint64(max(cfg.Start.UnixMilli(), 0)))}
	r.v4.statements, r.v6.statements = newStatements(), newStatements()
	return r
}

// SetTCP sets the port at which we accept peers; 0 = none.
func (r *Record) SetTCP(port uint16) { r.change(func() bool { return set(&r.tcp, port) }) }

// SetUDP sets the port at which we do discovery; 0 = none.
func (r *Record) SetUDP(port uint16) { r.change(func() bool { return set(&r.udp, port) }) }

// SetFallback sets the address that is used while no better one is known.
func (r *Record) SetFallback(ip netip.Addr) {
	ip = netgroup.Plain(ip)
	r.change(func() bool { return set(&r.of(ip).fallback, ip) })
}

// SetExternal sets the address that the operator or a router states, and the external ports where
// they differ from the bound ones, else 0. It replaces the earlier address of that family. The zero
// address withdraws those of both families.
func (r *Record) SetExternal(ip netip.Addr, tcp, udp uint16) {
	ip = netgroup.Plain(ip)
	r.change(func() bool {
		if !ip.IsValid() {
			a, b := set(&r.v4.external, ip), set(&r.v6.external, ip)
			return a || b
		}
		e := r.of(ip)
		a, b, c := set(&e.external, ip), set(&e.tcp, tcp), set(&e.udp, udp)
		return a || b || c
	})
}

// SetEth sets the fork ID of our head (devp2p/enr-entries/eth.md).
func (r *Record) SetEth(hash [4]byte, next uint64) {
	r.change(func() bool {
		if r.fork != nil && *r.fork == (fork{hash, next}) {
			return false
		}
		r.fork = &fork{hash, next}
		return true
	})
}

// OnStatement takes the endpoint at which a host sees us. The caller has verified the host's own
// endpoint (devp2p/discv4.md#endpoint-proof). A statement of another address family or scope than the host's own address is
// ignored.
func (r *Record) OnStatement(now time.Time, by netip.Addr, seen netip.AddrPort) {
	by, seen = netgroup.Plain(by), netip.AddrPortFrom(netgroup.Plain(seen.Addr()), seen.Port())
	if !by.IsValid() || !seen.IsValid() || seen.Port() == 0 || seen.Addr().IsUnspecified() || seen.Addr().IsMulticast() || !sees(by, seen.Addr()) {
		return
	}
	r.change(func() bool {
		e := r.of(seen.Addr())
		e.statements.add(now, by, seen)
		return set(&e.predicted, e.statements.believed(now, e.predicted))
	})
}

func (r *Record) of(ip netip.Addr) *endpoint {
	if ip.Is4() {
		return &r.v4
	}
	return &r.v6
}

// set reports whether it changed anything.
func set[T comparable](p *T, v T) bool {
	changed := *p != v
	*p = v
	return changed
}

func (r *Record) change(f func() bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f() {
		r.signed = nil
	}
}

// Record returns the record. It signs a new one if something has changed (EIP-778).
func (r *Record) Record() *enr.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.signed != nil {
		return r.signed
	}
	b := r.build()
	now, err := b.Sign(r.cfg.Key, r.sequence+1)
	if err != nil {
		panic(err) // what we say of ourselves is one item each, and far from 300 bytes
	}
	r.signed = now
	if r.latest != nil && same(r.latest, now) { // there and back again
		r.signed = r.latest
		return r.signed
	}
	r.sequence++
	r.latest = now
	if r.cfg.Save != nil {
		r.cfg.Save(r.sequence)
	}
	if r.cfg.Signed != nil {
		r.cfg.Signed(now)
	}
	return now
}

// Node returns the node that the record is about.
func (r *Record) Node() enr.Node { return r.Record().Node() }
