// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"crypto/rand"
	"errors"
	"io"
	"net/netip"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// A Conn writes datagrams; a *net.UDPConn is one. It must be safe for concurrent use.
type Conn interface {
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

// Config describes the local node and receives what it learns. New copies it.
type Config struct {
	Key  *ecc.PrivateKey    // required
	Conn Conn               // required
	Self func() *enr.Record // required: returns the current local record (EIP-868). Must not block

	Bootnodes []enr.Node                     // the first nodes of a refresh; those without an address are left out
	Seeds     func(now time.Time) []enr.Node // more of them, called at each refresh; may be nil
	Restrict  []netip.Prefix                 // the networks that nodes may be in; empty: all

	// What the node learns. The loop calls these functions; they must not block, and may be nil.
	Stored func(now time.Time, n enr.Node)                             // n has passed more than 5 checks of the table
	Alive  func(now time.Time, n enr.Node)                             // n has just passed a check
	Stated func(now time.Time, by netip.Addr, endpoint netip.AddrPort) // the recipient endpoint of a pong (devp2p/discv4.md#pong-packet-0x02)

	// Clock receives how far the local clock is ahead of the node at an address. The difference is computed from the expiration
	// of a packet, which deployed clients set to 20 s. May be nil.
	Clock func(now time.Time, by netip.Addr, ahead time.Duration)

	Record event.Recorder // may be nil
	Rand   io.Reader      // nil = crypto/rand
}

// Errors of a request.
var (
	ErrTimeout   = errors.New("v4: no answer")
	ErrNoAddress = errors.New("v4: the node has no IP address or no UDP port")
	ErrSelf      = errors.New("v4: the node is ourselves")
	ErrBusy      = errors.New("v4: too many requests are under way")
	ErrRecord    = errors.New("v4: the record is not valid, or not the node's")
)

func (c Config) complete() (Config, error) {
	if c.Key == nil || c.Conn == nil || c.Self == nil {
		return c, errors.New("v4: a Node needs a Key, a Conn and a Self")
	}
	c.Bootnodes, c.Restrict = slices.Clone(c.Bootnodes), slices.Clone(c.Restrict)
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c, nil
}
