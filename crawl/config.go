// SPDX-License-Identifier: Apache-2.0

package crawl

import (
	"context"
	"crypto/rand"
	"net"
	"net/netip"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// DefaultWorkers is used when Config.Workers is 0.
const DefaultWorkers = 32

// Config says how to crawl. [Run] copies it.
type Config struct {
	// Start is the nodes to begin with. Host names are looked up, and their addresses tried in
	// turn.
	Start []enr.Node

	// Lists are enrtree:// URLs of DNS lists (EIP-1459), at most 16. Up to 64 of their nodes are
	// read before the crawl, at three DNS lookups a second, and added to Start.
	Lists []string

	// Each is called with each visit as it ends, one after the other. Nil is called for none.
	Each func(v *Visit, p Progress)

	Workers int // how many nodes are visited at a time; 0 means DefaultWorkers

	Key    *ecc.PrivateKey // the identity of the crawler; nil draws a new one
	Client string          // the client name in our Hello; "" means ethpeer

	// Listen is the UDP address to ask from, as host:port; port 0 takes any free one. Empty
	// means any free port of 0.0.0.0.
	Listen string

	// Restrict limits the nodes that are visited to these networks, those of Start apart.
	// Empty means no limit.
	Restrict []netip.Prefix

	NoDiscovery bool // ask nothing over UDP: only the nodes of Start are visited
	NoProbe     bool // ask nothing over TCP

	// Visit visits a node in place of all that. Several goroutines call it; it must return soon
	// after ctx has ended.
	Visit func(ctx context.Context, n enr.Node) Visit

	conn   discover.Socket // of tests; nil means UDP
	lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	txt    interface { // TXT records; nil means the system's
		LookupTXT(ctx context.Context, name string) ([]string, error)
	}
}

func (c Config) complete() (Config, error) {
	if c.Workers <= 0 {
		c.Workers = DefaultWorkers
	}
	if c.Client == "" {
		c.Client = "ethpeer"
	}
	if c.Listen == "" {
		c.Listen = net.JoinHostPort(netip.IPv4Unspecified().String(), "0")
	}
	if c.Key == nil && c.Visit == nil {
		var err error
		if c.Key, err = ecc.NewPrivateKey(rand.Reader); err != nil {
			return c, err
		}
	}
	return c, nil
}
