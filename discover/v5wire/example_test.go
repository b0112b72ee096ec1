// SPDX-License-Identifier: Apache-2.0

package v5wire_test

import (
	"crypto/rand"
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5wire"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// Two nodes without a session: the first message cannot be read and is answered with
// WHOAREYOU; the message comes again, with a handshake.
func Example() {
	newCodec := func(secret byte) (*v5wire.Codec, *enr.Record) {
		key, _ := ecc.ParsePrivateKey([]byte{31: secret})
		record, _ := new(enr.Builder).Sign(key, 1)
		return v5wire.NewCodec(rand.Reader, key, record), record
	}
	alice, aliceRecord := newCodec(1)
	bob, bobRecord := newCodec(2)
	aliceAt, bobAt := netip.MustParseAddrPort("203.0.113.1:30303"), netip.MustParseAddrPort("203.0.113.2:30303")
	now, ping := time.Unix(1_700_000_000, 0), &v5wire.Ping{ENRSeq: 1}

	datagram, _, _ := alice.AppendMessage(nil, bobRecord.ID(), bobAt, ping)
	packet, _ := bob.Decode(now, aliceAt, datagram)
	fmt.Println("bob can read it:", packet.Message != nil)

	datagram, _ = bob.AppendWhoareyou(nil, now, packet.From, aliceAt, packet.Nonce, nil)
	packet, _ = alice.Decode(now, bobAt, datagram)
	datagram, _, _ = alice.AppendHandshake(nil, bobRecord.Node(), bobAt, packet.Challenge, ping)
	packet, err := bob.Decode(now, aliceAt, datagram)
	fmt.Printf("bob reads a %T of alice: %v %v\n", packet.Message, packet.From == aliceRecord.ID(), err)
	// Output:
	// bob can read it: false
	// bob reads a *v5wire.Ping of alice: true <nil>
}
