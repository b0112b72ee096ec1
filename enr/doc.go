// SPDX-License-Identifier: Apache-2.0

// Package enr names nodes: by ID, by record, by URL.
//
// In: records in RLP or as enr: text from peers, DNS and operators
// (https://github.com/ethereum/devp2p/blob/master/enr.md), and node URLs from operators.
// Out: an [ID], the Keccak-256 of a public key; a [Record], which is immutable and whose
// signature was verified; a [Node], where and who a node is.
//
//	n, err := enr.ParseNode("enode://…@boot.example.org:30303?discport=30301")
//
// A record has at most [MaxSize] bytes, checked before anything else is. Nothing here
// resolves names or opens sockets: a DNS name stays in [Node.Host] until somebody
// resolves it. Values are immutable after construction and may be shared, except a
// [Builder], which belongs to one goroutine.
package enr
