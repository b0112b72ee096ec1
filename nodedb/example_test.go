// SPDX-License-Identifier: Apache-2.0

package nodedb_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/nodedb"
)

// A node that answered is among those to ask first.
func Example() {
	db, err := nodedb.New(nil) // remembers until the end of the run
	if err != nil {
		panic(err)
	}
	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	node := enr.Node{Key: key.Public(), IP: netip.MustParseAddr("34.1.2.3"), TCP: 30303, UDP: 30303}
	now := time.Unix(1_700_000_000, 0)
	db.Update(node.ID(), func(e *nodedb.Entry) { e.Node, e.LastPong = node, now })

	for _, n := range db.Seeds(now.Add(time.Hour), 30) {
		fmt.Println(n.IP, n.UDP)
	}
	// Output: 34.1.2.3 30303
}
