// SPDX-License-Identifier: Apache-2.0

package v4_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// start runs a node on a socket of its own.
func start(ctx context.Context, n byte) (*v4.Node, enr.Node) {
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
	node, err := v4.New(v4.Config{Key: key, Conn: conn, Self: func() *enr.Record { return record }})
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

// A node that is known by its enode URL alone, without a record, is asked for its record.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a, _ := start(ctx, 1)
	_, other := start(ctx, 2)
	known, err := enr.ParseNode(other.URL())
	if err != nil {
		panic(err)
	}
	record, err := a.RequestRecord(ctx, known)
	for err != nil && ctx.Err() == nil { // UDP may lose a datagram, and a machine under load an answer
		record, err = a.RequestRecord(ctx, known)
	}
	fmt.Println("known before:", known.Record != nil)
	fmt.Println("its record has number", record.Seq())
	// Output:
	// known before: false
	// its record has number 7
}
