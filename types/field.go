// SPDX-License-Identifier: Apache-2.0

package types

import (
	"errors"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/rlp"
)

// maxUnknownDepth is the most levels of lists in an unknown header field.
const maxUnknownDepth = 8

// readUint256 reads an unsigned integer of at most 256 bits.
func readUint256(c *rlp.Cursor, name string, v *uint256.Int) {
	v.SetBytes(c.Integer(name, 32))
}

// appendUint256 appends v as an integer.
func appendUint256(dst []byte, v *uint256.Int) []byte {
	if v.IsUint64() {
		return rlp.AppendUint64(dst, v.Uint64())
	}
	b := v.Bytes32()
	return rlp.AppendInteger(dst, b[:])
}

// readAny reads one item, canonical on all levels, with at most depth levels of lists.
func readAny(c *rlp.Cursor, name string, depth int) []byte {
	item := c.Raw(name)
	if c.Err() != nil {
		return nil
	}
	if err := rlp.Valid(item, depth); err != nil {
		c.Fail(name, problemOf(err))
		return nil
	}
	return item
}

// problemOf returns the problem of an error of package rlp without its offset and path.
func problemOf(err error) error {
	var placed *rlp.Error
	if errors.As(err, &placed) {
		return placed.Err
	}
	return err
}
