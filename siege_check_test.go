// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"errors"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

func (s *siege) record(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := e.(type) {
	case event.Block:
		if _, ok := s.told[e.Hash]; !ok {
			s.told[e.Hash] = time.Now()
		}
	case event.Tx:
		if e.Body != nil {
			s.whole[e.Hash] = true
		}
	case event.Head:
		s.heads[e.Hash] = true
	case event.Peer:
		if e.Change == event.PeerDown && !s.ending && s.isHonest(e.Peer) {
			s.lost = append(s.lost, e)
		}
	}
}

func (s *siege) isHonest(id enr.ID) bool {
	for _, key := range s.keys {
		if enr.IDOf(key.Public()) == id {
			return true
		}
	}
	return false
}

func (s *siege) check(txs []types.Tx) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	var errs []error
	for i := 1; i <= siegeBlocks(); i++ {
		b := s.blocks.At(uint64(i))
		at, ok := s.told[b.Hash]
		sent := time.Unix(int64(b.Header.Time), 0).Add(time.Second) // at the latest: times are whole seconds
		if !ok {
			errs = append(errs, fmt.Errorf("block %d was not told", i))
		} else if at.After(sent.Add(honestPatience)) {
			errs = append(errs, fmt.Errorf("block %d was told %v late", i, at.Sub(sent)))
		}
	}
	for i := range txs {
		if !s.whole[txs[i].Hash()] {
			errs = append(errs, fmt.Errorf("transaction %d of %d was not told", i, len(txs)))
			break
		}
	}
	for _, e := range s.lost {
		errs = append(errs, fmt.Errorf("an honest peer was lost: %+v", e))
	}
	for h := range s.heads {
		if !s.isBlock(h) {
			errs = append(errs, fmt.Errorf("a head is %v, which no honest peer has", h))
		}
	}
	if !s.heads[s.blocks.Head().Hash] {
		errs = append(errs, errors.New("the last honest block was never the head"))
	}
	if err := errors.Join(errs...); err != nil {
		s.t.Error(err)
	}
}

func (s *siege) isBlock(h types.Hash) bool {
	for i := range uint64(siegeBlocks() + 1) {
		if s.blocks.At(i).Hash == h {
			return true
		}
	}
	return false
}
