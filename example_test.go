// SPDX-License-Identifier: Apache-2.0

package ethpeer_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// Watch the embedded network: five peers in this process, over real connections.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	network, err := devnet.New(devnet.Config{})
	if err != nil {
		panic(err)
	}
	ready, networkEnded := make(chan struct{}), make(chan error, 1)
	go func() { networkEnded <- network.Run(ctx, func() { close(ready) }) }()
	<-ready

	node, err := ethpeer.New(ethpeer.Config{Chain: network.Chain(), Static: network.Nodes()})
	if err != nil {
		panic(err)
	}
	events, ended := node.Subscribe(nil, 0), make(chan error, 1)
	go func() { ended <- node.Run(ctx) }()

	var tx, block bool
	for e := range events.All(nil) {
		switch e := e.(type) {
		case event.Tx:
			if !tx {
				fmt.Println("a transaction, with", len(e.Hash), "bytes of hash")
			}
			tx = true
		case event.Block:
			block = true
		}
		if tx && block {
			cancel() // and the subscription will end
		}
	}
	fmt.Println("a block:", block)
	fmt.Println(<-ended, <-networkEnded)
	// Output:
	// a transaction, with 32 bytes of hash
	// a block: true
	// <nil> <nil>
}

// Speak a protocol of your own beside eth, on the same connection.
func ExampleConfig_protocols() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	said := make(chan string)
	greet := func(_ context.Context, _ *p2p.Peer, rw p2p.MsgReadWriter) error {
		if err := rw.WriteMsg(p2p.Msg{Code: 0, Payload: []byte("\x85hello")}); err != nil {
			return err
		}
		msg, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		said <- string(msg.Payload[1:])
		<-ctx.Done() // to return would end the connection
		return nil
	}
	chain, _ := params.ByName("mainnet")
	ended, enode := make(chan error, 2), make(chan string, 1)
	start := func(listen string, static ...enr.Node) {
		node, err := ethpeer.New(ethpeer.Config{
			Chain: chain, Listen: listen, Static: static,
			Protocols: []p2p.Protocol{p2p.RunProtocol("greet", 1, 1, greet)},
			Ready:     func(url string) { enode <- url },
		})
		if err != nil {
			panic(err)
		}
		go func() { ended <- node.Run(ctx) }()
	}
	start("127.0.0.1:0")
	first, err := enr.ParseNode(<-enode)
	if err != nil {
		panic(err)
	}
	start("", first)

	fmt.Println(<-said)
	fmt.Println(<-said)
	cancel()
	fmt.Println(<-ended, <-ended)
	// Output:
	// hello
	// hello
	// <nil> <nil>
}
