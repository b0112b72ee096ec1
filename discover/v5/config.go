// SPDX-License-Identifier: Apache-2.0

package v5

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
)

// Errors of a request. Match with errors.Is.
var (
	ErrTimeout = errors.New("v5: the node does not answer")
	ErrAddress = errors.New("v5: node is ourselves, or its key, IP address or UDP port is not known")
	ErrBusy    = errors.New("v5: too many questions wait for answers already; ask later")
	ErrRecord  = errors.New("v5: the node answers without its record")
	ErrClosed  = owner.ErrClosed
)

// Conn writes datagrams; *net.UDPConn is one. It is safe for concurrent use.
type Conn interface {
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

// A TalkHandler returns the response to a TALKREQ; nil is an empty one
// (devp2p/discv5/discv5-wire.md#talkreq-request-0x05). The loop calls it: it must not block. It must not keep data.
type TalkHandler func(from enr.ID, addr netip.AddrPort, data []byte) []byte

// Config describes the local node, its first nodes, and the functions that receive what it learns.
type Config struct {
	Key  *ecc.PrivateKey // required
	Conn Conn            // required

	// Self returns the current local record, never nil. It must not block. Required.
	Self func() *enr.Record

	Bootnodes []enr.Node                     // with addresses; host names are not resolved here
	Seeds     func(now time.Time) []enr.Node // more of them, called at each refresh; nil = none
	Restrict  []netip.Prefix                 // the networks that nodes may be in; empty = all

	// What the node learns. The loop calls these functions; they must not block, and may
	// be nil.
	Stored func(now time.Time, n enr.Node)                             // n has passed more than 5 checks of the table
	Alive  func(now time.Time, n enr.Node)                             // n has just responded
	Stated func(now time.Time, by netip.Addr, endpoint netip.AddrPort) // the endpoint that a pong states (devp2p/discv5/discv5-wire.md#pong-response-0x02)
	Record event.Recorder                                              // receives losses

	Rand io.Reader              // nil = crypto/rand; must be cryptographically secure
	Talk map[string]TalkHandler // by protocol; the caller must not change it
}

func (c *Config) check() error {
	switch {
	case c.Key == nil:
		return errors.New("v5: Config.Key is missing")
	case c.Conn == nil:
		return errors.New("v5: Config.Conn is missing")
	case c.Self == nil:
		return errors.New("v5: Config.Self is missing")
	case c.Self() == nil:
		return errors.New("v5: Config.Self returns no record")
	case c.Self().PublicKey() != c.Key.Public():
		return errors.New("v5: Config.Self returns a record that Config.Key has not signed")
	}
	return nil
}

// setDefaults replaces functions that are nil.
func (c *Config) setDefaults() {
	if c.Seeds == nil {
		c.Seeds = func(time.Time) []enr.Node { return nil }
	}
	if c.Stored == nil {
		c.Stored = func(time.Time, enr.Node) {}
	}
	if c.Alive == nil {
		c.Alive = func(time.Time, enr.Node) {}
	}
	if c.Stated == nil {
		c.Stated = func(time.Time, netip.Addr, netip.AddrPort) {}
	}
}
