// SPDX-License-Identifier: Apache-2.0

// in: hashes that a session announced · out: requests, then transactions

package devnet

import (
	"slices"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// onAnnounced notes the new hashes of an announcement, and requests them
// (devp2p/caps/eth.md#transaction-exchange).
func (l *listener) onAnnounced(m *wire.NewPooledTransactionHashes) {
	for a := range m.All() {
		l.session.MarkTx(a.Hash)
		if a.Typed && a.Type == types.BlobTx || l.pool.tx(a.Hash) != nil {
			continue
		}
		l.want(a.Hash)
	}
	l.askTxs()
}

func (l *listener) want(h types.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wants.Add(h)
}

// askTxs asks a session for the transactions that are wanted of it, unless it is about to
// answer already.
func (l *listener) askTxs() {
	hashes := l.takeWants()
	if len(hashes) == 0 {
		return
	}
	err := eth.Ask(l.session, wire.PooledRequest{Hashes: hashes}, func(reply wire.PooledTxs, err error) {
		l.asked()
		if err != nil {
			return
		}
		if err := l.onTxs(l.session, reply.List); err != nil {
			l.session.Fail(err)
			return
		}
		l.askTxs()
	})
	if err != nil {
		l.asked()
	}
}

// takeWants returns what to ask a session for, which is then being asked.
func (l *listener) takeWants() (hashes []types.Hash) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asking {
		return nil
	}
	for h := range l.wants.All() {
		if len(hashes) == wire.KindGetPooledTransactions.Row().SendItems {
			break
		}
		hashes = append(hashes, h)
	}
	for _, h := range hashes {
		l.wants.Delete(h)
	}
	hashes = slices.DeleteFunc(hashes, func(h types.Hash) bool { return l.pool.tx(h) != nil })
	l.asking = len(hashes) > 0
	return hashes
}

func (l *listener) asked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking = false
}
