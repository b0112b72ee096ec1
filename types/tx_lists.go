// SPDX-License-Identifier: Apache-2.0

package types

import (
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// The functions below check the lists of a transaction and return their contents. What is relayed
// is then canonical on all levels.

// readAccessList reads a list of [address, [key, ...]] (EIP-2930).
func readAccessList(c *rlp.Cursor) []byte {
	c.List("accessList")
	content := c.Remaining()
	var address Address
	for c.More() {
		c.List("")
		c.Fixed("address", address[:])
		readHashes(c, "keys")
		c.End()
	}
	c.End()
	return content
}

// readHashes reads a list of byte strings of 32 bytes.
func readHashes(c *rlp.Cursor, name string) []byte {
	c.List(name)
	content := c.Remaining()
	var h Hash
	for c.More() {
		c.Fixed("", h[:])
	}
	c.End()
	return content
}

// readAuthList reads a list of [chainID, address, nonce, yParity, r, s]. A transaction with a
// parity of up to 8 bits is valid (EIP-7702, "Set code transaction").
func readAuthList(c *rlp.Cursor) []byte {
	c.List("authList")
	content := c.Remaining()
	var address Address
	var number uint256.Int
	for c.More() {
		c.List("")
		readUint256(c, "chainID", &number)
		c.Fixed("address", address[:])
		c.Uint64("nonce")
		c.Integer("yParity", 1)
		readUint256(c, "r", &number)
		readUint256(c, "s", &number)
		c.End()
	}
	c.End()
	return content
}

// appendList appends the list with this content.
func appendList(dst, content []byte) []byte {
	return append(rlp.AppendListHeader(dst, len(content)), content...)
}
