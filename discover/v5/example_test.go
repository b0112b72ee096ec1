// SPDX-License-Identifier: Apache-2.0

package v5_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v5"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// start runs a node on a socket of its own.
func start(ctx context.Context, n byte) (*v5.Node, enr.Node) {
	key, err := ecc.ParsePrivateKey(append(make([]byte, 31), n))
	if err != nil {
		panic(err)
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("127.0.0.1"))
	b.SetUDP(conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
	record, err := b.Sign(key, 7)
	if err != nil {
		panic(err)
	}
	echo := func(_ enr.ID, _ netip.AddrPort, data []byte) []byte { return data }
	node, err := v5.New(v5.Config{
		Key: key, Conn: conn, Self: func() *enr.Record { return record }, Talk: map[string]v5.TalkHandler{"echo": echo},
	})
	if err != nil {
		panic(err)
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	go func() { _ = node.Run(ctx) }()
	go func() {
		b := make([]byte, 1281)
		for {
			size, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			node.Deliver(from, b[:size])
		}
	}()
	return node, record.Node()
}

// A request of another protocol, carried by TALKREQ.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a, _ := start(ctx, 1)
	_, other := start(ctx, 2)
	answer, err := a.TalkRequest(ctx, other, "echo", []byte("hello"))
	for err != nil && ctx.Err() == nil { // UDP may lose a datagram, and a machine under load an answer
		answer, err = a.TalkRequest(ctx, other, "echo", []byte("hello"))
	}
	fmt.Printf("%s %v\n", answer, err)
	none, err := a.TalkRequest(ctx, other, "unknown protocol", nil)
	for err != nil && ctx.Err() == nil {
		none, err = a.TalkRequest(ctx, other, "unknown protocol", nil)
	}
	fmt.Println(len(none), err)
	// Output:
	// hello <nil>
	// 0 <nil>
}
