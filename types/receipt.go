// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/ethpeer/ethpeer/rlp"
)

// A Receipt is what executing a transaction left. On the wire it has two shapes: up to
// eth/68 the one whose root the header states, and from eth/69 on one that is flat and has
// no bloom filter (EIP-7642). Either decodes to the same Receipt, and it can be written in
// either.
//
// A decoded receipt borrows Outcome and Logs from the input.
type Receipt struct {
	Type          uint8  // of the transaction, known or not
	Outcome       []byte // the state root after it or, from Byzantium on (EIP-658), {1} for success and nothing for failure
	CumulativeGas uint64 // used by the block up to here
	Bloom         Bloom  // over Logs; as it was sent, or made from them where it was not
	Logs          []byte // content of the RLP list of [address, [topic, ...], data]
}

// DecodeReceipt decodes item, exactly one receipt in the form in which Receipts lists it up
// to eth/68: a list of outcome, gas, bloom and logs, or a byte string of a type and that
// list. It allocates nothing.
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

// DecodeFlatReceipt decodes item, exactly one receipt in the form in which Receipts lists it
// from eth/69 on (devp2p/caps/eth.md#receipts-0x10): a list of type, outcome, gas and logs.
// It makes the bloom filter. It allocates nothing.
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

// readLogs reads a list of logs and adds what they are found by to bloom, unless that is
// nil.
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

// maxTopics is how many topics a log can have: there is no instruction for more than LOG4.
const maxTopics = 4
