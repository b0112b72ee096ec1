// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/types"
)

// How snapshots of the signers are kept (EIP-225): the last ones in memory, and one of each snapshotEvery blocks in the
// store, so that at most snapshotEvery-1 signers are recovered to make any other.
const (
	maxSnapshots  = 1024
	snapshotEvery = 256
)

// A cliqueState makes snapshots of the signers. Any goroutine may call check and after.
type cliqueState struct {
	c *Chain

	mu     sync.Mutex // guards recent
	recent *bounded.Map[types.Hash, *rules.Snapshot]

	every uint64                // snapshotEvery, but for tests
	saved map[types.Hash]uint64 // snapshots in the store, and their numbers; the writer's
}

func newClique(c *Chain) *cliqueState {
	return &cliqueState{
		c: c, every: snapshotEvery, saved: make(map[types.Hash]uint64),
		recent: bounded.NewMap[types.Hash, *rules.Snapshot](maxSnapshots, bounded.DropLeastRecent),
	}
}

// Signers returns who may sign on a held block of a clique chain (EIP-225). It fails on other chains, and where the
// headers before are not held.
func (c *Chain) Signers(h types.Hash) (*rules.Snapshot, error) {
	if c.clique == nil {
		return nil, fmt.Errorf("%s has no signers", c.params.Name)
	}
	return c.clique.after(h)
}

func (s *cliqueState) get(h types.Hash) *rules.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap, _ := s.recent.Get(h)
	return snap
}

func (s *cliqueState) put(snap *rules.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recent.Put(snap.Hash(), snap)
}

// check checks who signed a header on a held one.
func (s *cliqueState) check(h *types.Header, hash types.Hash) error {
	if s.get(hash) != nil {
		return nil
	}
	parent, err := s.after(h.ParentHash)
	if err != nil {
		return err
	}
	next, _, err := parent.Apply(h)
	if err != nil {
		return err
	}
	s.put(next)
	return nil
}

// after returns the snapshot after a held block, or after one that check has just checked.
func (s *cliqueState) after(hash types.Hash) (*rules.Snapshot, error) {
	var path []types.Header
	snap := s.get(hash)
	for at := hash; snap == nil; snap = s.get(at) {
		h, err := s.c.params.DecodeHeader(s.c.Header(at))
		if err != nil {
			return nil, fmt.Errorf("the signers of block %v: %w", hash, ErrUnknownParent)
		}
		if snap = s.stored(&h, at); snap != nil {
			break
		}
		path = append(path, h)
		at = h.ParentHash
	}
	for i := len(path) - 1; i >= 0; i-- {
		next, _, err := snap.Apply(&path[i])
		if err != nil {
			return nil, err
		}
		snap = next
	}
	s.put(snap)
	return snap, nil
}

// stored returns a snapshot from the store, or that of the genesis block.
func (s *cliqueState) stored(h *types.Header, hash types.Hash) *rules.Snapshot {
	if h.Number == 0 {
		snap, err := rules.NewSnapshot(*s.c.params.Clique, h)
		if err != nil {
			return nil
		}
		return snap
	}
	if h.Number%s.every != 0 {
		return nil
	}
	raw := (*s.c.store.Load()).Meta(metaClique + hex.EncodeToString(hash[:]))
	snap, err := rules.DecodeSnapshot(*s.c.params.Clique, raw)
	if err != nil || snap.Hash() != hash {
		return nil
	}
	return snap
}

// save writes the snapshot after a block, of one block in snapshotEvery.
func (s *cliqueState) save(t *tx, number uint64, hash types.Hash) {
	if number%s.every != 0 {
		return
	}
	if snap := s.get(hash); snap != nil {
		s.saved[hash] = number
		t.meta(metaClique+hex.EncodeToString(hash[:]), snap.Append(nil))
	}
}

// load finds the snapshots in the store.
func (s *cliqueState) load(store Store) {
	for _, name := range store.Names(metaClique) {
		raw, _ := hex.DecodeString(strings.TrimPrefix(name, metaClique))
		hash := hashOf(raw)
		h, _ := s.c.params.DecodeHeader(store.Get(Key{Kind: KindHeader, Hash: hash})) // not there: number 0, and pruned
		s.saved[hash] = h.Number
	}
}

// prune deletes the snapshots up to a number, which no block is built on any more.
func (s *cliqueState) prune(t *tx, number uint64) {
	for hash, n := range s.saved {
		if n <= number {
			delete(s.saved, hash)
			t.meta(metaClique+hex.EncodeToString(hash[:]), nil)
		}
	}
}
