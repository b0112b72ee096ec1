// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"fmt"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// PutBody takes the body of a held header, as BlockBodies has it, after it has checked it against the header
// ([rules.CheckBody]), and its uncles as far as the bodies of the blocks before are held ([rules.CheckUncles]). A
// *rules.Error or *rlp.Error is the fault of whoever sent the body. [ErrUnknownBlock] and [ErrNotKept] are no fault. It
// copies the body.
func (c *Chain) PutBody(h types.Hash, body []byte) error {
	header, err := c.wants(h)
	if err != nil {
		return err
	}
	b, err := types.DecodeBody(body)
	if err != nil {
		return err
	}
	if err := rules.CheckBody(c.params, header, &b); err != nil {
		return err
	}
	if err := c.checkUncles(header, &b); err != nil {
		return err
	}
	return c.attach(Key{Kind: KindBody, Hash: h}, header, body)
}

// PutReceipts takes the receipts of a held header, an RLP list of them as eth/69 has them (EIP-7642), after it has
// checked their root. Errors are those of [Chain.PutBody]. It copies the list.
func (c *Chain) PutReceipts(h types.Hash, receipts []byte) error {
	header, err := c.wants(h)
	if err != nil {
		return err
	}
	content, err := listOf(receipts)
	if err != nil {
		return err
	}
	root, err := types.ReceiptRoot(content, types.DecodeFlatReceipt)
	if err != nil {
		return err
	}
	if root != header.ReceiptRoot {
		return &rules.Error{Rule: rules.Body, Number: header.Number, Why: "the receipts are not the header's: the root differs"}
	}
	return c.attach(Key{Kind: KindReceipts, Hash: h}, header, receipts)
}

// PutAccessList takes the block access list of a held header, after it has checked its hash (EIP-7928). Errors are
// those of [Chain.PutBody]. It copies the list.
func (c *Chain) PutAccessList(h types.Hash, list []byte) error {
	header, err := c.wants(h)
	if err != nil {
		return err
	}
	if header.Optional < types.AmsterdamFields || types.Hash(keccak.Sum256(list)) != header.BlockAccessListHash {
		return &rules.Error{Rule: rules.Body, Number: header.Number, Why: "the access list is not the header's: the hash differs"}
	}
	return c.attach(Key{Kind: KindAccessList, Hash: h}, header, list)
}

func listOf(raw []byte) (content []byte, err error) {
	c := rlp.Read(raw)
	c.List("receipts")
	content = c.Remaining()
	for c.More() {
		c.Skip("")
	}
	c.End()
	return content, c.Done()
}

// wants returns the header of a block whose body is kept.
func (c *Chain) wants(h types.Hash) (*types.Header, error) {
	header, err := c.params.DecodeHeader(c.Header(h))
	if err != nil {
		return nil, fmt.Errorf("block %v: %w", h, ErrUnknownBlock)
	}
	if low := c.view.Load().low.bodies; header.Number < low {
		return nil, fmt.Errorf("block %d, kept from %d on: %w", header.Number, low, ErrNotKept)
	}
	return &header, nil
}

// checkUncles checks the uncles of a mined block, if the headers and bodies of its ancestors are held.
func (c *Chain) checkUncles(h *types.Header, b *types.Body) error {
	if len(b.Uncles) == 0 {
		return nil
	}
	var ancestors []rules.Ancestor
	at := h.ParentHash
	for len(ancestors) < rules.UncleAncestors {
		header, err := c.params.DecodeHeader(c.Header(at))
		if err != nil {
			return nil //nolint:nilerr // what is not held cannot be compared
		}
		a := rules.Ancestor{Header: &header}
		if header.UncleHash != types.EmptyUncleHash {
			body, err := types.DecodeBody(c.Body(at))
			if err != nil {
				return nil //nolint:nilerr // the same
			}
			if a.Uncles, err = uncleHashes(body.Uncles); err != nil {
				return err
			}
		}
		ancestors = append(ancestors, a)
		if header.Number == 0 {
			break
		}
		at = header.ParentHash
	}
	uncles, err := rules.CheckUncles(c.params, h, b.Uncles, ancestors)
	if err != nil {
		return err
	}
	for i := range uncles {
		if err := c.checkSeal(&uncles[i], uncles[i].Hash()); err != nil {
			return err
		}
	}
	return nil
}

func uncleHashes(list []byte) (hashes []types.Hash, err error) {
	for len(list) > 0 {
		_, _, rest, err := rlp.Split(list)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, keccak.Sum256(list[:len(list)-len(rest)]))
		list = rest
	}
	return hashes, nil
}

// attach writes a checked value of a block.
func (c *Chain) attach(k Key, h *types.Header, value []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	canonical := t.isCanonical(h.Number, k.Hash)
	b := c.side.blocks[k.Hash]
	switch {
	case !canonical && b == nil:
		return fmt.Errorf("block %v: %w", k.Hash, ErrUnknownBlock)
	case h.Number < floor(c.state.head.Number, c.keep.bodies):
		return fmt.Errorf("block %d: %w", h.Number, ErrNotKept)
	case t.get(k) != nil:
		return nil
	}
	t.put(k, value)
	if canonical {
		t.count(h.Number, k.Hash)
	} else {
		b.size += len(value)
		c.side.bytes += len(value)
	}
	t.commit()
	return nil
}
