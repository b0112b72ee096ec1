// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"

	"github.com/ethpeer/ethpeer/enr"
)

// Kinds of events about discovery and this node's own address.
const (
	KindCandidate Kind = "candidate"
	KindSelf      Kind = "self"
	KindTrouble   Kind = "trouble"
)

// Candidate reports whether a node that was found is dialled.
type Candidate struct {
	At
	Peer   enr.ID
	Addr   netip.AddrPort // where it accepts connections; the zero value = not known
	Source string         // what found it, a stable name: "store", "dns", "v4" or "v5"
	Taken  bool           // it is being dialled
	Why    string         // why not, in stable words such as "wrong fork"; empty if it is
}

// Self reports that this node's own record changed (EIP-778, enode-url-format).
type Self struct {
	At
	URL     string // enode://…
	Record  string // enr:…
	Seq     uint64 // sequence number of the record
	Private bool   // the address is reachable from a local network or this machine only
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
	TroubleStore   = "store"   // what is learned of nodes cannot be written
	TroubleHeads   = "heads"   // two sources name heads that do not belong together
	TroubleEngine  = "engine"  // no consensus client calls
	TroubleLight   = "light"   // no beacon node gives proofs
	TroubleBeacon  = "beacon"  // beacon nodes are silent, late, or gave a bad answer
	TroublePeers   = "peers"   // no quorum of peers names a head
	TroubleChain   = "chain"   // blocks cannot be written
	TroubleFork    = "fork"    // the network has, or will have, a fork that this version does not know

	// Of the engine port.
	TroubleToken    = "token"    // a caller has not our JWT secret
	TroubleProposer = "proposer" // the consensus client proposes blocks, and needs more than ethpeer can do
	TroublePayload  = "payload"  // it sends payloads that this version does not know
)

// Kind returns KindCandidate.
func (Candidate) Kind() Kind { return KindCandidate }

// Visit hands the fields to f.
func (e Candidate) Visit(f Fields) {
	f.ID("peer", e.Peer, true)
	f.Endpoint("addr", e.Addr, e.Addr.IsValid())
	f.Text("source", e.Source, true)
	f.Bool("taken", e.Taken, true)
	f.Text("why", e.Why, e.Why != "")
}

// Kind returns KindSelf.
func (Self) Kind() Kind { return KindSelf }

// Visit hands the fields to f.
func (e Self) Visit(f Fields) {
	f.Text("enode", e.URL, true)
	f.Text("record", e.Record, true)
	f.Uint("recordseq", e.Seq, true)
	f.Bool("private", e.Private, true)
}

// Kind returns KindTrouble.
func (Trouble) Kind() Kind { return KindTrouble }

// Visit hands the fields to f.
func (e Trouble) Visit(f Fields) {
	f.Text("where", e.Where, true)
	f.Text("error", e.Err, true)
	f.Flag("over", e.Over)
}
