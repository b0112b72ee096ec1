// SPDX-License-Identifier: Apache-2.0

package event

// KindSync is the kind of events about the download of the chain.
const KindSync Kind = "sync"

// Sync reports how far the download of the chain is: when it begins, every 5 s, and when it ends.
type Sync struct {
	At
	State       string // one of SyncStarts, SyncRuns, SyncEnds
	Number      uint64 // of our head
	Target      uint64 // number of the head that peers or sources name
	HeadersLeft uint64 // missing headers, at most
	BlocksLeft  uint64 // blocks whose body or receipts are missing
	Peers       int    // connected peers
}

// Values of Sync.State.
const (
	SyncStarts = "start"
	SyncRuns   = "run"
	SyncEnds   = "end"
)

// Kind returns KindSync.
func (Sync) Kind() Kind { return KindSync }

// Visit hands the fields to f.
func (e Sync) Visit(f Fields) {
	f.Text("state", e.State, true)
	f.Uint("number", e.Number, true)
	f.Uint("target", e.Target, true)
	f.Uint("headersleft", e.HeadersLeft, true)
	f.Uint("blocksleft", e.BlocksLeft, true)
	f.Uint("peers", count(e.Peers), true)
}
