// SPDX-License-Identifier: Apache-2.0

// Package dnstree reads, verifies and writes the lists of nodes that are published in DNS
// (https://eips.ethereum.org/EIPS/eip-1459).
//
// A list is a signed Merkle tree of TXT strings. Its root lies at the list's domain, each
// other entry at a subdomain that is named by the hash of the entry's text:
//
//	enrtree-root:v1 e=HASH l=HASH seq=NUMBER sig=BASE64    the root: of nodes, and of links
//	enrtree-branch:HASH,HASH,…                             further entries, or none
//	enr:BASE64                                             a node, among nodes only
//	enrtree://KEY@DOMAIN                                   another list, among links only
//
// The last form is also how operators name a list, see [ParseURL].
//
// In: TXT strings of one name, from a resolver; to publish, records and a key. Out: a [Root] with a
// verified signature, or an [Entry] with the requested hash; a [Tree] to publish. Other strings are
// skipped: a name can have TXT strings for other purposes.
//
// [MaxTexts] strings of one name are read, each of at most [MaxText] bytes. All values are
// immutable, except a [Branch]: the caller owns its slice.
package dnstree
