// SPDX-License-Identifier: Apache-2.0

package light

import (
	"encoding/json"
	"fmt"

	"github.com/holiman/uint256"
)

// The JSON shapes of /eth/v1/beacon/light_client/ (beacon-APIs/apis/beacon/light_client). Keys come in any order, others
// are skipped.

type beaconJSON struct {
	Slot     decimal `json:"slot"`
	Proposer decimal `json:"proposer_index"`
	Parent   Root    `json:"parent_root"`
	State    Root    `json:"state_root"`
	Body     Root    `json:"body_root"`
}

type executionJSON struct {
	ParentHash    Root    `json:"parent_hash"`
	FeeRecipient  address `json:"fee_recipient"`
	StateRoot     Root    `json:"state_root"`
	ReceiptsRoot  Root    `json:"receipts_root"`
	LogsBloom     bloom   `json:"logs_bloom"`
	PrevRandao    Root    `json:"prev_randao"`
	BlockNumber   decimal `json:"block_number"`
	GasLimit      decimal `json:"gas_limit"`
	GasUsed       decimal `json:"gas_used"`
	Timestamp     decimal `json:"timestamp"`
	ExtraData     octets  `json:"extra_data"`
	BaseFee       wide    `json:"base_fee_per_gas"`
	BlockHash     Root    `json:"block_hash"`
	TxRoot        Root    `json:"transactions_root"`
	Withdrawals   Root    `json:"withdrawals_root"`
	BlobGasUsed   decimal `json:"blob_gas_used"`
	ExcessBlobGas decimal `json:"excess_blob_gas"`
}

type headerJSON struct {
	Beacon    beaconJSON     `json:"beacon"`
	Execution *executionJSON `json:"execution"`
	Hash      *Root          `json:"execution_block_hash"`
	Branch    roots          `json:"execution_branch"`
}

type committeeJSON struct {
	Keys      keys `json:"pubkeys"`
	Aggregate key  `json:"aggregate_pubkey"`
}

type bootstrapJSON struct {
	Header    *headerJSON   `json:"header"`
	Committee committeeJSON `json:"current_sync_committee"`
	Branch    roots         `json:"current_sync_committee_branch"`
}

type updateJSON struct {
	Attested       *headerJSON    `json:"attested_header"`
	Next           *committeeJSON `json:"next_sync_committee"`
	NextBranch     roots          `json:"next_sync_committee_branch"`
	Finalized      *headerJSON    `json:"finalized_header"`
	FinalityBranch roots          `json:"finality_branch"`
	Aggregate      struct {
		Bits      octets    `json:"sync_committee_bits"`
		Signature signature `json:"sync_committee_signature"`
	} `json:"sync_aggregate"`
	SignatureSlot decimal `json:"signature_slot"`
}

// unwrap returns what is below the key data, or all of it where there is no such key: events come
// with the version around them from some nodes, and bare from others.
func unwrap(b []byte) ([]byte, error) {
	var outer struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(b, &outer); err != nil {
		return nil, fmt.Errorf("light: %w", err)
	}
	if outer.Data != nil {
		return outer.Data, nil
	}
	return b, nil
}

func decode[T any](b []byte) (*T, error) {
	b, err := unwrap(b)
	if err != nil {
		return nil, err
	}
	v := new(T)
	if err := json.Unmarshal(b, v); err != nil {
		return nil, fmt.Errorf("light: %w", err)
	}
	return v, nil
}

// ParseBootstrap reads the answer to bootstrap/{root}. The caller bounds b; a Bootstrap takes no more memory than its
// text. The result shares nothing with b.
func ParseBootstrap(b []byte) (*Bootstrap, error) {
	j, err := decode[bootstrapJSON](b)
	if err != nil {
		return nil, err
	}
	if j.Header == nil {
		return nil, fmt.Errorf("light: a bootstrap without header")
	}
	return &Bootstrap{Header: j.Header.header(), Committee: *j.Committee.committee(), Branch: j.Branch}, nil
}

// ParseUpdate reads a finality or an optimistic update: an answer, or the data of an event. The caller bounds b. The result
// shares nothing with b.
func ParseUpdate(b []byte) (*Update, error) {
	j, err := decode[updateJSON](b)
	if err != nil {
		return nil, err
	}
	return j.update()
}

// ParseUpdates reads the answer to updates: at most limit of them, and at most MaxUpdates. The caller bounds b. The result
// shares nothing with b.
func ParseUpdates(b []byte, limit int) ([]*Update, error) {
	list, err := readList[json.RawMessage](b, min(limit, MaxUpdates), false)
	if err != nil {
		return nil, fmt.Errorf("light: updates: %w", err)
	}
	updates := make([]*Update, len(list))
	for i, raw := range list {
		if updates[i], err = ParseUpdate(raw); err != nil {
			return nil, fmt.Errorf("update %d of %d: %w", i+1, len(list), err)
		}
	}
	return updates, nil
}

// update returns the update without the parts that are empty: a node that has no finality sends
// zeros in their place.
func (j *updateJSON) update() (*Update, error) {
	if j.Attested == nil {
		return nil, fmt.Errorf("light: an update without attested header")
	}
	u := &Update{
		Attested: j.Attested.header(), Bits: j.Aggregate.Bits, Signature: j.Aggregate.Signature, SignatureSlot: uint64(j.SignatureSlot),
	}
	if j.Next != nil && !allZero(j.NextBranch) {
		u.Next, u.NextBranch = j.Next.committee(), j.NextBranch
	}
	if j.Finalized != nil && !allZero(j.FinalityBranch) {
		f := j.Finalized.header()
		u.Finalized, u.FinalityBranch = &f, j.FinalityBranch
	}
	return u, nil
}

func (j *headerJSON) header() Header {
	b := j.Beacon
	h := Header{
		Beacon: Beacon{Slot: uint64(b.Slot), Proposer: uint64(b.Proposer), Parent: b.Parent, State: b.State, Body: b.Body},
		Hash:   j.Hash, Branch: j.Branch,
	}
	if e := j.Execution; e != nil {
		h.Execution = &Execution{
			ParentHash: e.ParentHash, StateRoot: e.StateRoot, ReceiptsRoot: e.ReceiptsRoot, PrevRandao: e.PrevRandao,
			BlockHash: e.BlockHash, TxRoot: e.TxRoot, WithdrawalsRoot: e.Withdrawals,
			FeeRecipient: e.FeeRecipient, LogsBloom: e.LogsBloom,
			BlockNumber: uint64(e.BlockNumber), GasLimit: uint64(e.GasLimit), GasUsed: uint64(e.GasUsed),
			Timestamp: uint64(e.Timestamp), BlobGasUsed: uint64(e.BlobGasUsed), ExcessBlobGas: uint64(e.ExcessBlobGas),
			ExtraData: e.ExtraData, BaseFee: uint256.Int(e.BaseFee),
		}
	}
	return h
}

func (j *committeeJSON) committee() *Committee {
	c := &Committee{Keys: make([][48]byte, len(j.Keys)), Aggregate: j.Aggregate}
	for i, k := range j.Keys {
		c.Keys[i] = k
	}
	return c
}
