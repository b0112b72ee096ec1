// SPDX-License-Identifier: Apache-2.0

package crawl_test

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/ethpeer/ethpeer/crawl"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// A crawl of three nodes that know each other. Without Visit, the nodes would be asked over the
// network.
func ExampleRun() {
	var nodes []enr.Node
	for i := range byte(3) {
		key, err := ecc.ParsePrivateKey([]byte{31: i + 1})
		if err != nil {
			panic(err)
		}
		nodes = append(nodes, enr.Node{Key: key.Public(), IP: netip.AddrFrom4([4]byte{192, 0, 2, i}), TCP: 30303, UDP: 30303})
	}
	report, err := crawl.Run(context.Background(), crawl.Config{
		Start: nodes[:1],
		Visit: func(_ context.Context, n enr.Node) crawl.Visit {
			return crawl.Visit{Node: n, Answered: true, Told: nodes}
		},
		Each:    func(v *crawl.Visit, p crawl.Progress) { fmt.Println(v.Node.IP, "names", len(v.Told), "nodes") },
		Workers: 1,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Known, "nodes:")
	for _, key := range crawl.Sorted(report.Reach) {
		fmt.Println(report.Reach[key], key)
	}
	// Output:
	// 192.0.2.0 names 3 nodes
	// 192.0.2.1 names 3 nodes
	// 192.0.2.2 names 3 nodes
	// 3 nodes:
	// 3 answers discovery
}
