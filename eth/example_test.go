// SPDX-License-Identifier: Apache-2.0

package eth_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// A counter is a role that counts the transactions that each peer sends.
type counter struct{}

// Kinds implements [eth.Role].
func (counter) Kinds() []wire.Kind { return []wire.Kind{wire.KindTransactions} }

// Open implements [eth.Role].
func (counter) Open(s *eth.Session) eth.Listener { return &count{session: s} }

// A count is what the role keeps for one session.
type count struct {
	session *eth.Session
	txs     int
}

// On implements [eth.Listener].
func (c *count) On(m wire.Message) error {
	c.txs += m.(*wire.Transactions).Len()
	c.session.Fail(errors.New("that is enough"))
	return nil
}

// Close implements [eth.Listener].
func (c *count) Close(cause error) { fmt.Println(c.txs, "transactions;", cause) }

// The protocol with one role, and a peer at the other end of a pipe. In a node, p2p/server opens
// a session for each connection.
func ExampleRole() {
	chain, _ := params.ByName("mainnet")
	protocol, err := eth.New(eth.Config{Chain: chain, Roles: []eth.Role{counter{}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ours, theirs := p2p.Pipe()
	peer, err := p2p.NewPeer(ours, p2p.Config{
		ID: enr.ID{1}, Hello: &p2p.Hello{Version: 5, Caps: []p2p.Cap{{Name: "eth", Version: 68}}},
		Protocols: []p2p.Protocol{protocol},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		status := protocol.Handshake(68).Append(nil) // they are on the same chain
		for _, m := range []p2p.Out{{Code: 16, Raw: status}, {Code: 16 + 2, Raw: []byte{0xc2, 0xc0, 0xc0}}} {
			if theirs.Queue(&m) != nil || theirs.Flush(deadline()) != nil {
				return
			}
		}
	}()
	go func() {
		for {
			if _, _, err := theirs.Read(deadline()); err != nil {
				return
			}
			theirs.Release()
		}
	}()
	_ = peer.Run(context.Background()) // its end is what Close was told
	// Output: 2 transactions; that is enough
}

// Two handshakes agree by their payloads; there is no connection.
func ExampleHandshake() {
	chain, _ := params.ByName("sepolia")
	protocol, err := eth.New(eth.Config{Chain: chain})
	if err != nil {
		fmt.Println(err)
		return
	}
	payload := protocol.Handshake(69).Append(nil)

	status, err := eth.Handshake{Version: 69}.Receive(0, payload)
	fmt.Println(status.NetworkID, status.Genesis == chain.GenesisHash, err)
	// Output: 11155111 true <nil>
}

func deadline() time.Time { return time.Now().Add(10 * time.Second) }
