// SPDX-License-Identifier: Apache-2.0

package dnstree_test

import (
	"fmt"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// A list with one node is signed for a domain, and its root is read back.
func Example() {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		panic(err)
	}
	var b enr.Builder
	b.SetTCP(30303)
	node, err := b.Sign(key, 1)
	if err != nil {
		panic(err)
	}
	url, texts := dnstree.Build(7, []*enr.Record{node}, nil).Publish(key, "nodes.example.org")
	fmt.Println(url.Domain, len(texts), "TXT entries")
	again, err := dnstree.ParseURL(url.String())
	fmt.Println(again == url, err)
	// Output:
	// nodes.example.org 3 TXT entries
	// true <nil>
}
