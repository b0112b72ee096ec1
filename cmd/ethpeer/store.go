// SPDX-License-Identifier: Apache-2.0

// in: settings · out: the chain's store on disk, and checks of proofs of work

package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/pebble"
	"github.com/ethpeer/ethpeer/chain/seals"
	"github.com/ethpeer/ethpeer/params"
)

// keepChain makes the node keep its chain in the data directory, if there is one. The caller calls closeChain
// when the node has ended.
func (s *settings) keepChain(log *slog.Logger) (closeChain func()) {
	if s.dataDir == "" || !s.keepsChain || s.dev {
		return func() {}
	}
	var opened *chain.Chain
	s.openChain = func(cfg chain.Config) (c *chain.Chain, err error) {
		if c, err = pebble.OpenChain(s.dataDir, cfg, func(trouble string) { log.Warn(trouble) }); err != nil {
			return nil, storeError(s.dataDir, err)
		}
		opened = c
		return c, nil
	}
	return func() {
		if opened == nil {
			return
		}
		if err := opened.Close(); err != nil && opened.Dead() == nil {
			log.Warn("the chain's store was not closed well", "error", err)
		}
	}
}

// storeError returns why a directory cannot be used, and what to do.
func storeError(dir string, err error) error {
	if e, ok := errors.AsType[*chain.ForeignError](err); ok {
		return fmt.Errorf("--datadir %s holds the chain %s (genesis block 0x%x…), not %s (0x%x…); choose another directory, or that chain with --chain",
			dir, e.Held, e.HeldGenesis[:4], e.Want, e.WantGenesis[:4])
	}
	return fmt.Errorf("--datadir %s: %w", dir, err)
}

// sealsOf returns the check of a chain's proofs of work; nil if the chain has none, or the user wants no
// check. The caller calls closeSeals when nothing uses the check any more.
func sealsOf(c *params.Chain, mode string) (check chain.Seals, closeSeals func()) {
	if c == nil || c.Clique != nil || c.Ethash == nil || mode == sealsOff || c.Terminal != nil && c.Terminal.IsZero() {
		return nil, func() {}
	}
	s := seals.New(seals.Config{Params: c, Test: mode == sealsTest})
	return s, s.Close
}
