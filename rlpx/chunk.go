// SPDX-License-Identifier: Apache-2.0

package rlpx

import "sync"

// A Chunk is a part of a payload that many connections send. It is immutable, and is compressed
// once, when the first connection needs that. It is safe for concurrent use.
type Chunk struct {
	plain []byte

	once   sync.Once
	packed []byte // as snappy elements; written once, under once
}

// NewChunk returns a chunk of b and owns b from then on: the caller must not change it.
func NewChunk(b []byte) *Chunk { return &Chunk{plain: b} }

// Bytes returns the content, uncompressed. The caller must not change it.
func (c *Chunk) Bytes() []byte { return c.plain }

func (c *Chunk) elements() []byte {
	c.once.Do(func() { c.packed = elements(c.plain) })
	return c.packed
}
