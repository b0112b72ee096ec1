// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// A Gateway maps ports, or states our external address. One goroutine calls it, and each call
// returns soon after its ctx has ended. What a gateway states need not be true.
type Gateway interface {
	String() string // what it is, for errors: "the UPnP gateway 192.168.1.1"

	// ExternalIP returns our external address (RFC 6886, section 3.2; WANIPConnection:1, 2.4.18).
	ExternalIP(ctx context.Context) (netip.Addr, error)

	// Map forwards the external port to our internal one (RFC 6886, section 3.3;
	// WANIPConnection:1, 2.4.16). If the wanted external port is taken, another one is granted.
	// A mapping that exists is renewed.
	Map(ctx context.Context, proto Proto, internal, wanted uint16, lifetime time.Duration) (Grant, error)

	// Unmap deletes a mapping of ours (RFC 6886, section 3.4; WANIPConnection:1, 2.4.17). A missing
	// mapping is not an error.
	Unmap(ctx context.Context, proto Proto, internal, external uint16) error
}

// A Grant is the external port that a gateway mapped, and the lifetime of the mapping.
type Grant struct {
	Port     uint16
	Lifetime time.Duration
}

// Proto is TCP or UDP.
type Proto uint8

// The transport protocols of mapped ports.
const (
	TCP Proto = iota
	UDP
)

// String returns "TCP" or "UDP".
func (p Proto) String() string {
	if p == TCP {
		return "TCP"
	}
	return "UDP"
}

var errNoMapping = errors.New("this method maps no ports")

// errSilent is any timeout.
var errSilent = errors.New("it does not answer")

// plain makes a network error short, identical each time, and free of control characters that
// another host may have written for the reader's terminal.
func plain(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case err == nil || errors.Is(err, errSilent):
		return err
	case ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded):
		return errSilent
	case isPlain(err.Error()):
		return err
	}
	return fmt.Errorf("%.*q", maxSaid, err.Error())
}

func isPlain(text string) bool {
	return len(text) <= maxSaid && !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' })
}

// A finder searches for a gateway until ctx ends.
type finder func(ctx context.Context) (Gateway, error)

// surroundings are the networks and hosts in which gateways are searched for.
type surroundings struct {
	networks []netip.Prefix // ours, with our address in each
	gateways []netip.Addr   // that may speak NAT-PMP
	group    netip.AddrPort // where UPnP devices listen
}

// finder returns the method's search for a gateway. Each search reads the networks anew, because
// the machine may have moved to another one.
func (m Method) finder(look func() surroundings) finder {
	switch m.kind {
	case anyGateway:
		return func(ctx context.Context) (Gateway, error) { return look().findAny(ctx) }
	case upnp:
		return func(ctx context.Context) (Gateway, error) { return look().findUPnP(ctx) }
	case pmp:
		if m.ip.IsValid() {
			return func(ctx context.Context) (Gateway, error) { return findPMPAt(ctx, m.ip) }
		}
		return func(ctx context.Context) (Gateway, error) { return look().findPMP(ctx) }
	case stunServer:
		servers := stunServers(wellKnown)
		if m.server != "" {
			servers = stunServers{m.server}
		}
		return func(context.Context) (Gateway, error) { return servers, nil }
	}
	return func(context.Context) (Gateway, error) { return nil, errNoGateway }
}

var errNoGateway = errors.New("there is no gateway")

func (s surroundings) findAny(ctx context.Context) (Gateway, error) {
	g, err := race(ctx, []finder{s.findUPnP, s.findPMP})
	if err != nil {
		return nil, errors.New("no gateway answers UPnP or NAT-PMP; switch one of them on there, or forward the port there and use --nat extip:IP")
	}
	return g, nil
}
