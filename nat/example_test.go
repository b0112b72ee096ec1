// SPDX-License-Identifier: Apache-2.0

package nat_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/nat"
)

func ExampleRun() {
	method, err := nat.Parse("extip:34.1.1.1")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = nat.Run(context.Background(), nat.Config{
		Method:  method,
		Ports:   nat.Ports{TCP: 30303, UDP: 30303},
		Changed: func(e nat.External) { fmt.Println("others reach us at", e.IP) },
		Trouble: func(err error) { fmt.Println(err) },
	})
	fmt.Println(err)
	// Output:
	// others reach us at 34.1.1.1
	// <nil>
}

func ExampleParse() {
	_, err := nat.Parse("203.0.113.5")
	fmt.Println(err)
	// Output: nat: 203.0.113.5 is an address, not a method; write extip:203.0.113.5
}
