// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// Message codes of the base protocol, and the first code of eth if eth is the only other protocol
// (devp2p/rlpx.md#message-id-based-multiplexing).
const (
	CodeDisconnect = 0x01
	CodePing       = 0x02
	CodePong       = 0x03
	CodeEth        = 0x10
)

// Limits of a Conn's waits for the node. They exceed the node's own limits, so that it is always
// the node that gives up.
const (
	writeTimeout = time.Minute
	readTimeout  = time.Hour
)

// A Conn is a peer's end of a connection to the node. It checks nothing, so the test may say
// anything, however wrong.
type Conn struct {
	chain   *params.Chain
	version wire.Version
	pipe    p2p.Transport
	turn    chan struct{} // a writer holds it

	ended chan struct{}
	cause error // why the node ended the connection, once ended is closed
	over  bool  // over a stream: Read notices the end

	Other enr.ID // the node's, where the Conn is over a stream
}

// Version returns the eth version that was negotiated.
func (c *Conn) Version() wire.Version { return c.version }

// Say sends a message and returns when the node has taken it. Several goroutines may call it.
func (c *Conn) Say(code uint64, payload []byte) error {
	c.turn <- struct{}{} // a mutex would stop the bubble's clock
	defer func() { <-c.turn }()
	if err := c.pipe.Queue(&p2p.Out{Code: code, Raw: payload}); err != nil {
		return err
	}
	return c.pipe.Flush(time.Now().Add(writeTimeout))
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
	code, payload, err = c.pipe.Read(time.Now().Add(readTimeout))
	if err != nil && c.over && !c.Ended() {
		c.cause = err
		close(c.ended)
	}
	return code, payload, err
}

// Discard reads and drops the messages of the node until the connection ends.
func (c *Conn) Discard() {
	for {
		if _, _, err := c.Read(); err != nil {
			return
		}
	}
}

// Close closes the connection without a Disconnect.
func (c *Conn) Close() { _ = c.pipe.Close() }

// Ended reports whether the node has ended the connection.
func (c *Conn) Ended() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// Cause waits until the node has ended the connection and returns why.
func (c *Conn) Cause() error {
	<-c.ended
	return c.cause
}
