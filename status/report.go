// SPDX-License-Identifier: Apache-2.0

package status

import "time"

// A Report is the state of a node at one time. Names of its JSON fields are stable; new ones may appear.
// Times are UTC, durations are in seconds; hashes and addresses are 0x and lower-case hex.
type Report struct {
	Client  string    `json:"client"` // our client name, as peers see it
	Time    time.Time `json:"time"`
	Started time.Time `json:"started"`

	ID     string `json:"id"`     // node ID, 64 hex digits
	Enode  string `json:"enode"`  // our URL
	Record string `json:"record"` // our node record; empty = not signed yet

	Chain    Chain     `json:"chain"`
	Head     *Head     `json:"head,omitempty"` // nil = no source has named one
	Held     Held      `json:"held"`
	Sync     *Sync     `json:"sync,omitempty"` // nil = not syncing
	Clique   *Clique   `json:"clique,omitempty"`
	Troubles []Trouble `json:"troubles"`
	Peers    []Peer    `json:"peers"`
	More     int       `json:"more,omitempty"` // peers beyond those of Peers
}

// Chain says which chain the node is on.
type Chain struct {
	Name      string `json:"name"`
	ID        uint64 `json:"id"`
	NetworkID uint64 `json:"network"`
	Genesis   string `json:"genesis"`
	Fork      string `json:"fork"`           // fork hash of our Status (EIP-2124): 8 hex digits
	Next      uint64 `json:"next,omitempty"` // block or time of the next fork that is known; 0 = none
}

// Head is the believed head of the chain.
type Head struct {
	Number     uint64    `json:"number"`
	Hash       string    `json:"hash"`
	By         string    `json:"by"`     // the source: one of the event.HeadBy constants
	Proved     bool      `json:"proved"` // as event.Head has it
	Supporters int       `json:"supporters,omitempty"`
	Lag        int       `json:"lag,omitempty"`   // blocks that the source says it is behind the newest
	Stale      bool      `json:"stale,omitempty"` // the source has been silent for longer than a head lasts
	At         time.Time `json:"at"`              // when the source named it
}

// Held says which blocks the node holds. The range of bodies and receipts is that of our Status.
type Held struct {
	Head     uint64    `json:"head"`
	Hash     string    `json:"hash"`
	Time     time.Time `json:"time"`     // of the block
	Headers  uint64    `json:"headers"`  // the lowest header of the run that ends at Head
	Earliest uint64    `json:"earliest"` // the lowest number from which bodies and receipts are held without a gap
	Stored   bool      `json:"stored"`   // on a disk that takes writes; false = in memory, or the store is dead
}

// Sync is how far a sync is.
type Sync struct {
	Head        uint64 `json:"head"`        // of the chain that is held
	Target      uint64 `json:"target"`      // the head that peers or sources name
	Headers     uint64 `json:"headers"`     // that came since the sync began
	HeadersLeft uint64 `json:"headersleft"` // missing headers, at most
	BlocksLeft  uint64 `json:"blocksleft"`  // blocks whose body or receipts are missing
	Peers       int    `json:"peers"`       // that can be asked
}

// Clique says how the signers of a clique chain (EIP-225) sign.
type Clique struct {
	Blocks  int      `json:"blocks"` // the latest blocks that were looked at
	Signers []Signer `json:"signers"`
}

// A Signer is one that may sign, or has signed one of the blocks.
type Signer struct {
	Address string `json:"address"`
	Signed  int    `json:"signed"`         // blocks
	Missed  int    `json:"missed"`         // its turns in which another signed
	Last    uint64 `json:"last,omitempty"` // number of the last block that it signed; 0 = none of them
}

// A Trouble is one that has begun and not ended, as event.Trouble has it.
type Trouble struct {
	Where string    `json:"where"`
	Error string    `json:"error"`
	Since time.Time `json:"since"`
}

// A Peer is a connected one.
type Peer struct {
	ID        string    `json:"peer"`   // node ID, 64 hex digits
	Client    string    `json:"client"` // the name that it gives itself
	Addr      string    `json:"addr"`
	Direction string    `json:"direction"` // inbound or outbound
	Static    bool      `json:"static,omitempty"`
	Trusted   bool      `json:"trusted,omitempty"`
	Eth       uint      `json:"eth,omitempty"`
	Since     time.Time `json:"since"`
	Age       float64   `json:"age"`      // seconds
	Received  uint64    `json:"received"` // bytes
	Sent      uint64    `json:"sent"`     // bytes
	Head      uint64    `json:"head,omitempty"`
	Score     float64   `json:"score"`            // points, from -20 to 10
	Reason    string    `json:"reason,omitempty"` // why its last connection ended
}
