// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/types"
)

// Bounds of the blocks that are read before they go into the chain.
const (
	batchBlocks = 192
	batchBytes  = 16 << 20
	maxBlock    = 64 << 20 // bytes of RLP, more than any chain's block
)

// A block is one of a file.
type block struct {
	offset   int64
	header   types.Header
	hash     types.Hash
	body     []byte // as BlockBodies has it
	receipts []byte // as eth/69 has them; nil: the file has none
}

// A batch collects blocks and puts them into the chain.
type batch struct {
	c      *chain.Chain
	o      *Options
	blocks []block
	bytes  int
	done   Progress
}

// add takes a block. The genesis block must be the chain's.
func (b *batch) add(ctx context.Context, x block, end int64) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if x.header.Number == 0 {
		if want := b.c.Params().GenesisHash; x.hash != want {
			return &Error{x.offset, 0, fmt.Errorf("is the genesis block %v of another chain; that of %s is %v", x.hash, b.c.Params().Name, want)}
		}
		b.done.Blocks, b.done.Bytes = b.done.Blocks+1, end
		return nil
	}
	b.blocks = append(b.blocks, x)
	b.bytes += len(x.header.Raw) + len(x.body) + len(x.receipts)
	if len(b.blocks) < batchBlocks && b.bytes < batchBytes {
		return nil
	}
	return b.flush(end)
}

// flush puts the blocks into the chain.
func (b *batch) flush(end int64) error {
	blocks := b.blocks
	b.blocks, b.bytes = b.blocks[:0], 0
	if len(blocks) == 0 {
		return nil
	}
	raw := make([][]byte, len(blocks))
	for i := range blocks {
		raw[i] = blocks[i].header.Raw
	}
	n, wrong := b.c.InsertHeaders(b.o.now(), raw)
	if errors.Is(wrong, chain.ErrUnknownParent) {
		wrong = fmt.Errorf("%w; import the blocks before it first", wrong)
	}
	if wrong != nil && n < len(blocks) {
		wrong = &Error{blocks[n].offset, blocks[n].header.Number, wrong}
	}
	if err := b.lead(blocks[:n]); err != nil {
		return errors.Join(err, wrong)
	}
	for i := range blocks[:n] {
		if err := b.put(&blocks[i]); err != nil {
			return &Error{blocks[i].offset, blocks[i].header.Number, err}
		}
	}
	if wrong != nil {
		return wrong
	}
	b.done.Bytes, b.done.Blocks, b.done.Number = end, b.done.Blocks+uint64(n), blocks[n-1].header.Number //nolint:gosec // not negative
	b.o.show(b.done)
	return nil
}

// lead makes the last of the blocks the head of a merged chain, if it is not below that.
func (b *batch) lead(blocks []block) error {
	if b.c.Params().Terminal == nil || len(blocks) == 0 {
		return nil
	}
	last := &blocks[len(blocks)-1]
	if last.header.Number <= b.c.Head().Number {
		return nil
	}
	if err := b.c.SetHead(chain.Ref{Number: last.header.Number, Hash: last.hash}, nil); err != nil {
		return &Error{last.offset, last.header.Number, err}
	}
	return nil
}

// put gives the chain what belongs to a header, unless that is too old for it.
func (b *batch) put(x *block) error {
	err := b.c.PutBody(x.hash, x.body)
	if err == nil && x.receipts != nil {
		err = b.c.PutReceipts(x.hash, x.receipts)
	}
	if errors.Is(err, chain.ErrNotKept) || errors.Is(err, chain.ErrUnknownBlock) { // pruned meanwhile
		return nil
	}
	return err
}
