// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	natpmp "github.com/jackpal/go-nat-pmp"

	"github.com/ethpeer/ethpeer/internal/hosts"
)

// findPMP sends a request to all likely gateways at once.
func (s surroundings) findPMP(ctx context.Context) (Gateway, error) {
	var finders []finder
	for _, ip := range s.gateways {
		finders = append(finders, func(ctx context.Context) (Gateway, error) { return findPMPAt(ctx, ip) })
	}
	if len(finders) == 0 {
		return nil, errors.New("no gateway is known; write pmp:GATEWAY")
	}
	g, err := race(ctx, finders)
	if err != nil {
		return nil, errors.New("no gateway answers NAT-PMP; switch it on there, or write pmp:GATEWAY with another address")
	}
	return g, nil
}

// findPMPAt returns the gateway if it answers the address request (RFC 6886, section 3.2).
func findPMPAt(ctx context.Context, ip netip.Addr) (Gateway, error) {
	g := pmpGateway{ip}
	if _, err := g.ExternalIP(ctx); err != nil {
		return nil, fmt.Errorf("%v: %w", g, err)
	}
	return g, nil
}

// A pmpGateway speaks NAT-PMP (https://www.rfc-editor.org/rfc/rfc6886). The library takes no
// context: a call ends within a second. ExternalIP, the most frequent call, returns when its
// context ends.
type pmpGateway struct{ ip netip.Addr }

func (g pmpGateway) String() string { return "the NAT-PMP gateway " + g.ip.String() }

// client returns a client for one call.
func (g pmpGateway) client(ctx context.Context) (*natpmp.Client, error) {
	timeout := pmpTimeout
	if err := ctx.Err(); err != nil {
		return nil, plain(err)
	}
	if at, ok := ctx.Deadline(); ok {
		timeout = max(min(timeout, time.Until(at)), time.Millisecond)
	}
	return natpmp.NewClientWithTimeout(g.ip.AsSlice(), timeout), nil
}

func (g pmpGateway) ExternalIP(ctx context.Context) (netip.Addr, error) {
	c, err := g.client(ctx)
	if err != nil {
		return netip.Addr{}, err
	}
	r, err := hosts.Await(ctx, func(context.Context) (*natpmp.GetExternalAddressResult, error) { return c.GetExternalAddress() })
	if err != nil {
		return netip.Addr{}, pmpError(err)
	}
	return netip.AddrFrom4(r.ExternalIPAddress), nil
}

func (g pmpGateway) Map(ctx context.Context, proto Proto, internal, wanted uint16, lifetime time.Duration) (Grant, error) {
	c, err := g.client(ctx)
	if err != nil {
		return Grant{}, err
	}
	r, err := c.AddPortMappingWithDuration(strings.ToLower(proto.String()), int(internal), int(wanted), lifetime)
	switch {
	case err != nil:
		return Grant{}, pmpError(err)
	case r.InternalPort != internal:
		return Grant{}, fmt.Errorf("it answers for port %d", r.InternalPort)
	}
	return Grant{Port: r.MappedExternalPort, Lifetime: time.Duration(r.PortMappingLifetimeInSeconds) * time.Second}, nil
}

// Unmap deletes by the internal port: the external one and the lifetime are 0 (RFC 6886 3.4).
func (g pmpGateway) Unmap(ctx context.Context, proto Proto, internal, _ uint16) error {
	c, err := g.client(ctx)
	if err != nil {
		return err
	}
	_, err = c.AddPortMapping(strings.ToLower(proto.String()), int(internal), 0, 0)
	return pmpError(err)
}

// pmpError recognises the library's timeout, which has no type.
func pmpError(err error) error {
	if err != nil && strings.HasPrefix(err.Error(), "Timed out") {
		return errSilent
	}
	return plain(err)
}
