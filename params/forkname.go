// SPDX-License-Identifier: Apache-2.0

package params

import (
	"hash/crc32"
	"strings"
)

// NameFork says which fork of the chain a node has passed last whose fork ID has this hash,
// by its key in a genesis file without Block or Time, such as "cancun": for people, who read
// hashes badly. Rules that begin with the genesis block count; "genesis" is where there are
// none. It is false for a hash that is none of the chain's.
func (c *Chain) NameFork(hash [4]byte) (name string, ok bool) {
	at, blocks := c.Forks.points(c.GenesisTime)
	sum := crc32.ChecksumIEEE(c.GenesisHash[:])
	number, time := uint64(0), c.GenesisTime
	for i := 0; sumBytes(sum) != hash; i++ {
		if i == len(at) {
			return "", false
		}
		if sum = addFork(sum, at[i]); i < blocks {
			number = at[i]
		} else {
			time = at[i]
		}
	}
	name = "genesis"
	for _, f := range c.Forks.Blocks {
		if f.At <= number {
			name = f.Name
		}
	}
	for _, f := range c.Forks.Times {
		if f.At <= time {
			name = f.Name
		}
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, "Block"), "Time"), true
}
