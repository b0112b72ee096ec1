// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"maps"
	"slices"

	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/chainsync"
	"github.com/ethpeer/ethpeer/eth/challenge"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/types"
)

// makeRoles makes the roles of the eth protocol, and the sources of heads, around the chain.
func (n *Node) makeRoles() ([]eth.Role, error) {
	cfg := &n.cfg
	n.heads = sources.New(sources.Config{
		Policy: head.Policy{Record: cfg.Record, Sources: slices.Clone(cfg.Expected)}, Sources: slices.Clone(cfg.Heads), Changed: n.onHead,
	})
	n.sync = chainsync.New(chainsync.Config{Chain: n.chain, Record: cfg.Record})
	answers := serve.New(serve.Config{Chain: n.chain})
	n.txs = txgossip.New(txgossip.Config{Record: cfg.Record, Chain: cfg.Chain})
	n.blocks = blockgossip.New(blockgossip.Config{
		Record: cfg.Record, Params: cfg.Chain, Chain: n.chain, Sealed: cfg.Seals != nil, Quorum: cfg.Quorum,
		Believe: n.peersBelieve(), Syncing: n.sync.Syncing, Body: n.txs.FromBlock,
	})
	required, err := challenge.New(challenge.Config{Required: n.required(), FastSyncing: n.sync.Syncing})
	if err != nil {
		return nil, err
	}
	return []eth.Role{required, answers, n.txs, n.blocks, n.sync}, nil
}

// peersBelieve returns what takes the heads that peers name, and that follow from gossiped blocks.
func (n *Node) peersBelieve() func(head.Believed) {
	if n.cfg.NoPeerHeads {
		return func(head.Believed) {}
	}
	return n.heads.Believe
}

// required returns the blocks that each peer must have: those of the operator, and those of the chain that the operator
// does not name.
func (n *Node) required() map[uint64]types.Hash {
	all := maps.Clone(n.cfg.Chain.Required)
	if all == nil {
		all = map[uint64]types.Hash{}
	}
	maps.Copy(all, n.cfg.RequiredBlocks)
	return all
}
