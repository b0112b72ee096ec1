// SPDX-License-Identifier: Apache-2.0

// in: blocks that a program on this machine has · out: the chain

package ethpeer

import (
	"fmt"
	"time"
)

// AddBlock keeps a block that this program has whole, such as one that it sealed, or one that a consensus client sent.
// header is its RLP, body as BlockBodies has it (devp2p/caps/eth.md#blockbodies-0x06). Both are checked as if a peer had
// sent them: a *rules.Error says which rule they break. chain.ErrUnknownParent says that the parent is not held. Where
// blocks are gossiped the block is passed on to peers. The caller must not change the bytes afterwards. Any goroutine may
// call it.
func (n *Node) AddBlock(header, body []byte) error {
	h, err := n.cfg.Chain.DecodeHeader(header)
	if err != nil {
		return fmt.Errorf("the header: %w", err)
	}
	if _, err := n.chain.InsertHeaders(time.Now(), [][]byte{header}); err != nil {
		return err
	}
	hash := h.Hash()
	if err := n.chain.PutBody(hash, body); err != nil {
		return err
	}
	if td, ok := n.chain.TD(hash); ok {
		n.blocks.Mined(header, body, &td) // does nothing on a chain whose blocks are not gossiped
	}
	return nil
}
