// SPDX-License-Identifier: Apache-2.0

package self_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
)

// A record follows what becomes known of us: each change is signed with the next number.
func Example() {
	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	record := self.New(self.Config{Key: key, Sequence: 40, Start: time.Unix(1_700_000_000, 0)})
	record.SetTCP(30303)
	record.SetExternal(netip.MustParseAddr("34.1.2.3"), 30303, 30303)
	tcp, _ := record.Record().TCP()
	fmt.Println(record.Node().IP, tcp, record.Record().Seq() > 40)
	// Output: 34.1.2.3 30303 true
}
