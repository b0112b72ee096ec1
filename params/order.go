// SPDX-License-Identifier: Apache-2.0

package params

import (
	"slices"
	"strings"
)

// mayLack are the forks that a chain may leave out although it has later ones. They change no
// rule that others build upon, or were never on all chains. Those by time may all be left
// out after Shanghai, as in geth v1.17.8.
var mayLack = map[string]bool{
	"daoForkBlock": true, "muirGlacierBlock": true, "arrowGlacierBlock": true,
	"grayGlacierBlock": true, "mergeNetsplitBlock": true, "ubtTime": true,
}

// inOrder are geth's fork keys in the order in which a chain passes them.
var inOrder = []string{
	"homesteadBlock", "daoForkBlock", "eip150Block", "eip155Block", "eip158Block",
	"byzantiumBlock", "constantinopleBlock", "petersburgBlock", "istanbulBlock",
	"muirGlacierBlock", "berlinBlock", "londonBlock", "arrowGlacierBlock",
	"grayGlacierBlock", "mergeNetsplitBlock",
	"shanghaiTime", "cancunTime", "pragueTime", "osakaTime", "ubtTime", "bpo1Time",
	"bpo2Time", "bpo3Time", "bpo4Time", "bpo5Time", "amsterdamTime", "bogotaTime",
}

// later are the forks that may come before or after amsterdamTime and bogotaTime: geth v1.17.8 wants them before, later
// versions after.
var later = []string{"bpo3Time", "bpo4Time", "bpo5Time"}

// The first and the last block number that are more likely seconds since 1970: from 2014
// until 2049.
const (
	firstSeconds = 1_400_000_000
	lastSeconds  = 2_500_000_000
)

// checkOrder refuses forks in an order that no client takes, and warns where some clients
// do not start: geth wants every fork below the last one.
func checkOrder(c *Chain) error {
	var before, bpo Fork // the last one that the chain has, and the last of later
	lacking, warned := "", false
	for _, name := range inOrder {
		at, ok := c.Forks.At(name)
		if !ok {
			if lacking == "" && !mayLack[name] && (isBlock(name) || name == "shanghaiTime") {
				lacking = name
			}
			continue
		}
		if lacking != "" && !warned {
			warned = true
			c.warn("config."+lacking, "is missing while %s is set: geth does not start with this file; other clients may", name)
		}
		last := &before
		if slices.Contains(later, name) {
			if last = &bpo; bpo.Name == "" {
				bpo = before
			}
		}
		if last.Name != "" && isBlock(last.Name) == isBlock(name) && at < last.At {
			return wrong("config."+name, "is %d, before %s at %d; no client takes forks in this order: change one of them", at, last.Name, last.At)
		}
		*last = Fork{name, at}
	}
	for _, f := range c.Forks.Blocks {
		if f.At >= firstSeconds && f.At <= lastSeconds {
			c.warn("config."+shown(f.Name), "is a block number, and %d is more like a time", f.At)
		}
	}
	if len(c.Forks.Times) > 0 && c.Terminal == nil {
		c.warn("config.terminalTotalDifficulty", "is missing while %s is set: peers are expected to gossip blocks for ever; "+
			"add 0 if a consensus layer makes all blocks", shown(c.Forks.Times[0].Name))
	}
	return nil
}

func isBlock(name string) bool { return strings.HasSuffix(name, "Block") }

// At returns the number, or the time in Unix seconds, of the fork of this name; false = the
// schedule has none.
func (s *ForkSchedule) At(name string) (uint64, bool) {
	if at, ok := find(s.Blocks, name); ok {
		return at, true
	}
	return find(s.Times, name)
}
