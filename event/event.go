// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/types"
)

// An Event is one of the types of this package that embed [At].
type Event interface {
	Kind() Kind
	When() time.Time
}

// Kind is the stable name of a type of event, as docs/events.md documents it.
type Kind string

// The kinds.
const (
	KindTx       Kind = "tx"
	KindSighting Kind = "sighting"
	KindBlock    Kind = "block"
	KindHead     Kind = "head"
	KindPeer     Kind = "peer"
	KindLoss     Kind = "loss"
	KindSummary  Kind = "summary"
)

// At is when an event happened.
type At struct{ Time time.Time }

// When returns the time.
func (a At) When() time.Time { return a.Time }

// Via is how something reached us.
type Via string

// The ways.
const (
	ViaBroadcast    Via = "broadcast"    // sent to us whole, unasked
	ViaAnnouncement Via = "announcement" // named by its hash
	ViaRequest      Via = "request"      // we asked for it
	ViaBlock        Via = "block"        // inside a block
)

// Source is the peer that told us.
type Source struct {
	Peer   enr.ID
	Client string // its Hello name: capped, valid UTF-8
}

// Tx reports a transaction: once when it is first seen and, if only its hash was known
// then, once more (Update) when its body is.
type Tx struct {
	At
	Source
	Hash   types.Hash
	Type   uint8
	Typed  bool   // Type is known; eth/65 to 67 announce bare hashes
	Size   uint64 // consensus encoding, bytes, for a blob transaction with its sidecar if we have it; 0 = not known
	Via    Via
	Update bool
	Body   *TxBody // nil until the body is known
}

// TxBody is what a transaction says.
type TxBody struct {
	From   types.Address
	To     *types.Address // nil creates a contract
	Nonce  uint64
	Value  uint256.Int // wei
	Gas    uint64
	Tip    uint256.Int // wei per gas; the gas price for types 0 and 1
	FeeCap uint256.Int // wei per gas; the gas price for types 0 and 1
}

// Sighting reports that a peer told us of a transaction that was seen before.
type Sighting struct {
	At
	Hash types.Hash
	Via  Via
	Peer enr.ID
}

// Block reports a block that we hold whole or know by its header.
type Block struct {
	At
	Source
	Number uint64
	Hash   types.Hash
	Parent types.Hash
	Txs    int    // says nothing while Size is 0
	Size   uint64 // RLP of header and body, bytes; 0 = only the header is known
	Via    Via
}

// Head reports that the best known block changed.
type Head struct {
	At
	Number     uint64
	Hash       types.Hash
	By         string // one of the HeadBy constants
	Supporters int    // how many connected peers have it or a later one; 0 for a head that no peer is asked about
}

// Values of Head.By: the part of the node that chose the head.
const (
	HeadByGossip = "gossip" // blocks that were gossiped and verified
	HeadByPeers  = "peers"  // a quorum of connected peers
	HeadByFixed  = "fixed"  // the operator
	HeadByEngine = "engine" // a consensus client, over the engine API
	HeadByLight  = "light"  // a beacon light client
)

// PeerChange is what happened to a connection.
type PeerChange string

// The changes.
const (
	PeerUp     PeerChange = "up"     // the eth handshake succeeded
	PeerDown   PeerChange = "down"   // a peer that was up ended
	PeerFailed PeerChange = "failed" // a connection ended before it was a peer
)

// Stage is how far a connection had come.
type Stage string

// The stages, in order.
const (
	StageDial   Stage = "dial"
	StageRLPx   Stage = "rlpx"
	StageHello  Stage = "hello"
	StageAdmit  Stage = "admit"
	StageStatus Stage = "status"
	StageEth    Stage = "eth"
)

// By says who ended a connection.
type By string

// Who.
const (
	ByUs      By = "us"
	ByThem    By = "them"
	ByNetwork By = "network"
)

// Peer reports a connection's beginning or its end.
type Peer struct {
	At
	Source
	Change  PeerChange
	Stage   Stage
	Inbound bool
	Static  bool // the operator named this node: it is dialled until the node ends
	Eth     uint // negotiated version; 0 = none
	Addr    netip.AddrPort

	// For an end:
	By     By
	Reason string        // the Disconnect reason that was sent or received; empty = none
	Err    string        // our words for the cause
	Lasted time.Duration // since the connection was up, for PeerDown; since it began, for PeerFailed
}

// Loss reports that something was dropped because a bound was reached.
type Loss struct {
	At
	Where string // which queue or set, a stable name such as "output"
	Count uint64 // since the last report of the same place
}

// Kind returns KindTx.
func (Tx) Kind() Kind { return KindTx }

// Kind returns KindSighting.
func (Sighting) Kind() Kind { return KindSighting }

// Kind returns KindBlock.
func (Block) Kind() Kind { return KindBlock }

// Kind returns KindHead.
func (Head) Kind() Kind { return KindHead }

// Kind returns KindPeer.
func (Peer) Kind() Kind { return KindPeer }

// Kind returns KindLoss.
func (Loss) Kind() Kind { return KindLoss }
