// SPDX-License-Identifier: Apache-2.0

package enr_test

import (
	"bytes"
	"fmt"
	"net/netip"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// Read a node as operators name it.
func ExampleParseNode() {
	n, err := enr.ParseNode("enode://1dd9d65c4552b5eb43d5ad55a2ee3f56c6cbc1c64a5c8d659f51fcd51bace243" +
		"51232b8d7821617d2b29b54b81cdefb9b3e9c37d7fd5f63270bcc9e1a6f6a439@[2001:db8::7]:30303?discport=30301")
	if err != nil {
		panic(err)
	}
	tcp, _ := n.TCPAddr()
	udp, _ := n.UDPAddr()
	fmt.Println(n.ID().Short(), tcp, udp)
	// Output: 3431c3939e1ee2a6 [2001:db8::7]:30303 [2001:db8::7]:30301
}

// Sign a record, and read it back from its text.
func ExampleBuilder() {
	key, err := ecc.ParsePrivateKey(bytes.Repeat([]byte{1}, 32)) // a real program draws it at random
	if err != nil {
		panic(err)
	}
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("192.168.1.5"))
	b.SetIP(netip.MustParseAddr("2001:db8::7"))
	b.SetUDP(30303)
	r, err := b.Sign(key, 1)
	if err != nil {
		panic(err)
	}
	again, err := enr.ParseText(r.Text())
	if err != nil {
		panic(err)
	}
	fmt.Println(again.Seq(), again.Keys())
	// Output: 1 [id ip ip6 secp256k1 udp]
}
