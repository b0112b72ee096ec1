// SPDX-License-Identifier: Apache-2.0

package kad_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/enr"
)

// A table hears of a node, and says what to do.
func Example() {
	now := time.Unix(1_700_000_000, 0)
	table := kad.New(now, kad.Config{Choose: func(int) int { return 0 }})
	node := kad.Contact{ID: enr.ID{0x80}, Node: enr.Node{IP: netip.MustParseAddr("34.1.1.1"), UDP: 30303}}
	for _, a := range table.OnHeard(now, node) {
		fmt.Println(a.Kind, a.Contact.Node.IP)
	}
	for _, a := range table.OnTick(now.Add(3 * time.Second)) {
		fmt.Println(a.Kind)
	}
	fmt.Println(kad.CheckRelay(netip.MustParseAddr("34.1.1.1"), netip.MustParseAddr("192.168.1.1")))
	// Output:
	// added 34.1.1.1
	// refresh
	// check
	// local address told from outside
}
