// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"strconv"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/enr"
)

// discoveryFlags say how to look for peers.
type discoveryFlags struct {
	off       option
	v4        option
	v5        option
	dns       option
	port      option
	bootnodes option
}

func (f *discoveryFlags) define(d definer) {
	d.yesOrNo(&f.off, "nodiscover", "do not look for peers, and do not answer those who do")
	d.yesOrNo(&f.v4, "discovery.v4", "look for peers by discovery v4")
	d.yesOrNo(&f.v5, "discovery.v5", "look for peers by discovery v5")
	d.yesOrNo(&f.dns, "discovery.dns", "look for peers in the chain's lists in DNS")
	for _, o := range []*option{&f.v4, &f.v5, &f.dns} {
		o.fallBack("true")
	}
	d.word(&f.port, "discovery.port", "PORT", "", "UDP port for discovery (default: that of --port)")
	d.words(&f.bootnodes, "bootnodes", "NODES", "", "whom to ask for peers first, in the forms of --peers (default: those of the chain)")
}

// findPeers reads the options about finding peers.
func (f *flags) findPeers(s *settings) (err error) {
	s.trustedOnly = f.trustedOnly.on()
	d := &s.discovery
	if f.discovery.off.on() || s.trustedOnly || s.dev {
		return nil
	}
	*d = ethpeer.Discovery{V4: f.discovery.v4.on(), V5: f.discovery.v5.on(), DNS: f.discovery.dns.on()}
	if d.Listen, err = f.discovery.listen(&f.addr, &f.port); err != nil {
		return err
	}
	if len(f.discovery.bootnodes.list()) > 0 {
		d.Bootnodes, err = parseBootnodes(&f.discovery.bootnodes)
	}
	return err
}

// listen returns the UDP address: the TCP one, unless there is a port of its own.
func (f *discoveryFlags) listen(addr, port *option) (string, error) {
	if f.port.text() == "" {
		return parseListen(addr, port)
	}
	n, err := parseNumber(&f.port, 0, 65535)
	if err != nil {
		return "", err
	}
	tcp, err := parseListen(addr, port)
	if err != nil {
		return "", err
	}
	host, _, err := net.SplitHostPort(tcp)
	if err != nil { // --addr none: no TCP, but questions go out from somewhere
		host = "0.0.0.0"
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}

// parseBootnodes reads nodes that can be asked for others.
func parseBootnodes(o *option) ([]enr.Node, error) {
	return parseNodes(o, func(where string, n enr.Node) error {
		if n.UDP == 0 || (n.Host == "" && !n.IP.IsValid()) {
			return fmt.Errorf("%s: node %s… has no UDP port to ask it at; write enode://KEY@HOST:PORT", where, n.ID().Short())
		}
		return nil
	})
}
