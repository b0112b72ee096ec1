// SPDX-License-Identifier: Apache-2.0

package event

import (
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// An Event is one observation: a value, never changed after it was recorded. The types of
// this package are listed by [All]; another package may add its own.
type Event interface {
	// Kind returns the stable name of the type: lower-case ASCII letters.
	Kind() Kind
	// When returns when it happened, by this machine's clock.
	When() time.Time
	// Visit hands every field except kind and time to f, always the same fields in the
	// same order.
	Visit(f Fields)
}

// Kind is the stable name of a type of event, as docs/events.md documents it.
type Kind string

// All returns the zero value of each type of this package, in the order of docs/events.md.
// A writer of tables visits them for the names and types of its columns. The caller owns
// the slice.
func All() []Event {
	return []Event{Tx{}, Sighting{}, Block{}, Head{}, Sync{}, Peer{}, Loss{}, Candidate{}, Self{}, Trouble{}, Summary{}}
}

// At is when an event happened.
type At struct{ Time time.Time }

// When returns the time.
func (a At) When() time.Time { return a.Time }

// Via is how a transaction or a block reached this node: the message of the eth protocol
// that carried it (devp2p/caps/eth.md#protocol-messages).
type Via string

// Values of Via.
const (
	ViaBroadcast    Via = "broadcast"    // sent whole and unrequested: Transactions, NewBlock
	ViaAnnouncement Via = "announcement" // named by its hash: NewPooledTransactionHashes, NewBlockHashes
	ViaRequest      Via = "request"      // a reply: PooledTransactions, BlockHeaders, BlockBodies
	ViaBlock        Via = "block"        // inside a block
)

// Source is the peer that sent something.
type Source struct {
	Peer   enr.ID
	Client string // the client name of its Hello (devp2p/rlpx.md#hello-0x00): capped, valid UTF-8
}

func (s *Source) visit(f Fields) {
	f.ID("peer", s.Peer, s.Peer != enr.ID{})
	f.Text("client", s.Client, s.Client != "")
}
