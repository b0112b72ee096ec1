// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"

	"github.com/ethpeer/ethpeer/types"
)

// A Rule names what a header or a body breaks.
type Rule string

// The rules, in the words of the specifications.
const (
	Number      Rule = "number"
	Parent      Rule = "parent hash"
	Time        Rule = "time"
	GasLimit    Rule = "gas limit"
	GasUsed     Rule = "gas used"
	ExtraData   Rule = "extra data"
	Fields      Rule = "fields"
	BaseFee     Rule = "base fee"
	BlobGas     Rule = "blob gas"
	Difficulty  Rule = "difficulty"
	Engine      Rule = "engine" // the block is made by what may not make it
	Nonce       Rule = "nonce"
	MixDigest   Rule = "mix digest"
	Uncles      Rule = "uncles"
	Coinbase    Rule = "coinbase"
	Signer      Rule = "signer"
	Checkpoint  Rule = "checkpoint"
	Body        Rule = "body"
	Size        Rule = "size"
	Withdrawals Rule = "withdrawals"
)

// An Error says which rule a block breaks.
type Error struct {
	Rule   Rule
	Number uint64 // of the block
	Why    string // what it has, and what it must have
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("block %d: %s: %s", e.Number, e.Rule, e.Why) }

// broken returns an Error about h.
func broken(h *types.Header, rule Rule, format string, args ...any) error {
	return &Error{Rule: rule, Number: h.Number, Why: fmt.Sprintf(format, args...)}
}
