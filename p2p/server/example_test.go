// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/p2p/server"
)

// Two servers on the loopback interface: the second one keeps a connection to the first, and
// both speak a protocol of ours.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	met := make(chan string, 2)
	protocol := p2p.RunProtocol("greet", 1, 1, func(ctx context.Context, p *p2p.Peer, _ p2p.MsgReadWriter) error {
		met <- fmt.Sprint(p.Shared())
		<-ctx.Done() // to return would end the connection
		return nil
	})
	ready, ended := make(chan enr.Node, 1), make(chan error, 2)
	start := func(secret byte, listen string, static ...enr.Node) {
		key, _ := ecc.ParsePrivateKey([]byte{31: secret})
		s, err := server.New(server.Config{
			Key: key, Client: "example", Protocols: []p2p.Protocol{protocol}, Listen: listen, Static: static,
			Ready: func(self enr.Node) { ready <- self },
		})
		if err != nil {
			panic(err)
		}
		go func() { ended <- s.Run(ctx) }()
	}
	start(1, "127.0.0.1:0")
	start(2, "", <-ready)
	fmt.Println(<-met, "and", <-met)
	cancel()
	fmt.Println(<-ended, <-ended)
	// Output:
	// [greet/1] and [greet/1]
	// <nil> <nil>
}
