// SPDX-License-Identifier: Apache-2.0

// goroutines: one a lookup, which ends when the system's resolver returns

package hosts

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// launch asks the system. It runs under the Resolver's mutex. The lookup has a context of its own, since several callers may wait.
func (r *Resolver) launch(host string, l *lookup) {
	system := r.System
	if system == nil {
		system = lookupSystem
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	l.cancel = cancel
	go func() {
		defer cancel()
		ips, err := system(ctx, host)
		r.end(time.Now(), host, l, ips, err)
	}()
}

// wait returns what the lookup brings, within the bounds of ctx and of one lookup.
func (l *lookup) wait(ctx context.Context, host string) ([]netip.Addr, error) {
	select {
	case <-l.done: // even if ctx has ended, too
		return l.ips, l.err
	default:
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-l.done:
		return l.ips, l.err
	case <-timer.C:
		return nil, fmt.Errorf("%.100s: %w", host, ErrTimeout)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Await returns what f returns, or an error as soon as ctx ends, even if f ignores ctx. In that case f's goroutine ends later,
// when f returns.
func Await[T any](ctx context.Context, f func(ctx context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f(ctx)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

func lookupSystem(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}
