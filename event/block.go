// SPDX-License-Identifier: Apache-2.0

package event

import "github.com/ethpeer/ethpeer/types"

// Kinds of events about blocks.
const (
	KindBlock Kind = "block"
	KindHead  Kind = "head"
)

// Block reports a block that is known whole or by its header alone.
type Block struct {
	At
	Source
	Number uint64
	Hash   types.Hash
	Parent types.Hash
	Txs    int    // number of transactions; without meaning while Size is 0
	Size   uint64 // RLP of header and body, bytes; 0 = only the header is known
	Via    Via
}

// Kind returns KindBlock.
func (Block) Kind() Kind { return KindBlock }

// Visit hands the fields to f.
func (e Block) Visit(f Fields) {
	f.Uint("number", e.Number, true)
	f.Hash("hash", e.Hash, true)
	f.Hash("parent", e.Parent, true)
	f.Uint("txs", count(e.Txs), e.Size > 0)
	f.Uint("size", e.Size, e.Size > 0)
	f.Text("via", string(e.Via), true)
	e.Source.visit(f)
}

// Head reports that the best known block changed.
type Head struct {
	At
	Number     uint64
	Hash       types.Hash
	By         string // one of the HeadBy constants
	Supporters int    // how many connected peers have it or a later one; 0 for a head that no peer is asked about
	Proved     bool   // signatures of a sync committee or seals prove it; false = By's word
	Lag        int    // how many blocks the source says it is behind the newest; 0 = none, or not known
	Stale      bool   // the source has been silent for longer than a head lasts
}

// Values of Head.By: the part of the node that chose the head.
const (
	HeadByGossip = "gossip" // blocks that were gossiped and verified
	HeadByPeers  = "peers"  // half or more of the connected peers that say anything comparable
	HeadByFixed  = "fixed"  // the operator
	HeadByEngine = "engine" // a consensus client, over the engine API
	HeadByLight  = "light"  // a beacon light client
)

// Kind returns KindHead.
func (Head) Kind() Kind { return KindHead }

// Visit hands the fields to f.
func (e Head) Visit(f Fields) {
	f.Uint("number", e.Number, true)
	f.Hash("hash", e.Hash, true)
	f.Text("by", e.By, e.By != "")
	f.Uint("supporters", count(e.Supporters), true)
	f.Bool("proved", e.Proved, true)
	f.Uint("lag", count(e.Lag), e.Lag > 0)
	f.Flag("stale", e.Stale)
}
