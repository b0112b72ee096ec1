// SPDX-License-Identifier: Apache-2.0

package kad_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/kad"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// A node that was heard of is an entry of the table once it answered a check.
func Example() {
	node := func(secret byte) enr.Node {
		key, _ := ecc.ParsePrivateKey([]byte{31: secret})
		return enr.Node{Key: key.Public(), IP: netip.AddrFrom4([4]byte{34, 1, 2, secret}), UDP: 30303, TCP: 30303}
	}
	us, them := node(1), kad.NewContact(node(2))
	now := time.Unix(1_700_000_000, 0)
	table := kad.New(now, kad.Config{Self: us.ID(), Choose: func(int) int { return 0 }})

	table.OnHeard(now, them)
	table.OnAlive(now, them)
	for _, c := range table.Closest(us.ID()) {
		fmt.Println(c.Node.IP, "at distance", kad.LogDist(us.ID(), c.ID))
	}
	// Output: 34.1.2.2 at distance 254
}
