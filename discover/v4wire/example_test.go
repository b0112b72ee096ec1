// SPDX-License-Identifier: Apache-2.0

package v4wire_test

import (
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
)

func Example() {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), 1))
	if err != nil {
		panic(err)
	}
	now := time.Unix(1_700_000_000, 0)
	ask := &v4wire.Findnode{Target: [64]byte{1}, Expiration: now.Add(20 * time.Second).Unix()}
	datagram, hash, err := v4wire.Append(nil, key, ask)
	if err != nil {
		panic(err)
	}
	p, err := v4wire.Decode(datagram)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.Message.Type(), p.Sender == key.Public(), p.Hash == hash, v4wire.Expired(p.Message, now))
	// Output: Findnode true true false
}
