// SPDX-License-Identifier: Apache-2.0

package types

import "errors"

// Errors of an input whose RLP is right. Match with errors.Is. Errors of RLP are those of package
// rlp.
var (
	// ErrInvalidTx is the error of a well-formed transaction that can never be valid. It is
	// wrapped together with what is wrong. See [DecodeTx].
	ErrInvalidTx = errors.New("invalid transaction")

	ErrEnvelope       = errors.New("want a list, or a byte string of a type from 0x01 to 0x7f and a payload")
	ErrShortTx        = errors.New("transaction is shorter than its fields can be")
	ErrUncles         = errors.New("block has more than 2 uncles")
	ErrAddress        = errors.New("address is not of 20 bytes")
	ErrNoRecipient    = errors.New("transactions of this type cannot create a contract")
	ErrParity         = errors.New("y parity is neither 0 nor 1")
	ErrSidecarVersion = errors.New("blob sidecar is of an unknown version")
	ErrSidecarCount   = errors.New("blob sidecar has unequal counts of blobs, commitments and proofs")
	ErrNoSidecar      = errors.New("blob transaction comes without its sidecar")
	ErrNotElided      = errors.New("blob sidecar has blobs where they are left out")
	ErrCommitment     = errors.New("blob sidecar does not match the transaction's blob hashes")
	ErrSidecarInBlock = errors.New("blob transaction of a block carries a sidecar")
	ErrUnknownType    = errors.New("transaction is of an unknown type")
	ErrSignature      = errors.New("signature is invalid")
	ErrOutcome        = errors.New("receipt has neither a status of 0 or 1 nor a state root")
	ErrTopics         = errors.New("log has more than 4 topics")
)
