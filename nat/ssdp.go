// SPDX-License-Identifier: Apache-2.0

// in: answers to a search in one network · out: URLs of device descriptions

package nat

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// ssdpGroup is the multicast address of searches (UPnP Device Architecture 1.1, section 1.3.2).
var ssdpGroup = netip.MustParseAddrPort("239.255.255.250:1900")

// targets are what is searched for: gateways, and their services for those that answer only
// to these. Devices of version 2 answer to searches for version 1.
var targets = []string{
	"urn:schemas-upnp-org:device:InternetGatewayDevice:1",
	"urn:schemas-upnp-org:service:WANIPConnection:1",
	"urn:schemas-upnp-org:service:WANPPPConnection:1",
}

const (
	ssdpRounds   = 2 // searches for each target: datagrams get lost
	ssdpRoundGap = 500 * time.Millisecond
)

// search sends searches from our address in one network, and calls try for each device that
// answers until one is good. goupnp's own search is not used: it keeps any number of answers,
// writes to the process's log, and has a fixed destination.
func search(ctx context.Context, network netip.Prefix, to netip.AddrPort, try func(*url.URL) (Gateway, error)) (Gateway, error) {
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(network.Addr(), 0)))
	if err != nil {
		return nil, plain(err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	g, err := searchOn(conn, network, to, try)
	if g == nil && ctx.Err() != nil {
		err = ctx.Err() // and not that conn was closed for it
	}
	return g, plain(err)
}

// searchOn searches until a gateway is good, time is up, or conn is closed.
func searchOn(conn *net.UDPConn, network netip.Prefix, to netip.AddrPort, try func(*url.URL) (Gateway, error)) (Gateway, error) {
	failed := errors.New("no UPnP gateway answers")
	end := time.Now().Add(ssdpTimeout)
	round, seen := 0, map[string]bool{}
	buf := make([]byte, maxDatagram)
	for next := time.Now(); ; {
		now := time.Now()
		switch {
		case !now.Before(end):
			return nil, failed
		case round < ssdpRounds && !now.Before(next):
			if err := sendSearch(conn, to); err != nil {
				return nil, err
			}
			round, next = round+1, now.Add(ssdpRoundGap)
		}
		until := end
		if round < ssdpRounds {
			until = next
		}
		conn.SetReadDeadline(until)
		n, by, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			return nil, err
		}
		location, err := parseAnswer(buf[:n], by.Addr().Unmap(), network)
		if err != nil || seen[location.String()] || len(seen) == maxLocations {
			continue
		}
		seen[location.String()] = true
		g, err := try(location)
		if err == nil {
			return g, nil
		}
		failed = err
	}
}

func sendSearch(conn *net.UDPConn, to netip.AddrPort) error {
	for _, target := range targets {
		text := fmt.Sprintf("M-SEARCH * HTTP/1.1\r\nHOST: %v\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: %s\r\n\r\n", to, target)
		if _, err := conn.WriteToUDPAddrPort([]byte(text), to); err != nil {
			return err
		}
	}
	return nil
}

// parseAnswer returns the URL of the description of the device that answers (UPnP Device
// Architecture 1.1, section 1.3.3). Its host must be the answer's source address, in the network
// that was searched, so that no device can make us send a request to another host.
func parseAnswer(datagram []byte, by netip.Addr, network netip.Prefix) (*url.URL, error) {
	if !network.Contains(by) {
		return nil, errors.New("it is in another network")
	}
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(datagram)), nil)
	if err != nil {
		return nil, err
	}
	r.Body.Close()
	u, err := url.Parse(r.Header.Get("Location"))
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(u.Hostname()); r.StatusCode != http.StatusOK || u.Scheme != "http" || err != nil || ip != by {
		return nil, errors.New("it refers to another host")
	}
	return u, nil
}
