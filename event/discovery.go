// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/enr"
)

// Kinds of what is observed while looking for peers.
const (
	KindCandidate Kind = "candidate"
	KindSelf      Kind = "self"
	KindTrouble   Kind = "trouble"
)

// Candidate reports what became of a node that was found.
type Candidate struct {
	At
	Peer   enr.ID
	Addr   netip.AddrPort // where it accepts peers, as far as that is known
	Source string         // who found it, a stable name: "store", "dns", "v4" or "v5"
	Taken  bool           // it is being dialled
	Why    string         // why not, in stable words such as "wrong fork"; empty if it is
}

// Self reports that our own record changed: what we tell others of ourselves.
type Self struct {
	At
	URL     string // enode form
	Record  string // enr: form
	Seq     uint64
	Private bool // the address means something in a local network only, or on this machine
}

// Trouble reports that something outside of ethpeer does not work as it should, and what
// the operator can do. The part that finds the trouble records it once; when the trouble
// ends it records the same Where with Over set, once.
type Trouble struct {
	At
	Where string // one of the Trouble constants
	Err   string // what it is and what can be done; if Over, what works again
	Over  bool   // the trouble that was reported with this Where has ended
}

// Values of Trouble.Where.
const (
	TroubleNAT     = "nat"     // no router and no server says what our address is
	TroubleNetwork = "network" // this machine has no route
	TroubleUDP     = "udp"     // TCP works and no UDP datagram comes back
	TroubleClock   = "clock"   // this machine's clock is off
)

// Kind returns KindCandidate.
func (Candidate) Kind() Kind { return KindCandidate }

// Kind returns KindSelf.
func (Self) Kind() Kind { return KindSelf }

// Kind returns KindTrouble.
func (Trouble) Kind() Kind { return KindTrouble }
