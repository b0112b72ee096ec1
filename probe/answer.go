// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
)

// An Answer is what a node said of itself in its Hello (devp2p/rlpx.md#hello-0x00) and its Status
// (devp2p/caps/eth.md#status-0x00). Fields of stages that were not reached are zero.
type Answer struct {
	// Stage is where it ended: StageDial, StageRLPx, StageHello or StageStatus is the one that
	// did not succeed, or after which there was nothing to ask; StageEth means that all was
	// said.
	Stage event.Stage
	Addr  netip.AddrPort // that was dialled

	Client string       // its name: at most 128 bytes, nothing that a terminal would obey
	Caps   []p2p.Cap    // what it offers
	Eth    uint         // the version that its Status is of; 0 = none is shared
	Status *wire.Status // nil if it sent none

	Took Times

	Reason string // of the Disconnect that it sent; empty = none
	Err    error  // why there is no answer; nil = what it said is all that it had to say
}

// Times says how long each stage took; 0 = it did not succeed.
type Times struct {
	Dial   time.Duration
	RLPx   time.Duration
	Hello  time.Duration
	Status time.Duration // from the Hellos to their Status
}

// Reachable reports whether the node was there: the handshake has proved its key.
func (a *Answer) Reachable() bool {
	return a.Took.Hello > 0 || a.Reason != ""
}

// end says where the asking ended, and why.
func (a *Answer) end(stage event.Stage, err error) Answer {
	a.Stage = stage
	a.explain(err)
	return *a
}
