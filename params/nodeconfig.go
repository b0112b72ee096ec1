// SPDX-License-Identifier: Apache-2.0

package params

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A NodeConfig is what a node says of its forks in answer to eth_config (https://eips.ethereum.org/EIPS/eip-7910).
type NodeConfig struct {
	Current    NodeFork
	Next, Last *NodeFork // nil = the node knows of no later fork
}

// A NodeFork is one fork of a NodeConfig. It has no name.
type NodeFork struct {
	At      uint64 // Unix seconds of the first block
	ChainID uint64
	Hash    [4]byte // of the fork ID from this fork on (EIP-2124)
	Blobs   *Blobs  // nil = the node says nothing; Blobs.Fork is empty

	rules string // precompiled and system contracts, to compare
}

// ReadNodeConfig reads the result of eth_config.
func ReadNodeConfig(result []byte) (*NodeConfig, error) {
	var all struct{ Current, Next, Last *nodeForkJSON }
	if err := json.Unmarshal(result, &all); err != nil {
		return nil, fmt.Errorf("eth_config: %w", err)
	}
	if all.Current == nil {
		return nil, errors.New("eth_config: current is missing")
	}
	var cfg NodeConfig
	for _, f := range []struct {
		name string
		from *nodeForkJSON
		to   **NodeFork
	}{{"current", all.Current, new(*NodeFork)}, {"next", all.Next, &cfg.Next}, {"last", all.Last, &cfg.Last}} {
		if f.from == nil {
			continue
		}
		fork, err := f.from.read()
		if err != nil {
			return nil, fmt.Errorf("eth_config: %s: %w", f.name, err)
		}
		if *f.to = fork; f.name == "current" {
			cfg.Current = *fork
		}
	}
	return &cfg, nil
}

type nodeForkJSON struct {
	ActivationTime *uint64
	BlobSchedule   *struct{ Target, Max, BaseFeeUpdateFraction uint64 }
	ChainID        string `json:"chainId"`
	ForkID         string `json:"forkId"`

	Precompiles     json.RawMessage
	SystemContracts json.RawMessage
}

func (j *nodeForkJSON) read() (*NodeFork, error) {
	if j.ActivationTime == nil {
		return nil, errors.New("activationTime is missing")
	}
	f := &NodeFork{At: *j.ActivationTime}
	var err error
	if f.ChainID, err = strconv.ParseUint(strings.TrimPrefix(j.ChainID, "0x"), 16, 64); err != nil {
		return nil, fmt.Errorf("chainId %.40q is no number of at most 64 bits", j.ChainID)
	}
	digits := strings.TrimPrefix(j.ForkID, "0x")
	if len(digits) != 2*len(f.Hash) {
		return nil, fmt.Errorf("forkId %.40q: want 4 bytes", j.ForkID)
	}
	if _, err = hex.Decode(f.Hash[:], []byte(digits)); err != nil {
		return nil, fmt.Errorf("forkId %.40q: want 4 bytes", j.ForkID)
	}
	if b := j.BlobSchedule; b != nil {
		if b.BaseFeeUpdateFraction == 0 {
			return nil, errors.New("blobSchedule.baseFeeUpdateFraction is 0")
		}
		f.Blobs = &Blobs{Target: b.Target, Max: b.Max, UpdateFraction: b.BaseFeeUpdateFraction}
	}
	var rules bytes.Buffer
	for _, raw := range []json.RawMessage{j.Precompiles, j.SystemContracts} {
		if len(raw) > 0 {
			_ = json.Compact(&rules, raw) // it is JSON: it was read
		}
	}
	f.rules = rules.String()
	return f, nil
}

// Overrides returns what --fork must say for the chain to have the forks of a node, without changing it. A fork that the chain lacks
// is the next limit of blobs (bpo1 …) if only the limits changed, and the next named fork otherwise: a NodeConfig names none. The
// names do not count in fork IDs. The
// fork IDs that follow are compared with the node's. An error says in what they differ.
func (c *Chain) Overrides(cfg *NodeConfig) (forks []Override, err error) {
	changed := *c
	before := (*NodeFork)(nil)
	for _, f := range []*NodeFork{&cfg.Current, cfg.Next, cfg.Last} {
		if f == nil || before != nil && f.At == before.At {
			continue
		}
		if f.ChainID != c.ChainID {
			return nil, fmt.Errorf("eth_config: the node is on chain %d, this is chain %d", f.ChainID, c.ChainID)
		}
		if !changed.hasTime(f.At) {
			o := changed.missing(before, f)
			if o.Name == "" {
				return nil, fmt.Errorf("eth_config: the node has a fork at %d that this version of ethpeer does not know: update ethpeer", f.At)
			}
			if err := changed.Override(o); err != nil {
				return nil, fmt.Errorf("eth_config: %w", err)
			}
			forks = append(forks, o)
		}
		if ours := changed.hashAt(f.At); ours != f.Hash {
			return nil, fmt.Errorf("eth_config: the node has fork ID 0x%x from %d on, and this chain would have 0x%x: "+
				"the node is on another network, or had forks before that ethpeer does not know; give those with --fork", f.Hash, f.At, ours)
		}
		before = f
	}
	return forks, nil
}

// hasTime reports whether a fork of the chain begins at this time, or the genesis block before it.
func (c *Chain) hasTime(at uint64) bool {
	for _, f := range c.Forks.Times {
		if f.At == at {
			return true
		}
	}
	return at <= c.GenesisTime
}

// missing says which fork a fork of a node is that the chain does not have at this time: one of the chain's that comes later than
// the node's fork before it was moved; otherwise it is new.
func (c *Chain) missing(before, f *NodeFork) Override {
	o := Override{At: f.At, Blobs: f.Blobs}
	since := uint64(0)
	if before != nil {
		since = before.At
	}
	blobsOnly := before != nil && f.rules != "" && f.rules == before.rules
	if before == nil && f.Blobs != nil {
		b, _ := c.Blobs(1<<64-1, f.At)
		b.Fork = ""
		blobsOnly = b != *f.Blobs
	}
	for _, name := range inOrder {
		if isBlock(name) || name == "ubtTime" || strings.HasPrefix(name, "bpo") != blobsOnly {
			continue
		}
		if at, ok := c.Forks.At(name); ok && (before == nil || at <= since) {
			continue // passed
		}
		o.Name = name
		break
	}
	return o
}

// hashAt returns the hash of the fork ID of a node whose head has this time and is beyond all forks by number.
func (c *Chain) hashAt(time uint64) [4]byte { return c.ForkID(1<<64-1, time).Hash }
