// SPDX-License-Identifier: Apache-2.0

package hosts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/internal/bounded"
)

const (
	fresh   = 30 * time.Second // an answer this old is looked up anew
	stale   = time.Hour        // an answer this old is not given even if the name cannot be looked up
	timeout = 5 * time.Second  // for one lookup

	maxNames     = 256 // whose answers are kept; the oldest makes room
	maxAddresses = 16  // of one name; further ones are left out
	maxLookups   = 16  // under way at once; further ones wait
)

// ErrTimeout says that no name server answered in time.
var ErrTimeout = errors.New("no answer from the name server")

// A Resolver looks up host names and remembers the answers for a while. The zero value uses the system's resolver; a nil Resolver
// does, too, and remembers nothing.
type Resolver struct {
	// System looks one name up. Nil = [net.DefaultResolver]. It may be called from several goroutines.
	System func(ctx context.Context, host string) ([]netip.Addr, error)

	mu      sync.Mutex // guards what follows
	answers *bounded.Map[string, answer]
	pending map[string]*lookup // by name, while something waits for it
	slots   chan struct{}      // one for each lookup that runs
}

type answer struct {
	ips []netip.Addr
	at  time.Time
}

// A lookup is one question to the system.
type lookup struct {
	waiting int    // callers; guarded by the Resolver's mutex
	cancel  func() // called when none waits any more

	done chan struct{} // closed when what follows may be read
	ips  []netip.Addr
	err  error
}

// Lookup returns the addresses of a host, IPv4 ones not in IPv6 form; at least one, unless it returns an error. An
// address in place of a name is returned as it is. The slice is the caller's.
func (r *Resolver) Lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	if r == nil {
		r = new(Resolver)
	}
	old, known, l := r.start(time.Now(), host)
	if l == nil {
		return slices.Clone(old.ips), nil
	}
	ips, err := l.wait(ctx, host)
	r.leave(host, l)
	switch {
	case err == nil:
		return slices.Clone(ips), nil
	case known && ctx.Err() == nil && time.Since(old.at) < stale:
		return slices.Clone(old.ips), nil
	}
	return nil, err
}

// start returns the remembered answer, if there is one, and the lookup to wait for unless that answer is fresh.
func (r *Resolver) start(now time.Time, host string) (old answer, known bool, l *lookup) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answers == nil {
		r.answers = bounded.NewMap[string, answer](maxNames, bounded.DropOldest)
		r.pending, r.slots = make(map[string]*lookup), make(chan struct{}, maxLookups)
	}
	if old, known = r.answers.Get(host); known && now.Sub(old.at) < fresh {
		return old, true, nil
	}
	if l = r.pending[host]; l == nil {
		l = &lookup{cancel: func() {}, done: make(chan struct{})}
		select {
		case r.slots <- struct{}{}:
			r.pending[host] = l
			r.launch(host, l)
		default:
			l.err = errBusy
			close(l.done)
		}
	}
	l.waiting++
	return old, known, l
}

// leave ends a lookup that no caller waits for any more. One that ignores this keeps its slot until it returns.
func (r *Resolver) leave(host string, l *lookup) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		l.cancel()
		r.forget(host, l)
	}
}

func (r *Resolver) forget(host string, l *lookup) {
	if r.pending[host] == l {
		delete(r.pending, host)
	}
}

var errBusy = fmt.Errorf("%d host names are being looked up, and %w", maxLookups, ErrTimeout)

// end takes what a lookup brought.
func (r *Resolver) end(now time.Time, host string, l *lookup, ips []netip.Addr, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ip := range ips {
		if ip = ip.Unmap(); ip.IsValid() && len(l.ips) < maxAddresses && !slices.Contains(l.ips, ip) {
			l.ips = append(l.ips, ip)
		}
	}
	if err == nil && len(l.ips) == 0 {
		err = fmt.Errorf("%.100s has no address", host)
	}
	if l.err = err; err == nil {
		r.answers.Delete(host) // to put it last
		r.answers.Put(host, answer{l.ips, now})
	}
	r.forget(host, l)
	<-r.slots
	close(l.done)
}
