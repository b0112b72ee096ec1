// SPDX-License-Identifier: Apache-2.0

package v4_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/ethpeer/ethpeer/discover/v4"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// Two nodes on the loopback interface: one pings the other, and gets the sequence number of
// its record.
func ExampleNode_Ping() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 2)
	start := func(secret byte, seq uint64) (*v4.Node, *enr.Record) {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			panic(err)
		}
		context.AfterFunc(ctx, func() { conn.Close() })
		key, _ := ecc.ParsePrivateKey([]byte{31: secret})
		var b enr.Builder
		b.SetIP(netip.MustParseAddr("127.0.0.1"))
		b.SetUDP(conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
		record, _ := b.Sign(key, seq)
		node, err := v4.New(v4.Config{Key: key, Conn: conn, Self: func() *enr.Record { return record }})
		if err != nil {
			panic(err)
		}
		go func() { ended <- node.Run(ctx) }()
		go func() {
			buf := make([]byte, 1280)
			for {
				n, from, err := conn.ReadFromUDPAddrPort(buf)
				if err != nil {
					return
				}
				node.Deliver(netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), buf[:n])
			}
		}()
		return node, record
	}
	one, _ := start(1, 5)
	_, other := start(2, 6)
	fmt.Println(one.Ping(ctx, other.Node()))
	cancel()
	fmt.Println(<-ended, <-ended)
	// Output:
	// 6 <nil>
	// <nil> <nil>
}
