// SPDX-License-Identifier: Apache-2.0

// in: raw transactions · out: what to record of them · owner: a reader

package txgossip

import (
	"errors"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

var errBlobBroadcast = errors.New("a blob transaction must be announced, not broadcast")

// heard is a whole transaction that arrived.
type heard struct {
	body
	fields  *event.TxBody // nil if it was whole before, or its type is unknown
	unknown bool          // its type is
	invalid bool          // it can never be valid: its signature, or another value
}

// hear reads transactions that a peer sent. It only hashes those that were complete before. It
// discards an invalid one alone (devp2p/caps/eth.md#transaction-encoding-and-validity). An error is
// the peer's fault: bytes that are no transaction, or a blob transaction in a forbidden form.
func (g *Gossip) hear(v wire.Version, l wire.List, via event.Via) ([]heard, error) {
	scan := g.scans.Get().(*types.Scan)
	defer g.scans.Put(scan)
	defer scan.Reset()
	if err := scan.Txs(l.Content(), l.Len()); err != nil {
		return nil, p2p.Breach("transactions: %w", err)
	}
	decode := types.DecodeTx
	if v.ElidesBlobs() {
		decode = types.DecodeTxElided
	}
	all := make([]heard, scan.Len())
	for i := range all {
		h := scan.Hash(i)
		all[i].hash = h
		if g.seen.isDone(h) {
			continue
		}
		tx, err := decode(scan.Item(i))
		if errors.Is(err, types.ErrInvalidTx) {
			all[i].refuse(&tx)
			continue
		}
		if err != nil {
			return nil, p2p.Breach("transaction %v: %w", h, err)
		}
		if err := checkForm(&tx, via); err != nil {
			return nil, p2p.Breach("transaction %v: %w", h, err)
		}
		all[i].read(&tx)
	}
	return all, nil
}

// checkForm checks that a blob transaction arrives only in a reply, and with the sidecar that it
// names (devp2p/caps/eth.md#transactions-0x02, EIP-4844, "Networking").
func checkForm(tx *types.Tx, via event.Via) error {
	switch {
	case tx.Type != types.BlobTx:
		return nil
	case via == event.ViaBroadcast:
		return errBlobBroadcast
	default:
		return tx.CheckSidecar()
	}
}

// refuse fills in what is known of a transaction that can never be valid.
func (h *heard) refuse(tx *types.Tx) {
	h.invalid = true
	h.kind = tx.Type
	h.size = tx.Size()
	h.sized = tx.Type != types.BlobTx
}

// read fills in what tx says. It recovers the sender, which is most of the work.
func (h *heard) read(tx *types.Tx) {
	h.kind = tx.Type
	h.size = uint64(len(tx.Binary()))
	h.sized = tx.Type != types.BlobTx || tx.Sidecar.Present()
	if h.unknown = !tx.Known; h.unknown {
		return
	}
	from, err := tx.Sender()
	if h.invalid = err != nil; h.invalid {
		return
	}
	h.fields = &event.TxBody{
		From: from, Nonce: tx.Nonce, Value: tx.Value, Gas: tx.Gas, Tip: tx.Tip, FeeCap: tx.FeeCap,
	}
	if !tx.Create {
		to := tx.To
		h.fields.To = &to
	}
}
