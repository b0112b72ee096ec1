// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"fmt"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A state is what the chain knows beside its blocks. It is written with every batch, so that it always fits them.
type state struct {
	head  Head
	runs  spans // the canonical numbers; those of one span are linked, and the top one ends at the head
	held  spans // canonical numbers of which there is a body, receipts or an access list
	full  spans // of which there are body and receipts
	final Ref   // no reorganisation goes below it; the genesis block if nothing was said
	led   bool  // an external source named a head: weight no longer counts

	gone spans // numbers that are no longer canonical, and whose values are still to be deleted
	bare spans // numbers whose bodies, receipts and access lists are still to be deleted
}

// Names of what the chain keeps beside its blocks. What others keep is below metaUser.
const (
	metaChain  = "chain"
	metaState  = "state"
	metaSide   = "side/"
	metaClique = "clique/"
	metaUser   = "user/"
)

// format is the version of everything that is written.
const format = 1

func (s *state) encode() []byte {
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendUint64(dst, format)
	dst = rlp.AppendUint64(dst, s.head.Number)
	dst = rlp.AppendBytes(dst, s.head.Hash[:])
	dst = rlp.AppendBool(dst, s.head.HasTD)
	dst = rlp.AppendInteger(dst, s.head.TD.Bytes())
	dst = rlp.AppendUint64(dst, s.final.Number)
	dst = rlp.AppendBytes(dst, s.final.Hash[:])
	dst = rlp.AppendBool(dst, s.led)
	for _, set := range []spans{s.runs, s.held, s.full, s.gone, s.bare} {
		dst = set.append(dst)
	}
	return rlp.CloseList(dst, list)
}

// readState reads what encode wrote. Of the head it reads the name and the total difficulty.
func readState(raw []byte) (s state, err error) {
	c := rlp.Read(raw)
	c.List("state")
	if v := c.Uint64("format"); v != format && c.Err() == nil {
		return s, fmt.Errorf("its format is %d, this ethpeer reads %d", v, format)
	}
	s.head.Number = c.Uint64("head")
	c.Fixed("hash", s.head.Hash[:])
	s.head.HasTD = c.Bool("hasTD")
	s.head.TD = *new(uint256.Int).SetBytes(c.Integer("td", 32))
	s.final.Number = c.Uint64("final")
	c.Fixed("finalHash", s.final.Hash[:])
	s.led = c.Bool("led")
	for _, set := range []*spans{&s.runs, &s.held, &s.full, &s.gone, &s.bare} {
		*set = readSpans(&c, "numbers")
	}
	c.End()
	return s, c.Done()
}

// A marker says of which chain a store is.
type marker struct {
	name    string
	genesis types.Hash
}

func (m *marker) encode() []byte {
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendUint64(dst, format)
	dst = rlp.AppendBytes(dst, m.genesis[:])
	dst = rlp.AppendString(dst, m.name)
	return rlp.CloseList(dst, list)
}

func readMarker(raw []byte) (m marker, err error) {
	c := rlp.Read(raw)
	c.List("chain")
	if v := c.Uint64("format"); v != format && c.Err() == nil {
		return m, fmt.Errorf("its format is %d, this ethpeer reads %d", v, format)
	}
	c.Fixed("genesis", m.genesis[:])
	m.name = string(c.BytesMax("name", 1024))
	c.End()
	return m, c.Done()
}
