// SPDX-License-Identifier: Apache-2.0

// in: the URL of a UPnP device's description · out: the gateway that it is

package nat

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/huin/goupnp"
	"github.com/huin/goupnp/dcps/internetgateway2"
)

// describe reads a device's description (UPnP Device Architecture 1.1, section 2.3) and returns
// the gateway of the first connection that is up.
func describe(ctx context.Context, location *url.URL, own netip.Addr) (Gateway, error) {
	root, err := readDescription(ctx, location)
	if err != nil {
		return nil, err
	}
	var second Gateway
	asked := time.Now()
	for _, c := range connections(root, location) {
		g := &upnpGateway{host: location.Hostname(), own: own, conn: c, last: asked}
		ip, err := g.ExternalIP(ctx)
		asked = g.last
		if err != nil {
			continue
		}
		if unfit("", ip) == nil {
			return g, nil
		}
		if second == nil {
			second = g
		}
	}
	if second == nil {
		return nil, fmt.Errorf("the device %s has no connection to the Internet that tells its address", location.Hostname())
	}
	return second, nil
}

func readDescription(ctx context.Context, location *url.URL) (*goupnp.RootDevice, error) {
	ctx, cancel := context.WithTimeout(ctx, soapTimeout)
	defer cancel()
	body, err := get(ctx, location)
	if err != nil {
		return nil, plain(err)
	}
	defer body.Close()
	root := new(goupnp.RootDevice)
	d := xml.NewDecoder(body)
	d.DefaultSpace = goupnp.DeviceXMLNamespace
	if err := d.Decode(root); err != nil {
		return nil, plain(err)
	}
	base := location
	if root.URLBaseStr != "" {
		if base, err = url.Parse(root.URLBaseStr); err != nil {
			return nil, plain(err)
		}
	}
	root.SetURLBase(base)
	return root, nil
}

// connections returns the device's connections, newest version first. It skips a connection whose
// control URL has another host than the device.
func connections(root *goupnp.RootDevice, location *url.URL) (all []connection) {
	add := func(c connection) {
		s := c.GetServiceClient()
		if s.Service.ControlURL.URL.Scheme != "http" || s.Service.ControlURL.URL.Hostname() != location.Hostname() || len(all) == maxServices {
			return
		}
		s.SOAPClient.HTTPClient = *httpClient()
		all = append(all, c)
	}
	// An error says that there is no such service.
	if cs, err := internetgateway2.NewWANIPConnection2ClientsFromRootDevice(root, location); err == nil {
		for _, c := range cs {
			add(c)
		}
	}
	if cs, err := internetgateway2.NewWANIPConnection1ClientsFromRootDevice(root, location); err == nil {
		for _, c := range cs {
			add(c)
		}
	}
	if cs, err := internetgateway2.NewWANPPPConnection1ClientsFromRootDevice(root, location); err == nil {
		for _, c := range cs {
			add(c)
		}
	}
	return all
}
