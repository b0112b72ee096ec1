// SPDX-License-Identifier: Apache-2.0

// in: sessions, our head, time · out: which sessions are due a BlockRangeUpdate · a leaf behind one mutex

package blockgossip

import (
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/eth"
)

// When a peer is told our block range again (devp2p/caps/eth.md#blockrangeupdate-0x11): after so many blocks, which is an
// epoch, or after so long. rangeGap is the least time between two of them, and after Status.
const (
	rangeBlocks = 32
	rangeEvery  = 2 * time.Minute
	rangeGap    = 10 * time.Second
)

// ranges knows which block each peer was told is our latest. A session's owner adds it and removes it; the importer's
// goroutine asks.
type ranges struct {
	mu   sync.Mutex // guards told
	told map[*eth.Session]*stated
}

// A stated block is what our Status or our last BlockRangeUpdate named as the latest.
type stated struct {
	chain.Ref
	at time.Time
}

func newRanges() *ranges { return &ranges{told: make(map[*eth.Session]*stated)} }

func (r *ranges) open(now time.Time, s *eth.Session) {
	if s.Version() < rangeVersion {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	number, hash := s.Stated()
	r.told[s] = &stated{chain.Ref{Number: number, Hash: hash}, now}
}

func (r *ranges) close(s *eth.Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.told, s)
}

// due returns the sessions whose peer is to be told that head is the latest block, and counts them as told. It returns
// when to call it again; the zero time if all know it.
func (r *ranges) due(now time.Time, head chain.Ref) (sessions []*eth.Session, next time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s, told := range r.told {
		if told.Ref == head {
			continue
		}
		if at := told.dueAt(head); now.Before(at) {
			next = sooner(next, at)
			continue
		}
		*told = stated{head, now}
		sessions = append(sessions, s)
	}
	return sessions, next
}

// dueAt returns when the peer is due an update: soon if the latest block is much higher than what it was told, or lower.
func (t *stated) dueAt(head chain.Ref) time.Time {
	if head.Number < t.Number || head.Number-t.Number >= rangeBlocks {
		return t.at.Add(rangeGap)
	}
	return t.at.Add(rangeEvery)
}
