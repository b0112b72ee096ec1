// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"bytes"
	"math"

	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// maxExtra is how many bytes of extra data a header may have, unless clique seals it (yellow
// paper, 4.4.4).
const maxExtra = 32

// Check checks a header against its parent, all but the seal. Both belong to the caller.
// Checks that cost least come first; the parent's hash, which is computed, comes last.
func Check(c *params.Chain, parent, h *types.Header) error {
	if parent.Number == math.MaxUint64 || h.Number != parent.Number+1 {
		return broken(h, Number, "follows block %d", parent.Number)
	}
	if c.HashRule != types.HashWhole {
		return checkBFT(parent, h)
	}
	r := c.Rules(h.Number, h.Time)
	for _, check := range []func(*params.Chain, *params.Rules, *types.Header, *types.Header) error{
		checkEngine, checkGas, checkFields, checkBaseFee, checkBlobGas,
	} {
		if err := check(c, &r, parent, h); err != nil {
			return err
		}
	}
	return checkParent(parent, h)
}

func checkParent(parent, h *types.Header) error {
	if hash := parent.Hash(); h.ParentHash != hash {
		return broken(h, Parent, "is %v, the parent is %v", h.ParentHash, hash)
	}
	return nil
}

// checkBFT checks a header of IBFT or QBFT: its linkage. Their settings change gas, fees and time in ways that a genesis file says only
// in part, and the seals of the validators are not checked.
func checkBFT(parent, h *types.Header) error {
	if h.Time < parent.Time {
		return broken(h, Time, "is %d, the parent's %d", h.Time, parent.Time)
	}
	return checkParent(parent, h)
}

// checkEngine checks what depends on who makes the block: a consensus layer, signers or miners.
func checkEngine(c *params.Chain, r *params.Rules, parent, h *types.Header) error {
	switch {
	case c.Terminal != nil && h.Difficulty.IsZero():
		return checkStake(r, parent, h)
	case c.Terminal != nil && (c.Terminal.IsZero() || parent.Difficulty.IsZero()):
		return broken(h, Engine, "has a difficulty after the merge (EIP-3675)")
	case r.Shanghai:
		return broken(h, Engine, "only a consensus layer makes blocks from Shanghai on (EIP-4895)")
	case c.Clique != nil:
		return checkClique(c.Clique, parent, h)
	default:
		return checkWork(c, r, parent, h)
	}
}

// checkStake checks the form of a header that a consensus layer makes
// (https://eips.ethereum.org/EIPS/eip-3675#block-structure).
func checkStake(r *params.Rules, parent, h *types.Header) error {
	switch {
	case h.Time <= parent.Time:
		return broken(h, Time, "is %d, the parent's %d", h.Time, parent.Time)
	case len(h.Extra) > maxExtra:
		return broken(h, ExtraData, "has %d bytes, more than %d", len(h.Extra), maxExtra)
	case h.Nonce != [8]byte{}:
		return broken(h, Nonce, "is %x, not 0", h.Nonce)
	case h.UncleHash != types.EmptyUncleHash:
		return broken(h, Uncles, "are not empty")
	case !r.London:
		return broken(h, Engine, "a consensus layer makes no block before London")
	}
	return nil
}

// checkWork checks a header that miners make, all but the proof of work.
func checkWork(c *params.Chain, r *params.Rules, parent, h *types.Header) error {
	switch {
	case h.Time <= parent.Time:
		return broken(h, Time, "is %d, the parent's %d", h.Time, parent.Time)
	case len(h.Extra) > maxExtra:
		return broken(h, ExtraData, "has %d bytes, more than %d", len(h.Extra), maxExtra)
	case isMainnet(c) && h.Number-daoFork < daoBlocks && !bytes.Equal(h.Extra, daoExtra):
		return broken(h, ExtraData, "is %q, not %q (EIP-779)", h.Extra, daoExtra)
	}
	if want := NextDifficulty(c, r, parent, h.Time); h.Difficulty != want {
		return broken(h, Difficulty, "is %v, not %v", &h.Difficulty, &want)
	}
	return nil
}

// The first blocks of the DAO fork say so in their extra data (https://eips.ethereum.org/EIPS/eip-779).
const (
	daoFork   = 1_920_000
	daoBlocks = 10
)

var daoExtra = []byte("dao-hard-fork")

// isMainnet tells mainnet from Classic, whose genesis block is the same.
func isMainnet(c *params.Chain) bool {
	at, ok := c.Forks.At("daoForkBlock")
	return ok && at == daoFork
}

// checkFields checks that the header has the fields of its fork. Fields that are unknown here can
// only follow all those that are known.
func checkFields(_ *params.Chain, r *params.Rules, _, h *types.Header) error {
	want := types.NoOptionalFields
	for _, fork := range []struct {
		passed bool
		fields types.OptionalFields
	}{
		{r.London, types.LondonFields},
		{r.Shanghai, types.ShanghaiFields},
		{r.Cancun, types.CancunFields},
		{r.Prague, types.PragueFields},
		{r.Amsterdam, types.AmsterdamFields},
	} {
		if fork.passed {
			want = fork.fields
		}
	}
	if h.Optional != want {
		return broken(h, Fields, "has %d of the fields that forks add, not %d", h.Optional, want)
	}
	return nil
}
