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

// One node asks another, which does not know it yet: a handshake, then the message arrives.
func Example() {
	node := func(n byte) (*v5wire.Codec, enr.Node) {
		key, err := ecc.ParsePrivateKey(append(make([]byte, 31), n))
		if err != nil {
			panic(err)
		}
		var b enr.Builder
		b.SetUDP(30303)
		record, err := b.Sign(key, 1)
		if err != nil {
			panic(err)
		}
		return v5wire.NewCodec(rand.Reader, key, record), record.Node()
	}
	a, nodeA := node(1)
	b, nodeB := node(2)
	atA, atB := netip.MustParseAddrPort("34.1.1.1:30303"), netip.MustParseAddrPort("34.2.2.2:30303")
	now := time.Now()
	ping := &v5wire.Ping{ID: v5wire.RequestIDOf([]byte{1}), ENRSeq: 1}

	first, _, _ := a.AppendMessage(nil, nodeB.ID(), atB, ping)
	p, _ := b.Decode(now, atA, first)
	fmt.Println("readable:", p.Message != nil)
	whoareyou, _ := b.AppendWhoareyou(nil, now, p.From, atA, p.Nonce, nil)
	p, _ = a.Decode(now, atB, whoareyou)
	second, _, _ := a.AppendHandshake(nil, nodeB, atB, p.Challenge, ping)
	p, err := b.Decode(now, atA, second)
	fmt.Println(p.Message.Kind(), p.From == nodeA.ID(), err)
	// Output:
	// readable: false
	// Ping true <nil>
}
