// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"
	"time"
)

// KindPeer is the kind of Peer.
const KindPeer Kind = "peer"

// PeerChange is what happened to a connection.
type PeerChange string

// Values of PeerChange.
const (
	PeerUp     PeerChange = "up"     // the eth handshake succeeded
	PeerDown   PeerChange = "down"   // a peer that was up ended
	PeerFailed PeerChange = "failed" // a connection ended before it was a peer
)

// Stage is how far a connection had come.
type Stage string

// Values of Stage, in order.
const (
	StageDial   Stage = "dial"   // TCP connects
	StageRLPx   Stage = "rlpx"   // devp2p/rlpx.md#initial-handshake
	StageHello  Stage = "hello"  // devp2p/rlpx.md#hello-0x00
	StageAdmit  Stage = "admit"  // the node decides whether it has room
	StageStatus Stage = "status" // devp2p/caps/eth.md#status-0x00
	StageEth    Stage = "eth"    // the connection is a peer
)

// By is the side that ended a connection.
type By string

// Values of By.
const (
	ByUs      By = "us"
	ByThem    By = "them"
	ByNetwork By = "network"
)

// Peer reports the beginning or the end of a connection.
type Peer struct {
	At
	Source
	Change  PeerChange
	Stage   Stage
	Inbound bool
	Static  bool // the operator named this node: it is dialled until this node ends
	Eth     uint // negotiated version; 0 = none
	Addr    netip.AddrPort

	// For an end:
	By     By
	Reason string        // the reason of the Disconnect that was sent or received (devp2p/rlpx.md#disconnect-0x01); empty = none
	Err    string        // the cause, in words for people
	Lasted time.Duration // since the connection was up, for PeerDown; since it began, for PeerFailed
}

// Kind returns KindPeer.
func (Peer) Kind() Kind { return KindPeer }

// Visit hands the fields to f.
func (e Peer) Visit(f Fields) {
	f.Text("event", string(e.Change), true)
	f.Text("stage", string(e.Stage), true)
	e.Source.visit(f)
	direction := "outbound"
	if e.Inbound {
		direction = "inbound"
	}
	f.Text("direction", direction, true)
	f.Flag("static", e.Static)
	f.Uint("eth", uint64(e.Eth), e.Eth > 0)
	f.Endpoint("addr", e.Addr, e.Addr.IsValid())
	end := e.Change != PeerUp
	f.Text("by", string(e.By), end && e.By != "")
	f.Text("reason", e.Reason, end && e.Reason != "")
	f.Text("error", e.Err, end && e.Err != "")
	f.Duration("lasted", e.Lasted, end)
}
