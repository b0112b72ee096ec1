// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rpc/engine"
	"github.com/ethpeer/ethpeer/rpc/forks"
)

// engineListener opens the port of --engine; nil = there is none. The engine answers once the node runs.
func (s *settings) engineListener(record event.Recorder) (*engine.Server, error) {
	c := &s.blocks
	if !c.heads.Engine {
		return nil, nil
	}
	secret, _, err := engine.LoadSecret(c.jwtSecret)
	if err != nil {
		return nil, err
	}
	cfg := engine.Config{Listen: c.engine, Secret: secret, ChainID: s.chain.ChainID, NetworkID: s.networkID, Version: "v" + release, Record: record}
	if cfg.NetworkID == 0 {
		cfg.NetworkID = s.chain.NetworkID
	}
	port, err := engine.New(cfg)
	if err != nil {
		return nil, err
	}
	if _, err := port.Listen(); err != nil {
		return nil, fmt.Errorf("--engine: %w", err)
	}
	return port, nil
}

// engineBackend returns the parts of a node that the engine API uses.
func engineBackend(n *ethpeer.Node) engine.Backend {
	c := n.Chain()
	return engine.Backend{
		Head:      func() chain.Ref { return c.Head().Ref },
		Canonical: c.Canonical, Header: c.Header, Body: c.Body, AccessList: c.AccessList,
		AddBlock: func(header, body, accessList []byte) error {
			if err := n.AddBlock(header, body); err != nil || accessList == nil {
				return err
			}
			h, err := c.Params().DecodeHeader(header)
			if err != nil {
				return err
			}
			return c.PutAccessList(h.Hash(), accessList)
		},
	}
}

// override applies --fork to the schedule of forks.
func (s *settings) override() error {
	var all []params.Override
	for _, name := range option.ForkNames(s.blocks.forks) {
		o, err := s.chain.ParseOverride(fmt.Sprintf("%s=%d", name, s.blocks.forks[name]))
		if err != nil {
			return fmt.Errorf("--fork: %w", err)
		}
		all = append(all, o)
	}
	if err := s.chain.Override(all...); err != nil {
		return fmt.Errorf("--fork: %w", err)
	}
	return nil
}

// learnForks applies the schedule of forks of the node at --forks-from (eth_config, EIP-7910).
func (s *settings) learnForks(ctx context.Context) error {
	if s.blocks.forksFrom == "" {
		return nil
	}
	cfg, err := forks.Fetch(ctx, nil, s.blocks.forksFrom)
	if err != nil {
		return fmt.Errorf("--forks-from: %w", err)
	}
	all, err := s.chain.Overrides(cfg)
	if err != nil {
		return fmt.Errorf("--forks-from: %w", err)
	}
	return s.chain.Override(all...)
}
