// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// maxBodies is how many bodies a call may ask for: the least that an execution client must support
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/shanghai.md#engine_getpayloadbodiesbyhashv1).
const maxBodies = 32

func (s *Server) getPayloadBodiesByHash(dst []byte, params [][]byte, version int) ([]byte, error) {
	if len(params) == 0 {
		return dst, invalid("the block hashes are missing")
	}
	list, err := elements(params[0], maxBodies)
	if err != nil {
		return dst, &rpcError{codeTooLarge, "block hashes: " + err.Error()}
	}
	hashes := make([]types.Hash, len(list))
	for i, raw := range list {
		if err := fixed(raw, hashes[i][:]); err != nil {
			return dst, invalid("block hash %d: %v", i, err)
		}
	}
	return s.appendBodies(dst, hashes, version)
}

// getPayloadBodiesByRange answers for canonical blocks, and not beyond our head
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/shanghai.md#engine_getpayloadbodiesbyrangev1).
func (s *Server) getPayloadBodiesByRange(dst []byte, params [][]byte, version int) ([]byte, error) {
	if len(params) < 2 {
		return dst, invalid("want the first number and a count")
	}
	first, err := quantity(params[0])
	if err != nil {
		return dst, invalid("first number: %v", err)
	}
	count, err := quantity(params[1])
	switch {
	case err != nil:
		return dst, invalid("count: %v", err)
	case first == 0 || count == 0:
		return dst, invalid("the first number and the count must not be 0")
	case count > maxBodies:
		return dst, &rpcError{codeTooLarge, "more than 32 bodies"}
	}
	var hashes []types.Hash
	b := s.attached()
	for top := s.height(); count > 0 && first <= top && b.Canonical != nil; count, first = count-1, first+1 {
		h, _ := b.Canonical(first) // the zero hash has no body
		hashes = append(hashes, h)
	}
	return s.appendBodies(dst, hashes, version)
}

// appendBodies appends an array of bodies, null for those that are not held.
func (s *Server) appendBodies(dst []byte, hashes []types.Hash, version int) ([]byte, error) {
	b := s.attached()
	dst = append(dst, '[')
	for i, h := range hashes {
		if i > 0 {
			dst = append(dst, ',')
		}
		var raw, list []byte
		if b.Body != nil {
			raw = b.Body(h)
		}
		if version > 1 && b.AccessList != nil {
			list = b.AccessList(h)
		}
		if len(dst)+2*len(raw)+2*len(list) > maxAnswer {
			return dst, &rpcError{codeTooLarge, "these bodies have more than 64 MiB: ask for fewer"}
		}
		dst = appendBody(dst, raw, list, version)
	}
	return append(dst, ']'), nil
}

// appendBody appends a body
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/shanghai.md#executionpayloadbodyv1); from version 2 on with its
// block access list.
func appendBody(dst, raw, accessList []byte, version int) []byte {
	body, err := types.DecodeBody(raw)
	if raw == nil || err != nil {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"transactions":[`...)
	for i, tx := range transactionsOf(&body) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendHex(dst, tx)
	}
	dst = append(dst, `],"withdrawals":`...)
	if !body.HasWithdrawals {
		dst = append(dst, "null"...)
	} else {
		dst = appendWithdrawals(dst, body.Withdrawals)
	}
	if version > 1 {
		dst = append(dst, `,"blockAccessList":`...)
		if accessList == nil {
			dst = append(dst, "null"...)
		} else {
			dst = appendHex(dst, accessList)
		}
	}
	return append(dst, '}')
}

func appendWithdrawals(dst, list []byte) []byte {
	dst = append(dst, '[')
	for c := rlp.Read(list); c.More(); {
		w, err := types.DecodeWithdrawal(c.Raw("withdrawal"))
		if err != nil {
			break // a body whose withdrawals cannot be read is not held
		}
		if dst[len(dst)-1] == '}' {
			dst = append(dst, ',')
		}
		dst = appendQuantity(append(dst, `{"index":`...), w.Index)
		dst = appendQuantity(append(dst, `,"validatorIndex":`...), w.Validator)
		dst = appendHex(append(dst, `,"address":`...), w.Address[:])
		dst = appendQuantity(append(dst, `,"amount":`...), w.Amount)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
