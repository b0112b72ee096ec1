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

// A Conn writes datagrams; a *net.UDPConn is one. Several goroutines may.
type Conn interface {
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

// Config says who we are. New copies it.
type Config struct {
	Key  *ecc.PrivateKey    // required
	Conn Conn               // required
	Self func() *enr.Record // required: our record as of now. Must not block

	Bootnodes []enr.Node                     // whom to ask first; those without an address are left out
	Seeds     func(now time.Time) []enr.Node // more of them, asked for with each refresh; may be nil
	Restrict  []netip.Prefix                 // the networks to keep to; empty: all

	// What is learned. The functions are called by the loop and must not block; each may be
	// nil.
	Stored func(now time.Time, n enr.Node)                             // has passed more than 5 checks
	Alive  func(now time.Time, n enr.Node)                             // has just passed one
	Stated func(now time.Time, by netip.Addr, endpoint netip.AddrPort) // where a node sees us

	// Clock hears how far our clock is ahead of that of the node at an address, by the time until which its packet is valid:
	// deployed clients let it be 20 s. Nil = not told.
	Clock func(now time.Time, by netip.Addr, ahead time.Duration)

	Record event.Recorder // may be nil
	Rand   io.Reader      // nil = crypto/rand
}

// Why a question has no answer.
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
