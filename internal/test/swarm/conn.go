// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// Message codes of devp2p itself, and where eth's begin if it is the only protocol.
const (
	CodeDisconnect = 0x01
	CodePing       = 0x02
	CodePong       = 0x03
	CodeEth        = 0x10
)

// patience is how long a Conn waits for the node to take or say something: longer than
// the node's own patience, so that it is always the node that gives up.
const patience = time.Minute

// A Conn is a peer's end of a connection to the node. It checks nothing.
type Conn struct {
	chain   *params.Chain
	version wire.Version
	t       p2p.Transport
	turn    chan struct{} // held by who writes

	ended chan struct{}
	cause error // why the node ended the connection, once ended is closed
}

// Version returns the eth version that was negotiated.
func (c *Conn) Version() wire.Version { return c.version }

// Say sends a message and returns when the node has taken it. Several goroutines may.
func (c *Conn) Say(code uint64, payload []byte) error {
	c.turn <- struct{}{} // a mutex would stop the bubble's clock
	defer func() { <-c.turn }()
	if err := c.t.Queue(&p2p.Out{Code: code, Raw: payload}); err != nil {
		return err
	}
	return c.t.Flush(time.Now().Add(patience))
}

// Tell sends an eth message.
func (c *Conn) Tell(kind wire.Kind, payload []byte) error {
	return c.Say(CodeEth+kind.Row().Code, payload)
}

// Greet sends a Status that suits the node, of a peer that has the genesis block.
func (c *Conn) Greet() error {
	return c.Tell(wire.KindStatus, c.Status().Append(nil, c.version))
}

// Status returns what Greet says.
func (c *Conn) Status() *wire.Status {
	return &wire.Status{
		Version: c.version, NetworkID: c.chain.NetworkID, TD: c.chain.GenesisDifficulty,
		Head: c.chain.GenesisHash, Genesis: c.chain.GenesisHash, ForkID: c.chain.ForkID(0, c.chain.GenesisTime),
	}
}

// Read returns the node's next message, whose payload is good until the next call. Only
// one goroutine may call it.
func (c *Conn) Read() (code uint64, payload []byte, err error) {
	return c.t.Read(time.Now().Add(patience))
}

// Discard reads and forgets what the node says, until the connection ends.
func (c *Conn) Discard() {
	for {
		if _, _, err := c.Read(); err != nil {
			return
		}
	}
}

// Close closes the connection without a word.
func (c *Conn) Close() { _ = c.t.Close() }

// Ended reports whether the node is through with the connection.
func (c *Conn) Ended() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// Cause waits until the node is through with the connection and returns why it ended.
func (c *Conn) Cause() error {
	<-c.ended
	return c.cause
}
