// SPDX-License-Identifier: Apache-2.0

package rlpx

import "sync"

// A Chunk is a part of a payload that goes to many connections: it never changes, and is
// compressed when the first connection needs it, once. It is safe for concurrent use.
type Chunk struct {
	plain []byte

	once   sync.Once
	packed []byte // as snappy elements; written once, under once
}

// NewChunk makes a chunk of b and takes b over: nobody may write to it any more.
func NewChunk(b []byte) *Chunk { return &Chunk{plain: b} }

// Bytes returns the content, to be read only.
func (c *Chunk) Bytes() []byte { return c.plain }

func (c *Chunk) elements() []byte {
	c.once.Do(func() { c.packed = elements(c.plain) })
	return c.packed
}
