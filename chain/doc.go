// SPDX-License-Identifier: Apache-2.0

// Package chain checks how the headers of a chain follow from each other.
//
// In: headers, as package types reads them. Out: a [Link], which is the part of a header that
// says where the block belongs and which body it has, and an error where a header breaks a rule
// that it shows by itself ([CheckHeader]), beside its parent ([CheckLink]) or beside the clock
// ([CheckTime]). Work, seals and state are not checked, and after the merge (EIP-3675) a header
// does not say whether it is canonical: package chain/head works out which block is the head.
//
// Everything here is a value or a pure function.
//
// # Limits
//
//	difficulty              80 bits
//	extra data              100 KiB
//	gas limit               2^63-1
//	ahead of our clock      15 s (MaxAhead)
package chain
