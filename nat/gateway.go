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

// A Gateway stands between us and the Internet, or knows how we look from there. It is
// called by one goroutine, and each call returns soon after its ctx has ended. What a
// gateway says need not be true.
type Gateway interface {
	String() string // what it is, for errors: "the UPnP gateway 192.168.1.1"

	// ExternalIP returns our address as others see it.
	ExternalIP(ctx context.Context) (netip.Addr, error)

	// Map has the external port lead to our internal one. If the wanted external port is
	// taken, another one is granted. A mapping that exists is prolonged.
	Map(ctx context.Context, proto Proto, internal, wanted uint16, lifetime time.Duration) (Grant, error)

	// Unmap deletes a mapping of ours; that there is none is no error.
	Unmap(ctx context.Context, proto Proto, internal, external uint16) error
}

// A Grant is what a gateway grants: an external port, for a time.
type Grant struct {
	Port     uint16
	Lifetime time.Duration
}

// Proto is TCP or UDP.
type Proto uint8

// The protocols whose ports are mapped.
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

// plain makes an error of the network short, the same each time, and free of what others may
// have written for the reader's terminal.
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

// surroundings are where gateways are searched for.
type surroundings struct {
	networks []netip.Prefix // ours, with our address in each
	gateways []netip.Addr   // that may speak NAT-PMP
	group    netip.AddrPort // where UPnP devices listen
}

// finder returns how the method's gateway is found. It looks around anew at each search, as
// we may have come into another network.
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
