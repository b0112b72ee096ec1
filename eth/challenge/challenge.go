// SPDX-License-Identifier: Apache-2.0

package challenge

import (
	"errors"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

const (
	// timeout is what a peer has for each answer, as in go-ethereum.
	timeout = 15 * time.Second

	// MaxRequired is the most required blocks: all of them are requested at once.
	MaxRequired = 32

	// sectionSize is the number of blocks of a section, whose last block a checkpoint names (EIP-1, les/2).
	sectionSize = 32768
)

// named is the first version whose replies name their request (EIP-2481).
const named wire.Version = 66

// A Checkpoint is a block that a peer must have to be worth a fast sync.
type Checkpoint struct {
	Number uint64
	Hash   types.Hash
}

// CheckpointOf returns the checkpoint of a section: its last block.
func CheckpointOf(section uint64, h types.Hash) Checkpoint {
	return Checkpoint{Number: (section+1)*sectionSize - 1, Hash: h}
}

// Config names the blocks.
type Config struct {
	Required   map[uint64]types.Hash // by number; at most MaxRequired
	Checkpoint *Checkpoint           // nil = none

	// FastSyncing reports whether a peer without the checkpoint is of no use now. Any goroutine calls it, and it must not
	// block. Nil = never.
	FastSyncing func() bool
}

// A Challenge implements [eth.Role]. It is immutable.
type Challenge struct{ blocks []block }

// A block is what a peer is asked for.
type block struct {
	number uint64
	hash   types.Hash
	what   string
	silent func(wire.Version) bool // whether a peer that does not answer stays
	absent func() bool             // whether a peer without the block stays
}

// New returns the role. It fails if there are too many required blocks.
func New(cfg Config) (*Challenge, error) {
	if len(cfg.Required) > MaxRequired {
		return nil, fmt.Errorf("%d required blocks: at most %d", len(cfg.Required), MaxRequired)
	}
	c := new(Challenge)
	if p := cfg.Checkpoint; p != nil {
		c.blocks = append(c.blocks, block{
			number: p.Number, hash: p.Hash, what: "checkpoint",
			silent: func(wire.Version) bool { return false },
			absent: func() bool { return cfg.FastSyncing == nil || !cfg.FastSyncing() },
		})
	}
	for number, h := range cfg.Required {
		c.blocks = append(c.blocks, block{
			number: number, hash: h, what: "required block",
			silent: func(v wire.Version) bool { return v < named },
			absent: func() bool { return true },
		})
	}
	return c, nil
}

// Kinds implements [eth.Role]: the role takes no messages.
func (*Challenge) Kinds() []wire.Kind { return nil }

// Open implements [eth.Role]: it requests the header of each block.
func (c *Challenge) Open(s *eth.Session) eth.Listener {
	for i := range c.blocks {
		b := &c.blocks[i]
		q := wire.HeadersRequest{Origin: wire.AtNumber(b.number), Amount: 1}
		err := eth.AskWith(s, q, eth.Options[wire.Headers]{Timeout: timeout, Queue: true}, func(r wire.Headers, err error) {
			if err := b.judge(s.Chain(), s.Version(), r, err); err != nil {
				s.Fail(err)
			}
		})
		if err != nil {
			s.Fail(fmt.Errorf("%s %d: %w", b.what, b.number, err))
		}
	}
	return listener{}
}

// judge returns why the session ends, or nil.
func (b *block) judge(c *params.Chain, v wire.Version, r wire.Headers, err error) error {
	switch {
	case errors.Is(err, eth.ErrTimeout) && !b.silent(v):
		return b.useless("no answer within 15 s for the %s %d")
	case err != nil:
		return nil // the session has ended, or the peer may be silent
	case r.Len() == 0 && !b.absent():
		return b.useless("the peer lacks the %s %d, while we sync from it")
	case r.Len() == 0:
		return nil
	}
	for item := range r.Items() {
		h, err := c.DecodeHeader(item)
		switch {
		case err != nil:
			return p2p.Breach("the header of the %s %d: %w", b.what, b.number, err)
		case h.Number != b.number:
			return p2p.Breach("block %d instead of the %s %d", h.Number, b.what, b.number)
		case h.Hash() != b.hash:
			return p2p.Foreign("the %s %d is %v there: ours is %v", b.what, b.number, h.Hash(), b.hash)
		}
	}
	return nil
}

func (b *block) useless(format string) error {
	return &p2p.LocalClose{Reason: p2p.ReasonUseless, Why: fmt.Sprintf(format, b.what, b.number)}
}

// A listener has nothing to hear.
type listener struct{}

func (listener) On(wire.Message) error { return nil }
func (listener) Close(error)           {}
