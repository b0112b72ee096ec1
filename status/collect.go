// SPDX-License-Identifier: Apache-2.0

// in: the snapshots of a node · out: a report

package status

import (
	"encoding/hex"
	"math"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p/server"
	"github.com/ethpeer/ethpeer/params"
)

// maxPeers is how many peers a report lists.
const maxPeers = 1000

// A Backend is a running node. Each method returns a snapshot, and any goroutine may call it.
type Backend interface {
	ClientName() string
	Started() time.Time // zero = it does not run yet
	Self() enr.Node     // with our record
	Chain() *chain.Chain
	Stored() bool // blocks are kept on a disk that takes writes
	NetworkID() uint64
	ForkID() params.ForkID
	Head() (head.Selected, bool) // the believed head, which may be ahead of Chain's
	Progress() chainsync.Progress
	Troubles() []event.Trouble
	Peers() []server.PeerInfo
	Judged(id enr.ID) (points float64, cause string) // as nodedb.DB has it
}

// Collect reads a report from the backend.
func Collect(now time.Time, b Backend) *Report {
	self := b.Self()
	r := &Report{
		Client: b.ClientName(), Time: now.UTC(), Started: b.Started().UTC(), ID: self.ID().String(), Enode: self.URL(),
		Troubles: []Trouble{}, Peers: []Peer{},
	}
	if self.Record != nil {
		r.Record = self.Record.Text()
	}
	r.chain(b)
	r.Clique = cliqueOf(b.Chain())
	if p := b.Progress(); p.Syncing {
		r.Sync = &Sync{Head: p.Head, Target: p.Target, Headers: p.Headers, HeadersLeft: p.HeadersLeft, BlocksLeft: p.BlocksLeft, Peers: p.Peers}
	}
	for _, t := range b.Troubles() {
		r.Troubles = append(r.Troubles, Trouble{t.Where, t.Err, t.Time.UTC()})
	}
	peers := b.Peers()
	r.More = max(0, len(peers)-maxPeers)
	for i := range peers[:len(peers)-r.More] {
		r.Peers = append(r.Peers, peerOf(now, b, &peers[i]))
	}
	return r
}

// chain fills in which chain it is, what is held of it, and which head is believed.
func (r *Report) chain(b Backend) {
	c, fork := b.Chain(), b.ForkID()
	p := c.Params()
	r.Chain = Chain{
		Name: p.Name, ID: p.ChainID, NetworkID: b.NetworkID(), Genesis: p.GenesisHash.String(), Fork: hex.EncodeToString(fork.Hash[:]), Next: fork.Next,
	}
	held := c.Head()
	r.Held = Held{
		Head: held.Number, Hash: held.Hash.String(), Time: time.Unix(int64(min(held.Time, math.MaxInt64)), 0).UTC(), Headers: c.Tail(), //nolint:gosec // bounded
		Earliest: min(c.Earliest(), held.Number), Stored: b.Stored(),
	}
	if h, ok := b.Head(); ok {
		r.Head = &Head{
			Number: h.Number, Hash: h.Hash.String(), By: h.By, Proved: h.Proved, Supporters: h.Supporters, Lag: h.Lag, Stale: h.Stale, At: h.At.UTC(),
		}
	}
}

func peerOf(now time.Time, b Backend, info *server.PeerInfo) Peer {
	p := Peer{
		ID: info.ID.String(), Client: info.Client, Addr: info.Addr.String(), Direction: "outbound",
		Static: info.Static, Trusted: info.Trusted, Since: info.Since.UTC(), Age: now.Sub(info.Since).Seconds(),
		Received: info.Received, Sent: info.Sent,
	}
	if info.Inbound {
		p.Direction = "inbound"
	}
	for _, protocol := range info.Protocols {
		if e, ok := protocol.Info.(eth.PeerInfo); ok {
			p.Eth, p.Head = uint(e.Version), e.Latest
		}
	}
	p.Score, p.Reason = b.Judged(info.ID)
	return p
}
