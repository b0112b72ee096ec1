// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/rlp"
)

// A Receipt is the result of a transaction (devp2p/caps/eth.md#receipt-encoding-and-validity). It
// has two shapes on the wire: up to eth/68 the consensus form, whose root is in the header, and
// from eth/69 on a flat list without bloom filter (EIP-7642). Both decode to the same Receipt, and
// a Receipt can be written in both.
//
// A decoded Receipt borrows Outcome and Logs from the input.
type Receipt struct {
	Type          uint8  // of the transaction, known or not
	Outcome       []byte // the state root afterwards or, from Byzantium on (EIP-658), {1} for success and empty for failure
	CumulativeGas uint64 // used by the block up to and with this transaction
	Bloom         Bloom  // over Logs: as received, or computed for the flat shape
	Logs          []byte // content of the RLP list of [address, [topic, ...], data]
}

// DecodeReceipt decodes item, exactly one receipt as Receipts lists it up to eth/68
// (devp2p/caps/eth.md#receipts-0x10): a list of outcome, gas, bloom and logs, or a byte string of
// a type and that list. It allocates nothing.
func DecodeReceipt(item []byte) (Receipt, error) {
	kind, content, rest, err := rlp.Split(item)
	switch {
	case err != nil:
		return Receipt{}, err
	case len(rest) > 0:
		return Receipt{}, &rlp.Error{Offset: len(item) - len(rest), Path: "receipt", Err: rlp.ErrTrailing}
	case kind == rlp.List:
		return decodeReceipt(0, item)
	case !isEnvelope(content):
		return Receipt{}, &rlp.Error{Path: "receipt", Err: ErrEnvelope}
	}
	return decodeReceipt(content[0], content[1:])
}

func decodeReceipt(kind uint8, list []byte) (Receipt, error) {
	r := Receipt{Type: kind}
	c := rlp.Read(list)
	c.List("receipt")
	r.readOutcome(&c)
	c.Fixed("bloom", r.Bloom[:])
	r.Logs = readLogs(&c, nil)
	c.End()
	if err := c.Done(); err != nil {
		return Receipt{}, err
	}
	return r, nil
}

// DecodeFlatReceipt decodes item, exactly one receipt as Receipts lists it from eth/69 on
// (devp2p/caps/eth.md#receipts-0x10, EIP-7642): a list of type, outcome, gas and logs. It computes
// the bloom filter. It allocates nothing.
func DecodeFlatReceipt(item []byte) (Receipt, error) {
	var r Receipt
	c := rlp.Read(item)
	c.List("receipt")
	kind := c.Uint64("type")
	if kind > maxTxType {
		c.Fail("type", rlp.ErrOverflow)
	}
	r.Type = uint8(kind)
	r.readOutcome(&c)
	r.Logs = readLogs(&c, &r.Bloom)
	c.End()
	if err := c.Done(); err != nil {
		return Receipt{}, err
	}
	return r, nil
}

func (r *Receipt) readOutcome(c *rlp.Cursor) {
	r.Outcome = c.Bytes("outcome")
	switch n := len(r.Outcome); {
	case n == 0 || n == len(Hash{}) || n == 1 && r.Outcome[0] == 1:
	default:
		c.Fail("outcome", ErrOutcome)
	}
	r.CumulativeGas = c.Uint64("cumulativeGas")
}

// readLogs reads a list of logs and adds their addresses and topics to bloom, unless bloom is nil.
func readLogs(c *rlp.Cursor, bloom *Bloom) []byte {
	c.List("logs")
	content := c.Remaining()
	var address Address
	var topic Hash
	for c.More() {
		c.List("")
		c.Fixed("address", address[:])
		if bloom != nil {
			bloom.Add(address[:])
		}
		c.List("topics")
		for n := 0; c.More(); n++ {
			c.Fixed("", topic[:])
			if n == maxTopics {
				c.Fail("topics", ErrTopics)
			}
			if bloom != nil {
				bloom.Add(topic[:])
			}
		}
		c.End()
		c.Bytes("data")
		c.End()
	}
	c.End()
	return content
}

// maxTopics is the most topics of a log: the EVM's last log instruction is LOG4.
const maxTopics = 4
