// SPDX-License-Identifier: Apache-2.0

// in: raw transactions · out: what to record of them, but for the sender · owner: a reader, or the
// stage

package txgossip

import (
	"errors"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

var errBlobBroadcast = errors.New("a blob transaction must be announced, not broadcast")

// heard is a whole transaction that arrived.
type heard struct {
	body
	read    *reading // nil if it was whole before, is not told, or its type is unknown
	unknown bool     // its type is
	flaw    flaw     // why it is not told
}

// A reading is what a transaction says. It borrows nothing from the message.
type reading struct {
	event.TxBody // From is set by the stage
	to           types.Address
	sig          types.Signature
}

// cutItems cuts the content of an RLP list behind the first n items, or before one that cannot be split.
func cutItems(list []byte, n int) (first, rest []byte) {
	rest = list
	for range n {
		_, _, after, err := rlp.Split(rest)
		if err != nil { // also at the end
			break
		}
		rest = after
	}
	return list[:len(list)-len(rest)], rest
}

// hear reads transactions that a peer sent: items is content of their list. It only hashes those that
// were here before, and checks all that is cheap: the sender is recovered later, by the stage. It
// discards an invalid one alone (devp2p/caps/eth.md#transaction-encoding-and-validity). An error is
// the peer's fault: bytes that are no transaction, or a blob transaction in a forbidden form.
// It reports whether there are senders to recover.
func (g *Gossip) hear(v wire.Version, items []byte, limit int, via event.Via) (all []heard, fresh bool, err error) {
	scan := g.scans.Get().(*types.Scan)
	defer g.scans.Put(scan)
	defer scan.Reset()
	if err := scan.Txs(items, limit); err != nil {
		return nil, false, p2p.Breach("transactions: %w", err)
	}
	decode := types.DecodeTx
	if v.ElidesBlobs() {
		decode = types.DecodeTxElided
	}
	all = make([]heard, scan.Len())
	for i := range all {
		h := scan.Hash(i)
		all[i].hash = h
		if g.seen.isDone(h) {
			continue
		}
		tx, err := decode(scan.Item(i))
		if errors.Is(err, types.ErrInvalidTx) {
			all[i].refuse(&tx, invalid)
			continue
		}
		if err != nil {
			return nil, false, p2p.Breach("transaction %v: %w", h, err)
		}
		if err := checkForm(&tx, via); err != nil {
			return nil, false, p2p.Breach("transaction %v: %w", h, err)
		}
		g.read(&all[i], &tx)
		fresh = fresh || all[i].read != nil
	}
	return all, fresh, nil
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

// refuse fills in what is known of a transaction that is not told.
func (h *heard) refuse(tx *types.Tx, why flaw) {
	h.flaw = why
	h.kind = tx.Type
	h.size = tx.Size()
	h.sized = tx.Type != types.BlobTx || tx.Sidecar.Present()
}

// read fills in what tx says, after the checks that need no curve: the chain (EIP-155), the fields, the
// ranges of the signature (devp2p/caps/eth.md#transaction-encoding-and-validity).
func (g *Gossip) read(h *heard, tx *types.Tx) {
	h.refuse(tx, noFlaw)
	if h.unknown = !tx.Known; h.unknown {
		return
	}
	if g.chainID != nil && tx.Protected() && !tx.ChainID.Eq(g.chainID) {
		h.flaw = otherChain
		return
	}
	sig, err := tx.Signature()
	if err != nil || tx.Check() != nil {
		h.flaw = invalid
		return
	}
	h.read = &reading{to: tx.To, sig: sig, TxBody: event.TxBody{
		Nonce: tx.Nonce, Value: tx.Value, Gas: tx.Gas, Tip: tx.Tip, FeeCap: tx.FeeCap,
	}}
	if !tx.Create {
		h.read.To = &h.read.to
	}
}
