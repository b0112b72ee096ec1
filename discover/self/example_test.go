// SPDX-License-Identifier: Apache-2.0

package self_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
)

func Example() {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		panic(err)
	}
	record := self.New(self.Config{Key: key, Start: time.UnixMilli(1000)})
	record.SetUDP(30303)
	record.SetFallback(netip.MustParseAddr("127.0.0.1"))
	r := record.Record()
	fmt.Println(r.Seq(), r.Node().IP, r.Node().UDP)
	record.SetExternal(netip.MustParseAddr("34.1.1.1"), 0, 0) // the operator knows better
	r = record.Record()
	fmt.Println(r.Seq(), r.Node().IP, r.Node().UDP)
	// Output:
	// 1001 127.0.0.1 30303
	// 1002 34.1.1.1 30303
}
