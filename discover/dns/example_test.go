// SPDX-License-Identifier: Apache-2.0

package dns_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/ethpeer/ethpeer/discover/dns"
	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// zone is a DNS in memory.
type zone map[string]string

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := z[name]; ok {
		return []string{text}, nil
	}
	return nil, errors.New("no such name")
}

func Example() {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		panic(err)
	}
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("34.1.1.1"))
	b.SetTCP(30303)
	node, err := b.Sign(key, 1)
	if err != nil {
		panic(err)
	}
	url, texts := dnstree.Build(1, []*enr.Record{node}, nil).Publish(key, "nodes.example.org")

	client, err := dns.New(dns.Config{Lists: []string{url.String()}, Resolver: zone(texts)})
	if err != nil {
		panic(err)
	}
	found, ok := client.Next(context.Background())
	fmt.Println(found.ID() == node.ID(), found.TCP, ok)
	// Output: true 30303 true
}
