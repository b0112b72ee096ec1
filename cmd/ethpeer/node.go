// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/event"
)

const release = ethpeer.Version

// newNode builds the node that the settings describe.
func newNode(s settings) (node, error) {
	if s.dev {
		n, err := newDevNode(s.config())
		if err != nil {
			return nil, err
		}
		return n, nil
	}
	if err := s.learnForks(context.Background()); err != nil {
		return nil, err
	}
	var n *ethpeer.Node
	record := func(e event.Event) { n.Record(e) } // sources run only while the node runs
	heads, err := s.headSources(record)
	if err != nil {
		return nil, err
	}
	port, err := s.engineListener(record)
	if err != nil {
		return nil, err
	}
	cfg := s.config()
	if cfg.Heads = heads; port != nil {
		cfg.Heads = append(cfg.Heads, port)
	}
	cfg.Expected = s.expected()
	if n, err = ethpeer.New(cfg); err != nil {
		return nil, err
	}
	if port != nil {
		port.Attach(engineBackend(n))
	}
	return n, nil
}

func (s *settings) config() ethpeer.Config {
	cfg := ethpeer.Config{
		Chain:       s.chain,
		NetworkID:   s.networkID,
		Versions:    s.versions,
		Identity:    s.identity,
		Listen:      s.listen,
		NAT:         s.nat,
		Discovery:   s.discovery,
		DB:          s.db,
		TrustedOnly: s.trustedOnly,
		MaxPeers:    s.maxPeers,
		Static:      s.static,
		Trusted:     s.trusted,
		NetRestrict: s.netRestrict,

		RequiredBlocks: s.blocks.required,

		OpenChain:   s.openChain,
		Seals:       s.seals,
		History:     s.blocks.history,
		Quorum:      s.blocks.quorum,
		NoPeerHeads: s.chain != nil && s.chain.Terminal != nil && !s.blocks.heads.Peers,
		Record:      s.record,
		Ready:       s.ready,
	}
	if s.key != nil {
		key := s.key.Bytes()
		cfg.Key = key[:]
	}
	return cfg
}
