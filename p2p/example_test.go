// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer/p2p"
)

// connect runs two peers over a pipe, each with its protocols, until both have ended.
func connect(ours, theirs []p2p.Protocol) {
	a, b := p2p.Pipe()
	ended := make(chan error)
	run := func(t p2p.Transport, speaks, hears []p2p.Protocol) {
		peer, err := p2p.NewPeer(t, p2p.Config{
			Hello:     &p2p.Hello{Version: p2p.BaseVersion, Client: "example", Caps: p2p.Caps(hears)},
			Protocols: speaks,
		})
		if err == nil {
			err = peer.Run(context.Background())
		}
		ended <- err
	}
	go run(a, ours, theirs)
	go run(b, theirs, ours)
	<-ended
	<-ended
}

// A protocol is a function that reads and writes messages. Two nodes chat: one speaks
// first, the other answers, and the first to have heard enough leaves.
func ExampleRunProtocol() {
	const say = 0
	alice := func(_ context.Context, _ *p2p.Peer, rw p2p.MsgReadWriter) error {
		if err := rw.WriteMsg(p2p.Msg{Code: say, Payload: []byte("hello, who is there?")}); err != nil {
			return err
		}
		answer, err := rw.ReadMsg()
		if err != nil {
			return err
		}
		fmt.Printf("alice heard: %s\n", answer.Payload)
		return nil // she says goodbye
	}
	bob := func(ctx context.Context, _ *p2p.Peer, rw p2p.MsgReadWriter) error {
		defer func() { fmt.Println("bob's connection ended:", context.Cause(ctx)) }()
		for {
			m, err := rw.ReadMsg()
			if err != nil {
				return nil // io.EOF: the connection has ended
			}
			fmt.Printf("bob heard: %s\n", m.Payload)
			// Alice may leave as soon as she has the answer, before we know that she has it.
			if err := rw.WriteMsg(p2p.Msg{Code: say, Payload: []byte("it is bob")}); err != nil {
				return nil
			}
		}
	}
	connect(
		[]p2p.Protocol{p2p.RunProtocol("chat", 1, 1, alice)},
		[]p2p.Protocol{p2p.RunProtocol("chat", 1, 1, bob)},
	)
	// Output:
	// bob heard: hello, who is there?
	// alice heard: it is bob
	// bob's connection ended: peer said: client quitting
}

// Several protocols share a connection. Each counts its message codes from zero, and
// none knows of the others; a protocol that only one side speaks does not run.
func ExampleRunProtocol_beside() {
	hung := make(chan struct{}) // closed when both have their answers
	ask := func(question string, done chan<- struct{}) func(context.Context, *p2p.Peer, p2p.MsgReadWriter) error {
		return func(_ context.Context, p *p2p.Peer, rw p2p.MsgReadWriter) error {
			if err := rw.WriteMsg(p2p.Msg{Code: 0, Payload: []byte(question)}); err != nil {
				return err
			}
			m, err := rw.ReadMsg()
			if err != nil {
				return err
			}
			fmt.Printf("%s answered: %s\n", question, m.Payload)
			close(done)
			<-hung
			return nil
		}
	}
	answer := func(with string) func(context.Context, *p2p.Peer, p2p.MsgReadWriter) error {
		return func(_ context.Context, p *p2p.Peer, rw p2p.MsgReadWriter) error {
			for {
				m, err := rw.ReadMsg()
				if err != nil {
					return nil
				}
				if err := rw.WriteMsg(p2p.Msg{Code: m.Code + 1, Payload: []byte(with)}); err != nil {
					return nil
				}
			}
		}
	}
	// The second question waits for the first, so that the output has an order.
	first, second := make(chan struct{}), make(chan struct{})
	weather := ask("weather", second)
	ours := []p2p.Protocol{
		p2p.RunProtocol("time", 2, 2, ask("time", first)),
		p2p.RunProtocol("weather", 1, 2, func(ctx context.Context, p *p2p.Peer, rw p2p.MsgReadWriter) error {
			<-first
			fmt.Println("both run on this connection:", p.Shared())
			return weather(ctx, p, rw)
		}),
	}
	theirs := []p2p.Protocol{
		p2p.RunProtocol("weather", 1, 2, answer("sunny")),
		p2p.RunProtocol("time", 2, 2, answer("noon")),
		p2p.RunProtocol("news", 1, 2, answer("none")),
	}
	go func() { <-second; close(hung) }()
	connect(ours, theirs)
	// Output:
	// time answered: noon
	// both run on this connection: [time/2 weather/1]
	// weather answered: sunny
}
