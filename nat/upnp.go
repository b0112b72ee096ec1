// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"time"

	"github.com/huin/goupnp"
	"github.com/huin/goupnp/dcps/internetgateway2"
	"github.com/huin/goupnp/soap"
)

// Error codes of UPnP (WANIPConnection:1, section 2.4).
const (
	noSuchEntry       = 714
	conflict          = 718
	onlyPermanentTime = 725
)

// findUPnP searches all our networks at once.
func (s surroundings) findUPnP(ctx context.Context) (Gateway, error) {
	var finders []finder
	for _, n := range s.networks {
		finders = append(finders, func(ctx context.Context) (Gateway, error) {
			return search(ctx, n, s.group, func(location *url.URL) (Gateway, error) {
				return describe(ctx, location, n.Addr())
			})
		})
	}
	g, err := race(ctx, finders)
	if err != nil {
		return nil, fmt.Errorf("no UPnP gateway was found (%w); switch UPnP on there, or forward the port there and use --nat extip:IP", err)
	}
	return g, nil
}

// A connection is what the services WANIPConnection and WANPPPConnection have in common.
type connection interface {
	GetServiceClient() *goupnp.ServiceClient
	GetExternalIPAddressCtx(ctx context.Context) (string, error)
	AddPortMappingCtx(ctx context.Context, remote string, external uint16, proto string, internal uint16, client string, enabled bool, description string, seconds uint32) error
	GetSpecificPortMappingEntryCtx(ctx context.Context, remote string, external uint16, proto string) (internal uint16, client string, enabled bool, description string, seconds uint32, err error)
	DeletePortMappingCtx(ctx context.Context, remote string, external uint16, proto string) error
}

// A upnpGateway is an Internet Gateway Device (UPnP IGD). One goroutine owns it.
type upnpGateway struct {
	host string
	own  netip.Addr // our address in its network
	conn connection
	last time.Time // when it was asked last
}

func (g *upnpGateway) String() string { return "the UPnP gateway " + g.host }

// call sends one request, after a pause since the last one: slow devices lose close requests.
func (g *upnpGateway) call(ctx context.Context, request func(context.Context) error) error {
	if err := pause(ctx, soapGap-time.Since(g.last)); err != nil {
		return plain(err)
	}
	ctx, cancel := context.WithTimeout(ctx, soapTimeout)
	defer cancel()
	err := request(ctx)
	g.last = time.Now()
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // the library keeps only its text
	}
	return soapError(err)
}

func (g *upnpGateway) ExternalIP(ctx context.Context) (ip netip.Addr, err error) {
	err = g.call(ctx, func(ctx context.Context) error {
		text, err := g.conn.GetExternalIPAddressCtx(ctx)
		if err != nil || text == "" {
			return err // no address = no connection, which the caller tells from ip
		}
		if ip, err = netip.ParseAddr(text); err != nil {
			return fmt.Errorf("it says that our address is %.40q", text)
		}
		return nil
	})
	return ip, err
}

// Map requests the wanted port, and other ports if it is taken (WANIPConnection:1, 2.4.16).
func (g *upnpGateway) Map(ctx context.Context, proto Proto, internal, wanted uint16, lifetime time.Duration) (Grant, error) {
	err := g.add(ctx, proto, internal, wanted, lifetime)
	if code(err) != conflict {
		return Grant{wanted, lifetime}, err
	}
	if v2, ok := g.conn.(*internetgateway2.WANIPConnection2); ok {
		var port uint16
		err = g.call(ctx, func(ctx context.Context) (err error) {
			port, err = v2.AddAnyPortMappingCtx(ctx, "", wanted, proto.String(), internal, g.own.String(), true, description, seconds(lifetime))
			return err
		})
		return Grant{port, lifetime}, err
	}
	for range maxAlternates {
		port := uint16(10_000 + rand.IntN(50_000))
		if err = g.add(ctx, proto, internal, port, lifetime); code(err) != conflict {
			return Grant{port, lifetime}, err
		}
	}
	return Grant{}, err
}

// add requests one port, with an unlimited lease if the device supports only those
// (OnlyPermanentLeasesSupported, WANIPConnection:1, 2.4.16); such a mapping is deleted at the end, too.
func (g *upnpGateway) add(ctx context.Context, proto Proto, internal, external uint16, lifetime time.Duration) error {
	ask := func(lifetime time.Duration) error {
		return g.call(ctx, func(ctx context.Context) error {
			return g.conn.AddPortMappingCtx(ctx, "", external, proto.String(), internal, g.own.String(), true, description, seconds(lifetime))
		})
	}
	err := ask(lifetime)
	if code(err) == onlyPermanentTime {
		err = ask(0)
	}
	return err
}

func seconds(d time.Duration) uint32 { return uint32(d / time.Second) }

// Unmap first reads the mapping's owner (WANIPConnection:1, 2.4.15): a device lets any host delete,
// and another host may own the port by now.
func (g *upnpGateway) Unmap(ctx context.Context, proto Proto, internal, external uint16) error {
	var port uint16
	var client string
	err := g.call(ctx, func(ctx context.Context) (err error) {
		port, client, _, _, _, err = g.conn.GetSpecificPortMappingEntryCtx(ctx, "", external, proto.String())
		return err
	})
	if code(err) == noSuchEntry || err == nil && (port != internal || client != g.own.String()) {
		return nil
	}
	err = g.call(ctx, func(ctx context.Context) error {
		return g.conn.DeletePortMappingCtx(ctx, "", external, proto.String())
	})
	if code(err) == noSuchEntry {
		return nil
	}
	return err
}

// A refusal is a device's SOAP error.
type refusal struct {
	code int
	text string
}

func (r *refusal) Error() string { return fmt.Sprintf("it refuses: error %d, %.100q", r.code, r.text) }

func soapError(err error) error {
	if fault, ok := errors.AsType[*soap.SOAPFaultError](err); ok {
		e := fault.Detail.UPnPError
		return &refusal{code: e.Errorcode, text: e.ErrorDescription}
	}
	return plain(err)
}

// code returns a refusal's code, or 0.
func code(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code
	}
	return 0
}
