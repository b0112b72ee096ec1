// SPDX-License-Identifier: Apache-2.0

// in: the fork IDs of peers, also of those that are refused · out: an unknown fork that several unrelated peers present, once

package eth

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/netgroup"
	"github.com/ethpeer/ethpeer/params"
)

// Bounds of a forkWatch.
const (
	forkQuorum = 3   // unrelated peers that must present one and the same unknown fork
	forkGroups = 256 // wide networks whose latest word is remembered; the oldest is forgotten
	forksTold  = 16  // unknown forks that are told in the life of a node
)

// An unknownFork is what a fork ID says that the chain does not know: the hash of forks that were passed, or where the next one is. The
// other of both is zero.
type unknownFork struct {
	hash [4]byte
	next uint64
}

// A forkWatch finds out that the network has forks that this version does not know. A wide network (IPv4 /16, IPv6 /48 or /32) has one
// voice: the latest fork ID from there. Peers at local addresses have none.
type forkWatch struct {
	mu     sync.Mutex // a leaf
	voices []voice    // in the order in which the networks last spoke
	told   []unknownFork
}

type voice struct {
	network netip.Prefix
	fork    unknownFork
}

// see notes a peer's fork ID. It returns an unknown fork when enough unrelated peers present it, once for each.
func (w *forkWatch) see(c *params.Chain, from netip.Addr, id params.ForkID) (f unknownFork, ok bool) {
	network := netgroup.Of(from).Wide
	if !network.IsValid() {
		return f, false
	}
	f = unknown(c, id)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.voices = slices.DeleteFunc(w.voices, func(v voice) bool { return v.network == network })
	if f == (unknownFork{}) {
		return f, false
	}
	if len(w.voices) == forkGroups {
		w.voices = slices.Delete(w.voices, 0, 1)
	}
	w.voices = append(w.voices, voice{network, f})
	same := 0
	for _, v := range w.voices {
		if v.fork == f {
			same++
		}
	}
	if same < forkQuorum || slices.Contains(w.told, f) || len(w.told) == forksTold {
		return f, false
	}
	w.told = append(w.told, f)
	return f, true
}

// unknown returns what a fork ID says that the chain does not know. The fork ID of another known network on the same genesis block, such
// as Classic's on mainnet, says nothing.
func unknown(c *params.Chain, id params.ForkID) (f unknownFork) {
	if _, ok := c.NameFork(id.Hash); !ok {
		for _, name := range params.Names() {
			other, _ := params.ByName(name)
			if _, ok := other.NameFork(id.Hash); ok {
				return f
			}
		}
		f.hash = id.Hash
		return f
	}
	if id.Next > 0 && !slices.ContainsFunc(slices.Concat(c.Forks.Blocks, c.Forks.Times), func(f params.Fork) bool { return f.At == id.Next }) {
		f.next = id.Next
	}
	return f
}

// watchForks looks at the fork ID of a peer on our chain, and tells an unknown fork.
func (p *Protocol) watchForks(now time.Time, from netip.Addr, id params.ForkID) {
	f, ok := p.forks.see(p.cfg.Chain, from, id)
	if !ok {
		return
	}
	p.cfg.Record.Record(event.Trouble{At: event.At{Time: now}, Where: event.TroubleFork, Err: f.advice()})
}

// advice says what an unknown fork means and what to do.
func (f unknownFork) advice() string {
	var b strings.Builder
	if f.next > 0 {
		fmt.Fprintf(&b, "the network will fork at %d", f.next)
		if f.next > 1_400_000_000 {
			fmt.Fprintf(&b, " (%s)", time.Unix(int64(min(f.next, 1<<40)), 0).UTC().Format("2006-01-02 15:04:05 UTC")) //nolint:gosec // capped
		}
	} else {
		fmt.Fprintf(&b, "the network has forked to 0x%x", f.hash)
	}
	fmt.Fprintf(&b, ": %d unrelated peers say so, and this version does not know that fork; pass --fork NAME=TIME, "+
		"or --forks-from URL of a node that knows it, or update ethpeer", forkQuorum)
	return b.String()
}
