// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// Append appends the snapshot as RLP: [number, hash, [signer, ...], [[number, signer], ...], [[by, about], ...]].
func (s *Snapshot) Append(dst []byte) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, s.number)
	dst = rlp.AppendBytes(dst, s.hash[:])
	dst, signers := rlp.OpenList(dst)
	for _, a := range s.signers {
		dst = rlp.AppendBytes(dst, a[:])
	}
	dst = rlp.CloseList(dst, signers)
	dst, recents := rlp.OpenList(dst)
	for _, r := range s.recents {
		var pair int
		dst, pair = rlp.OpenList(dst)
		dst = rlp.AppendUint64(dst, r.number)
		dst = rlp.CloseList(rlp.AppendBytes(dst, r.by[:]), pair)
	}
	dst = rlp.CloseList(dst, recents)
	dst, votes := rlp.OpenList(dst)
	for _, v := range s.votes {
		var pair int
		dst, pair = rlp.OpenList(dst)
		dst = rlp.AppendBytes(dst, v.by[:])
		dst = rlp.CloseList(rlp.AppendBytes(dst, v.about[:]), pair)
	}
	dst = rlp.CloseList(dst, votes)
	return rlp.CloseList(dst, list)
}

// DecodeSnapshot reads what [Snapshot.Append] wrote, for the same chain. It borrows nothing.
func DecodeSnapshot(c params.Clique, raw []byte) (*Snapshot, error) {
	s := &Snapshot{clique: c}
	r := rlp.Read(raw)
	r.List("snapshot")
	s.number = r.Uint64("number")
	r.Fixed("hash", s.hash[:])
	r.List("signers")
	for r.More() {
		var a types.Address
		r.Fixed("", a[:])
		s.signers = append(s.signers, a)
	}
	r.End()
	r.List("recents")
	for r.More() {
		var x recent
		r.List("")
		x.number = r.Uint64("number")
		r.Fixed("by", x.by[:])
		r.End()
		s.recents = append(s.recents, x)
	}
	r.End()
	r.List("votes")
	for r.More() {
		var v vote
		r.List("")
		r.Fixed("by", v.by[:])
		r.Fixed("about", v.about[:])
		r.End()
		s.votes = append(s.votes, v)
	}
	r.End()
	if !slices.IsSortedFunc(s.signers, compareAddresses) {
		r.Fail("signers", errUnsorted)
	}
	r.End()
	return s, r.Done()
}
