// SPDX-License-Identifier: Apache-2.0

package params

import (
	"fmt"
	"slices"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/types"
)

// A Chain is all that a node must know of a chain before it has heard of any block but
// the first. It belongs to the caller, who may change it before nodes use it.
type Chain struct {
	Name      string // as in [ByName]; "custom" from a genesis file
	NetworkID uint64 // what peers compare in Status
	ChainID   uint64 // what transactions sign (EIP-155)

	GenesisHash       types.Hash
	Genesis           []byte // RLP of the genesis header; GenesisHash is its hash by HashRule
	GenesisTime       uint64 // Unix seconds
	GenesisDifficulty uint256.Int

	// Terminal is the total difficulty at which a consensus layer takes over and peers
	// stop sending blocks to each other (EIP-3675): zero where that is so from the genesis
	// block on, nil where it never is.
	Terminal *uint256.Int

	Forks ForkSchedule

	// Clique and Ethash are what seals blocks, where no consensus layer makes them: nil
	// where the chain says nothing of it.
	Clique *Clique
	Ethash *Ethash

	// Required are blocks that tell the chain from another with the same genesis block: peers with another block of that
	// number are on the other chain.
	Required map[uint64]types.Hash

	// HashRule says how the chain hashes headers: HashWhole, but for IBFT and QBFT.
	HashRule types.HashRule

	// BlobSchedule has the limits of blobs from each fork on that changes them, in the
	// order of the forks.
	BlobSchedule []Blobs

	// UnknownForks names those forks of a genesis file that geth v1.17.8 has no such key
	// for. They count in the fork ID.
	UnknownForks []string

	// Warnings say what of a genesis file will not work, or not with every client: a line
	// each, such as "config.chainId: is 0: …", at most 20. A chain by name has none.
	Warnings []string

	Bootnodes   []string // enode:// and enr: forms, for discovery v4 and RLPx
	BootnodesV5 []string // enr: forms
	DNS         []string // enrtree:// roots of node lists (EIP-1459)
}

// networks are the chains known by name, in the order of [Names].
var networks = []struct {
	name  string
	alias string
	chain func() *Chain
}{
	{"mainnet", "", mainnet},
	{"sepolia", "", sepolia},
	{"hoodi", "", hoodi},
	{"plataberget", "", plataberget},
	{"classic", "etc", classic},
	{"mordor", "", mordor},
}

// Names returns the names that [ByName] knows, aliases left out.
func Names() []string {
	var names []string
	for _, n := range networks {
		names = append(names, n.name)
	}
	return names
}

// ByName returns the chain of this name: mainnet, sepolia, hoodi, plataberget,
// classic (also called etc) or mordor. Each call makes a new one.
func ByName(name string) (*Chain, bool) {
	for _, n := range networks {
		if name != "" && (name == n.name || name == n.alias) {
			c := n.chain()
			c.Name = n.name
			return c, true
		}
	}
	return nil, false
}

// start fills in what follows from the genesis header.
func (c *Chain) start(h *types.Header) *Chain {
	h.Rule = c.HashRule
	c.Genesis = h.Append(nil)
	c.GenesisHash = h.Hash()
	c.GenesisTime = h.Time
	c.GenesisDifficulty = h.Difficulty
	c.Forks.sort()
	c.Bootnodes = slices.Clone(c.Bootnodes) // the caller may change them
	c.BootnodesV5 = slices.Clone(c.BootnodesV5)
	c.BlobSchedule = slices.Clone(c.BlobSchedule)
	return c
}

// DecodeHeader decodes a header of the chain, as [types.DecodeHeader] does: its Hash is that of the chain.
func (c *Chain) DecodeHeader(raw []byte) (types.Header, error) {
	h, err := types.DecodeHeader(raw)
	h.Rule = c.HashRule
	return h, err
}

// DecodeBlock decodes a block of the chain, as [types.DecodeBlock] does.
func (c *Chain) DecodeBlock(raw []byte) (types.Block, error) {
	b, err := types.DecodeBlock(raw)
	b.Header.Rule = c.HashRule
	return b, err
}

// maxWarnings bounds the warnings of a genesis file.
const maxWarnings = 20

func (c *Chain) warn(field, format string, args ...any) {
	c.Warnings = append(c.Warnings, field+": "+fmt.Sprintf(format, args...))
}
