// SPDX-License-Identifier: Apache-2.0

package v4wire_test

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
	"github.com/ethpeer/ethpeer/ecc"
)

// Write a ping, and read it as the node does that gets it.
func Example() {
	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	now := time.Unix(1_700_000_000, 0)
	datagram, hash, err := v4wire.Append(nil, key, &v4wire.Ping{
		Version:    v4wire.Version,
		To:         v4wire.Endpoint{IP: netip.MustParseAddr("203.0.113.5"), UDP: 30303},
		Expiration: now.Add(20 * time.Second).Unix(),
		ENRSeq:     7,
	})
	if err != nil {
		panic(err)
	}
	packet, err := v4wire.Decode(datagram)
	if err != nil {
		panic(err)
	}
	ping := packet.Message.(*v4wire.Ping)
	fmt.Println(packet.Sender == key.Public(), packet.Hash == hash, v4wire.Expired(ping, now))
	fmt.Println("record", ping.ENRSeq, "to", ping.To.IP)
	// Output:
	// true true false
	// record 7 to 203.0.113.5
}
