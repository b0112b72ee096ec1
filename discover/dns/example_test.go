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

// fixed is a resolver that knows the texts of one list. Without one, the system's is asked.
type fixed map[string]string

func (f fixed) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := f[name]; ok {
		return []string{text}, nil
	}
	return nil, errors.New("no such name")
}

// Read a list, and take the nodes from it one after the other.
func Example() {
	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("203.0.113.5"))
	b.SetUDP(30303)
	record, _ := b.Sign(key, 1)
	url, texts := dnstree.Build(1, []*enr.Record{record}, nil).Publish(key, "nodes.example.org")

	client, err := dns.New(dns.Config{Lists: []string{url.String()}, Resolver: fixed(texts)})
	if err != nil {
		panic(err)
	}
	node, ok := client.Next(context.Background())
	fmt.Println(node.IP, node.UDP, ok)
	// Output: 203.0.113.5 30303 true
}
