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

// Trouble reports that something outside of us does not work as it should, and what the
// operator can do.
type Trouble struct {
	At
	Where string // a stable name such as "nat"
	Err   string
}

// Kind returns KindCandidate.
func (Candidate) Kind() Kind { return KindCandidate }

// Kind returns KindSelf.
func (Self) Kind() Kind { return KindSelf }

// Kind returns KindTrouble.
func (Trouble) Kind() Kind { return KindTrouble }
