// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
)

type object = map[string]any

func hx(b []byte) string { return "0x" + hex.EncodeToString(b) }

func hexes(nodes []node) []string {
	out := []string{}
	for _, n := range nodes {
		out = append(out, hx(n[:]))
	}
	return out
}

func text(v uint64) string { return fmt.Sprint(v) }

// encode panics for what cannot be written: objects of strings and numbers always can.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// header returns the LightClientHeader of a block in the shape of a fork that is not before the block's own.
func (c *Chain) header(b *Block, shape places) object {
	h := object{"beacon": object{
		"slot": text(b.Slot), "proposer_index": text(b.Slot % 97), "parent_root": hx(b.parent[:]), "state_root": hx(b.stateRoot[:]), "body_root": hx(b.bodyRoot[:]),
	}}
	switch {
	case shape.order >= forks["gloas"].order:
		branch := make([]node, 11)
		if b.places.hash > 0 {
			branch = b.body.branch(b.places.hash, 11)
		}
		h["execution_block_hash"], h["execution_branch"] = hx(b.Hash[:]), hexes(branch)
	case shape.fields > 0:
		fields, branch := make([]node, 17), make([]node, 4)
		if b.places.fields > 0 {
			copy(fields, b.fields)
			branch = b.body.branch(25, 4)
		}
		le := func(i int) string {
			v := uint64(0)
			for k := range 8 {
				v |= uint64(fields[i][k]) << (8 * k)
			}
			return text(v)
		}
		e := object{
			"parent_hash": hx(fields[0][:]), "fee_recipient": hx(fields[1][:20]), "state_root": hx(fields[2][:]), "receipts_root": hx(fields[3][:]),
			"logs_bloom": hx(make([]byte, 256)), "prev_randao": hx(fields[5][:]), "block_number": le(6), "gas_limit": le(7), "gas_used": le(8), "timestamp": le(9),
			"extra_data": "0x", "base_fee_per_gas": le(11), "block_hash": hx(fields[12][:]), "transactions_root": hx(fields[13][:]), "withdrawals_root": hx(fields[14][:]),
		}
		if shape.fields > 16 {
			e["blob_gas_used"], e["excess_blob_gas"] = le(15), le(16)
		}
		h["execution"], h["execution_branch"] = e, hexes(branch)
	}
	return h
}

func (k *committee) object() object {
	keys := []string{}
	for _, key := range k.keys {
		keys = append(keys, hx(key[:]))
	}
	return object{"pubkeys": keys, "aggregate_pubkey": hx(k.sum[:])}
}

// Bootstrap returns the answer to bootstrap/{root} for the block of a slot.
func (c *Chain) Bootstrap(slot uint64) []byte {
	b := c.At(slot)
	return encode(object{"version": c.fork(slot).Name, "data": object{
		"header": c.header(b, b.places), "current_sync_committee": c.committee(c.Period(slot)).object(),
		"current_sync_committee_branch": hexes(b.state.branch(b.places.current, 0)),
	}})
}

// Optimistic returns the optimistic update that the block of a slot makes: it carries the votes for the block before it.
func (c *Chain) Optimistic(slot uint64) []byte {
	return encode(object{"version": c.fork(slot).Name, "data": c.update(slot, forks[c.fork(slot).Name], false, false)})
}

// Finality returns the finality update that the block of a slot makes.
func (c *Chain) Finality(slot uint64) []byte {
	return encode(object{"version": c.fork(slot).Name, "data": c.update(slot, forks[c.fork(slot).Name], true, false)})
}

// Update returns one element of the answer to updates: what the block of a slot makes, in the shape of the fork
// of shape.
func (c *Chain) Update(slot, shape uint64) []byte {
	return encode(object{"version": c.fork(shape).Name, "data": c.update(slot, forks[c.fork(shape).Name], true, true)})
}

// update makes an update of the votes in the block of a slot, in the shape of a fork.
func (c *Chain) update(slot uint64, shape places, finality, next bool) object {
	slot = c.At(slot).Slot // of the signature
	a := c.At(slot - 1)
	bits, signature := c.signed(a, slot)
	u := object{
		"attested_header": c.header(a, shape), "signature_slot": text(slot),
		"sync_aggregate": object{"sync_committee_bits": hx(bits), "sync_committee_signature": hx(signature[:])},
	}
	if finality {
		u["finalized_header"], u["finality_branch"] = c.header(&Block{}, shape), hexes(make([]node, depth(shape.finalized)))
		if f := a.finalized; f != nil {
			u["finalized_header"], u["finality_branch"] = c.header(f, shape), hexes(a.state.branch(a.places.finalized, depth(shape.finalized)))
		}
	}
	if next {
		u["next_sync_committee"] = c.committee(c.Period(a.Slot) + 1).object()
		u["next_sync_committee_branch"] = hexes(a.state.branch(a.places.next, depth(shape.next)))
	}
	return u
}

func depth(g uint64) (d int) {
	for ; g > 1; g /= 2 {
		d++
	}
	return d
}
