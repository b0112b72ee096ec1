// SPDX-License-Identifier: Apache-2.0

// Package chain checks how the headers of a chain follow from each other.
//
// In: headers, as package types reads them. Out: a [Link], which is the part of a header that
// says where the block belongs and which body it has, and an error where a header breaks a rule
// that it shows by itself ([CheckHeader]), beside its parent ([CheckLink]), beside the clock
// ([CheckTime]) or beside an earlier block ([CheckPace]). [MaxTxs] bounds the transactions of a body
// before it is read. Work, seals and state are not checked, and after the merge (EIP-3675) a header
// does not say whether it is canonical: package chain/head works out which block is the head.
//
// Everything here is a value or a pure function.
//
// # Limits
//
//	difficulty              80 bits
//	extra data              100 KiB
//	gas limit               5,000 to 2^63-1; half to twice the parent's
//	ahead of our clock      15 s (MaxAhead)
package chain
