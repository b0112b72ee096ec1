// SPDX-License-Identifier: Apache-2.0

// Package rules checks headers and bodies against the rules of a chain, as far as they need no
// state: whatever a node can refuse before it executes a block.
//
// In: a [params.Chain], a header, its parent, and a body. Out: nil, or an [*Error] that names the
// rule. The fault is then the block's: a peer that has checked the block would not have sent it.
//
//	err := rules.Check(chain, &parent, &header)
//	if broken, ok := errors.AsType[*rules.Error](err); ok {
//		log.Print(broken.Rule) // "base fee"
//	}
//
// [Check] covers number, time, gas limit, extra data, base fee (EIP-1559), blob gas (EIP-4844,
// EIP-7691, EIP-7840, EIP-7892, EIP-7918), the fields that each fork adds, the difficulty of every
// era, and the form of a header that a consensus layer makes (EIP-3675). What seals a block is
// checked apart, because it costs more: [Snapshot] has the signers of a clique chain (EIP-225),
// package ethash the proof of work. A block from the future breaks no rule here: the clock that is
// wrong may be ours.
//
// Nothing here reads a clock, keeps state, or changes its arguments. go-ethereum accepts and
// refuses the same headers, except that it looks for the requests' hash (EIP-7685) when it executes
// a block: interop/oracle compares the two.
package rules
