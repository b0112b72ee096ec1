// SPDX-License-Identifier: Apache-2.0

package dnstree_test

import (
	"fmt"
	"net/netip"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// Publish a list of one node, and read it back as a client does: the root first, then the
// entries that it names.
func Example() {
	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("203.0.113.5"))
	b.SetUDP(30303)
	record, _ := b.Sign(key, 1)
	url, texts := dnstree.Build(7, []*enr.Record{record}, nil).Publish(key, "nodes.example.org")
	fmt.Println(url)

	root, err := dnstree.FindRoot([]string{texts["nodes.example.org"]}, url.Key)
	if err != nil {
		panic(err)
	}
	entry, err := dnstree.ParseEntry(texts[root.Nodes.String()+".nodes.example.org"])
	if err != nil {
		panic(err)
	}
	fmt.Println("version", root.Seq)
	ip, _ := entry.(dnstree.Node).Record.IP4()
	fmt.Printf("%T at %v\n", entry, ip)
	// Output:
	// enrtree://AJ434ZT67HOLXLCVUBRJLTUHBMDQFG743MW44KGZLHZICWYW7ALZQ@nodes.example.org
	// version 7
	// dnstree.Node at 203.0.113.5
}
