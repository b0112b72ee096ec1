// SPDX-License-Identifier: Apache-2.0

package types

import "github.com/ethpeer/ethpeer/rlp"

// A Withdrawal moves ether of a validator from the beacon chain to an account (EIP-4895).
type Withdrawal struct {
	Index     uint64 // counts all withdrawals
	Validator uint64
	Address   Address
	Amount    uint64 // gwei
}

// DecodeWithdrawal decodes item, exactly one withdrawal. It allocates nothing.
func DecodeWithdrawal(item []byte) (w Withdrawal, err error) {
	c := rlp.Read(item)
	w.read(&c)
	return w, c.Done()
}

func (w *Withdrawal) read(c *rlp.Cursor) {
	c.List("withdrawal")
	w.Index = c.Uint64("index")
	w.Validator = c.Uint64("validator")
	c.Fixed("address", w.Address[:])
	w.Amount = c.Uint64("amount")
	c.End()
}

// Append appends the withdrawal's RLP.
func (w *Withdrawal) Append(dst []byte) []byte {
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, w.Index)
	dst = rlp.AppendUint64(dst, w.Validator)
	dst = rlp.AppendBytes(dst, w.Address[:])
	dst = rlp.AppendUint64(dst, w.Amount)
	return rlp.CloseList(dst, list)
}
