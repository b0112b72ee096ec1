// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bytes"
	"errors"
	"slices"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A Snapshot is who may sign the next block of a clique chain, and what the signers have voted
// since the last checkpoint (https://eips.ethereum.org/EIPS/eip-225). It never changes:
// [Snapshot.Apply] returns a new one. Goroutines may share it.
type Snapshot struct {
	clique  params.Clique
	number  uint64
	hash    types.Hash
	signers []types.Address // ascending
	recents []recent        // of the last blocks, ascending; a slice that the next snapshot does not share
	votes   []vote          // in the order cast
}

// A recent is who signed one of the last blocks.
type recent struct {
	number uint64
	by     types.Address
}

var errUnsorted = errors.New("signers are not ascending")

// A vote is one signer's wish to drop an address that is a signer, or to add one that is none.
type vote struct{ by, about types.Address }

// NewSnapshot returns the snapshot after a block that lists the signers: the genesis block, or a
// checkpoint that the caller trusts.
func NewSnapshot(c params.Clique, checkpoint *types.Header) (*Snapshot, error) {
	signers := signersOf(checkpoint)
	switch {
	case checkpoint.Number%c.Epoch != 0:
		return nil, broken(checkpoint, Checkpoint, "is none: the epoch has %d blocks", c.Epoch)
	case len(signers) == 0:
		return nil, broken(checkpoint, Checkpoint, "lists no signer")
	}
	slices.SortFunc(signers, compareAddresses)
	return &Snapshot{
		clique: c, number: checkpoint.Number, hash: checkpoint.Hash(),
		signers: slices.Compact(signers),
	}, nil
}

// Number and Hash name the block after which the snapshot is.
func (s *Snapshot) Number() uint64 { return s.number }

// Hash returns the hash of that block.
func (s *Snapshot) Hash() types.Hash { return s.hash }

// Signers returns the addresses that may sign, ascending. The slice is the caller's.
func (s *Snapshot) Signers() []types.Address { return slices.Clone(s.signers) }

// InTurn reports whether the block of this number is the signer's by turn: its difficulty is then 2.
func (s *Snapshot) InTurn(number uint64, signer types.Address) bool {
	return len(s.signers) > 0 && s.signers[number%uint64(len(s.signers))] == signer
}

// Expected returns whose turn the next block is; false if all signers were voted out, which ends
// the chain.
func (s *Snapshot) Expected() (signer types.Address, ok bool) {
	if len(s.signers) == 0 {
		return signer, false
	}
	return s.signers[(s.number+1)%uint64(len(s.signers))], true
}

// Apply checks the seal of the next block, which must have passed [Check], and returns the
// snapshot after it and who signed it.
func (s *Snapshot) Apply(h *types.Header) (next *Snapshot, signer types.Address, err error) {
	if h.Number != s.number+1 || h.ParentHash != s.hash {
		return nil, signer, broken(h, Parent, "is not block %d, %v", s.number, s.hash)
	}
	if signer, err = CliqueSigner(h); err != nil {
		return nil, signer, err
	}
	if err := s.checkSigner(h, signer); err != nil {
		return nil, signer, err
	}
	next = &Snapshot{
		clique: s.clique, number: h.Number, hash: h.Hash(),
		signers: s.signers, votes: s.votes, // shared: vote replaces what it changes
	}
	if h.Number%s.clique.Epoch == 0 {
		if listed := signersOf(h); !slices.Equal(listed, s.signers) {
			return nil, signer, broken(h, Checkpoint, "lists %d signers that are not the chain's %d", len(listed), len(s.signers))
		}
		next.votes = nil
	}
	next.recents = append(make([]recent, 0, len(s.recents)+1), s.recents...)
	next.forget(h.Number)
	next.recents = append(next.recents, recent{h.Number, signer})
	next.vote(h, signer)
	return next, signer, nil
}

// checkSigner checks that the signer may sign this block.
func (s *Snapshot) checkSigner(h *types.Header, signer types.Address) error {
	if !s.has(signer) {
		return broken(h, Signer, "%v may not sign", signer)
	}
	if r, found := s.recent(signer); found {
		return broken(h, Signer, "%v signed block %d, and may sign one of %d", signer, r.number, s.window())
	}
	want := uint64(outOfTurn)
	if s.InTurn(h.Number, signer) {
		want = inTurn
	}
	if h.Difficulty.Uint64() != want {
		return broken(h, Difficulty, "is %v, that of %v is %d", &h.Difficulty, signer, want)
	}
	return nil
}

// MaySign reports whether an address may sign the next block: a signer that signed none of the blocks in whose window
// the next one is (EIP-225: one block in a row of half of the signers plus one).
func (s *Snapshot) MaySign(a types.Address) bool {
	_, found := s.recent(a)
	return s.has(a) && !found
}

// recent returns the block that a signer signed, if it may sign no other yet.
func (s *Snapshot) recent(signer types.Address) (r recent, found bool) {
	for _, r := range s.recents {
		if r.by == signer && r.number+s.window() > s.number+1 {
			return r, true
		}
	}
	return r, false
}

// window is of how many blocks in a row a signer may sign one.
func (s *Snapshot) window() uint64 { return uint64(len(s.signers)/2 + 1) }

// forget removes the signer who may sign again at this number.
func (s *Snapshot) forget(number uint64) {
	if number >= s.window() {
		s.recents = slices.DeleteFunc(s.recents, func(r recent) bool { return r.number == number-s.window() })
	}
}

func (s *Snapshot) has(a types.Address) bool {
	_, found := slices.BinarySearchFunc(s.signers, a, compareAddresses)
	return found
}

// vote counts the vote of a block, and changes the signers if more than half want it. A signer's
// newer vote about an address replaces the older one. Votes that change nothing are not kept, so
// that all votes about an address want the same.
func (s *Snapshot) vote(h *types.Header, signer types.Address) {
	about, isSigner := h.Coinbase, s.has(h.Coinbase)
	s.votes = without(s.votes, func(v vote) bool { return v.by == signer && v.about == about })
	if add := h.Nonce == voteAdd; add != isSigner {
		s.votes = append(slices.Clip(s.votes), vote{by: signer, about: about})
	}
	supporters := 0
	for _, v := range s.votes {
		if v.about == about {
			supporters++
		}
	}
	if supporters <= len(s.signers)/2 {
		return
	}
	if isSigner {
		s.signers = without(s.signers, func(a types.Address) bool { return a == about })
		s.forget(h.Number) // fewer signers: a shorter window
	} else {
		s.signers = slices.SortedFunc(slices.Values(append(slices.Clone(s.signers), about)), compareAddresses)
	}
	s.votes = without(s.votes, func(v vote) bool { return v.about == about || isSigner && v.by == about })
}

// without returns all that is not meant, in a copy if there is something that is.
func without[T any](all []T, meant func(T) bool) []T {
	if !slices.ContainsFunc(all, meant) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), meant)
}

func compareAddresses(a, b types.Address) int { return bytes.Compare(a[:], b[:]) }
