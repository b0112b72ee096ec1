// SPDX-License-Identifier: Apache-2.0

// Package enr identifies Ethereum nodes: by node ID, by signed node record, and by URL.
//
// In: records as RLP or as "enr:" text, from peers, DNS and operators
// (https://github.com/ethereum/devp2p/blob/master/enr.md, called devp2p/enr.md below), and
// enode URLs from operators. Out: an [ID], the Keccak-256 of a public key; a [Record], which is
// immutable and has a valid signature; a [Node], the key of a node and its address.
//
//	n, err := enr.ParseNode("enode://…@boot.example.org:30303?discport=30301")
//
// Every text form that the package writes reads back to the same value. A [Builder] signs
// records.
//
// Limits: a record has at most [MaxSize] bytes, checked first. The package opens no socket and
// looks up no name: a DNS name stays in [Node.Host] for the caller. Values are immutable after
// construction and may be shared, except a [Builder] and an [UnverifiedRecord], which belong to
// one goroutine.
package enr
