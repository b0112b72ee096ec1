// SPDX-License-Identifier: Apache-2.0

// in: transactions and blocks that are new to a peer · out: what it sends of them to which peers

package devnet

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// rangeEvery is how many blocks there are between two BlockRangeUpdates (EIP-7642: at most
// one per epoch of 32).
const rangeEvery = 32

// announcements is the first version that has announcements of transactions.
const announcements wire.Version = 65

// split chooses the sessions that are sent a whole transaction or block: the square root of those
// that do not know it (devp2p/caps/eth.md#block-propagation). The others get its hash.
func split(sessions []*eth.Session, unaware func(*eth.Session) bool) (send, tell []*eth.Session) {
	far := slices.DeleteFunc(slices.Clone(sessions), func(s *eth.Session) bool { return !unaware(s) })
	rand.Shuffle(len(far), func(i, j int) { far[i], far[j] = far[j], far[i] })
	n := int(math.Sqrt(float64(len(far))))
	return far[:n], far[n:]
}

// tellTx tells all sessions of a transaction.
func (p *peer) tellTx(tx *transaction) {
	send, tell := split(p.proto.Sessions(), func(s *eth.Session) bool { return !s.KnowsTx(tx.hash) })
	for _, s := range send {
		s.SendTxs(tx.out())
	}
	for _, s := range tell {
		p.announce(s, tx)
	}
}

// announce sends a transaction's hash (devp2p/caps/eth.md#newpooledtransactionhashes-0x08), or the
// whole where the version has no announcements (EIP-2464).
func (p *peer) announce(s *eth.Session, tx *transaction) {
	if s.Version() < announcements {
		s.SendTxs(tx.out())
	} else {
		s.AnnounceTxs(tx.named())
	}
}

// tellBlock tells all sessions of a block that is the head now.
func (p *peer) tellBlock(b *block) {
	sessions := p.proto.Sessions()
	gossips := wire.KindNewBlock.Row()
	send, tell := split(sessions, func(s *eth.Session) bool { return gossips.In(s.Version()) && !s.KnowsBlock(b.hash) })
	whole := rlpx.NewChunk(wire.AppendNewBlock(nil, b.Raw, &b.td))
	for _, s := range send {
		s.TellBlock(wire.KindNewBlock, b.hash, whole)
	}
	name := rlpx.NewChunk(wire.AppendNewBlockHashes(nil, []wire.BlockName{b.name()}))
	for _, s := range tell {
		s.TellBlock(wire.KindNewBlockHashes, b.hash, name)
	}
	if b.Header.Number%rangeEvery != 0 {
		return
	}
	latest := p.store.latest()
	for _, s := range sessions {
		s.TellRange(wire.BlockRangeUpdate{Earliest: latest.Earliest, Latest: latest.Number, LatestHash: latest.Hash})
	}
}

// submit takes a new transaction and passes it on.
func (p *peer) submit(tx *transaction) {
	if p.pool.add(tx) {
		p.tellTx(tx)
	}
}

// onTxs takes transactions that a session sent, asked or not. One that is well-formed and can
// never be valid is discarded alone (devp2p/caps/eth.md#transaction-encoding-and-validity).
func (p *peer) onTxs(s *eth.Session, list wire.List) error {
	for item := range list.Items() {
		tx, err := types.DecodeTx(bytes.Clone(item))
		if errors.Is(err, types.ErrInvalidTx) {
			continue
		}
		if err != nil {
			return p2p.Breach("transaction: %w", err)
		}
		h := tx.Hash()
		s.MarkTx(h)
		if p.pool.tx(h) != nil || !p.takes(&tx) {
			continue
		}
		if whole, err := transactionOf(&tx); err == nil {
			p.submit(whole)
		}
	}
	return nil
}

// takes reports whether a transaction has a chance to get into a block.
func (p *peer) takes(tx *types.Tx) bool {
	return tx.Known && tx.Type != types.BlobTx && tx.ChainID.IsUint64() && tx.ChainID.Uint64() == p.store.chainID
}

// onNewBlock takes a whole block of a session (devp2p/caps/eth.md#newblock-0x07).
func (p *peer) onNewBlock(s *eth.Session, m *wire.NewBlock) error {
	b, err := readBlock(bytes.Clone(m.Block))
	if err != nil {
		return p2p.Breach("new block: %w", err)
	}
	return p.onBlock(s, b)
}

// onBlock takes a block, and requests its ancestors if they are missing.
func (p *peer) onBlock(s *eth.Session, b *block) error {
	s.MarkBlock(b.hash)
	switch isNew, err := p.store.addBlock(b); {
	case isNew:
		p.tellBlock(b)
	case errors.Is(err, errParent):
		p.missing(s, b.hash, p.distance(b.Header.Number))
	case err != nil && !errors.Is(err, errOld):
		return p2p.Breach("%w", err)
	}
	return nil
}
