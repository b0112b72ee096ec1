// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net"
	"strconv"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
)

// discoveryFlags say how to look for peers.
type discoveryFlags struct {
	off       option.Option
	v4        option.Option
	v5        option.Option
	dns       option.Option
	port      option.Option
	bootnodes option.Option
}

func (f *discoveryFlags) define(s *option.Set) {
	s.No(&f.off, "nodiscover", "do not look for peers, and answer no discovery requests")
	s.Yes(&f.v4, "discovery.v4", "look for peers by discovery v4")
	s.Yes(&f.v5, "discovery.v5", "look for peers by discovery v5")
	s.Yes(&f.dns, "discovery.dns", "look for peers in lists in DNS: those of the chain, or the enrtree:// URLs of --bootnodes")
	s.Word(&f.port, "discovery.port", "PORT", "", "UDP port for discovery (default: that of --port)")
	s.Words(&f.bootnodes, "bootnodes", "NODES", "", "nodes to ask for peers first, in the forms of --peers, and enrtree:// URLs; an empty value means none (default: those of the chain)")
}

// findPeers reads the options about finding peers.
func (f *flags) findPeers(s *settings) (err error) {
	s.trustedOnly = f.trustedOnly.On()
	d := &s.discovery
	if f.discovery.off.On() || s.trustedOnly || s.dev {
		return nil
	}
	*d = ethpeer.Discovery{V4: f.discovery.v4.On(), V5: f.discovery.v5.On(), DNS: f.discovery.dns.On()}
	if d.Listen, err = f.discovery.listen(&f.addr, &f.port); err != nil {
		return err
	}
	o := &f.discovery.bootnodes
	if d.Bootnodes, d.Lists, err = option.Bootnodes(o); err != nil {
		return err
	}
	if len(d.Lists) > 0 && !d.DNS {
		return o.Wrong(d.Lists[0], "nodes only, because --discovery.dns is off")
	}
	return nil
}

// listen returns the UDP address: that of TCP, unless UDP has a port of its own.
func (f *discoveryFlags) listen(addr, port *option.Option) (string, error) {
	tcp, err := option.Listen(addr, port)
	if err != nil || f.port.Text() == "" {
		return tcp, err
	}
	n, err := option.Number(&f.port, 0, 65535)
	if err != nil {
		return "", err
	}
	host, _, err := net.SplitHostPort(tcp)
	if err != nil { // --addr none: no TCP, but UDP needs an address to send from
		host = "0.0.0.0"
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}
