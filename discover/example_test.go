// SPDX-License-Identifier: Apache-2.0

package discover_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/ecc"
)

// A bootnode on loopback: a Host that answers until its context ends.
func ExampleHost() {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		panic(err)
	}
	host, err := discover.NewHost(discover.HostConfig{Config: discover.Config{Key: key, V4: true, V5: true, Listen: "127.0.0.1:0"}})
	if err != nil {
		panic(err)
	}
	if err := host.Open(); err != nil {
		panic(err)
	}
	fmt.Println("at", host.Node().IP, host.Node().UDP == host.Finder().Addr().Port())
	ctx, stop := context.WithCancel(context.Background())
	stop()
	fmt.Println(host.Run(ctx))
	// Output:
	// at 127.0.0.1 true
	// <nil>
}
