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

// Why a question has no answer. Match with errors.Is.
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

// A TalkHandler answers a TALKREQ; nil is an empty answer. It is called on the loop's
// goroutine and must not block; data is borrowed.
type TalkHandler func(from enr.ID, addr netip.AddrPort, data []byte) []byte

// Config says who we are, whom to begin with, and who hears what.
type Config struct {
	Key  *ecc.PrivateKey // required
	Conn Conn            // required

	// Self returns our record as of now, never nil. It must not block. Required.
	Self func() *enr.Record

	Bootnodes []enr.Node                     // with addresses; host names are not resolved here
	Seeds     func(now time.Time) []enr.Node // more to begin with, asked for at each refresh; nil = none
	Restrict  []netip.Prefix                 // networks to keep to; empty = all

	// What is learned. These are called on the loop's goroutine and must not block; each may
	// be nil.
	Stored func(now time.Time, n enr.Node)                             // passed more than 5 checks: worth remembering
	Alive  func(now time.Time, n enr.Node)                             // answered a question just now
	Stated func(now time.Time, by netip.Addr, endpoint netip.AddrPort) // a node that we asked says: this is where I see you
	Record event.Recorder                                              // of losses

	Rand io.Reader              // nil = crypto/rand; fit for keys
	Talk map[string]TalkHandler // by protocol; must not change
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

// setDefaults makes what may be nil callable.
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
