// SPDX-License-Identifier: Apache-2.0

// in: transactions, of the wallet and of sessions · out: what is sent of them to which sessions

package devnet

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/bounded"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// A listener is a peer's side of one session, as far as transactions go.
type listener struct {
	*peer
	session *eth.Session

	mu     sync.Mutex              // guards what follows
	wants  bounded.Set[types.Hash] // announced transactions to be asked for
	asking bool                    // a request is in flight
}

// maxWants bounds the transactions that are wanted of a session; the oldest make room.
const maxWants = 1024

// Kinds implements [eth.Role]: transactions, which no other role of the peer takes.
func (*peer) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindTransactions, wire.KindNewPooledTransactionHashes}
}

// Open implements [eth.Role]: it announces all pending transactions to the new session
// (devp2p/caps/eth.md#transaction-exchange).
func (p *peer) Open(s *eth.Session) eth.Listener {
	for _, tx := range p.pool.pending() {
		p.announce(s, tx)
	}
	return &listener{peer: p, session: s, wants: bounded.NewSet[types.Hash](maxWants, bounded.DropOldest)}
}

// Close implements [eth.Listener].
func (*listener) Close(error) {}

// On implements [eth.Listener].
func (l *listener) On(m wire.Message) error {
	switch m := m.(type) {
	case *wire.Transactions:
		return l.onTxs(l.session, m.List)
	case *wire.NewPooledTransactionHashes:
		l.onAnnounced(m)
	}
	return nil
}

// announcements is the first version that has announcements of transactions.
const announcements wire.Version = 65

// split chooses the sessions that are sent a whole transaction: the square root of those
// that do not know it (devp2p/caps/eth.md#transaction-exchange). The others get its hash.
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
	return tx.Known && tx.Type != types.BlobTx && tx.ChainID.IsUint64() && tx.ChainID.Uint64() == p.chainID
}
