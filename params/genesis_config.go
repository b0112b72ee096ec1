// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/json"
	"strings"
)

// maxForks bounds the forks of a genesis file; mainnet has 20 after ten years.
const maxForks = 200

// gethForks are the fork keys of geth v1.17.8, all of which count in its fork IDs.
var gethForks = []string{
	"homesteadBlock", "daoForkBlock", "eip150Block", "eip155Block", "eip158Block",
	"byzantiumBlock", "constantinopleBlock", "petersburgBlock", "istanbulBlock",
	"muirGlacierBlock", "berlinBlock", "londonBlock", "arrowGlacierBlock",
	"grayGlacierBlock", "mergeNetsplitBlock",
	"shanghaiTime", "cancunTime", "pragueTime", "osakaTime", "bpo1Time", "bpo2Time",
	"bpo3Time", "bpo4Time", "bpo5Time", "amsterdamTime", "bogotaTime", "ubtTime",
}

// notForks are keys of other clients, in lower case, that look like forks and are none.
var notForks = map[string]bool{
	"classicforkblock":         true, // Besu: where Classic left, a rule of mainnet only
	"ecbp1100fblock":           true, // core-geth: advice to miners and its end
	"ecbp1100deactivatefblock": true,
}

// readConfig reads the "config" object of a genesis file into c.
func readConfig(c *Chain, raw json.RawMessage) error {
	list, err := entries("config", raw)
	if err != nil {
		return err
	}
	config, err := newObject("config", list)
	if err != nil {
		return err
	}
	if err := readIDs(c, config); err != nil {
		return err
	}
	if raw, ok := config.get("terminalTotalDifficulty"); ok {
		ttd, err := number(config.at("terminalTotalDifficulty"), raw)
		if err != nil {
			return err
		}
		c.Terminal = &ttd
	}
	if raw, ok := config.get("enableUBTAtGenesis"); ok && string(raw) != "false" {
		return wrong(config.at("enableUBTAtGenesis"), "a state in a binary tree is not supported; remove this field")
	}
	return readForks(c, config, list)
}

func readIDs(c *Chain, config object) (err error) {
	raw, ok := config.get("chainId")
	if !ok {
		return wrong(config.at("chainId"), "is missing; add the number that transactions on this chain sign")
	}
	if c.ChainID, err = number64(config.at("chainId"), raw); err != nil {
		return err
	}
	c.NetworkID = c.ChainID
	if raw, ok := config.get("networkId"); ok { // core-geth's files have one
		c.NetworkID, err = number64(config.at("networkId"), raw)
	}
	return err
}

// readForks takes geth's fork keys first, then whatever else looks like one.
func readForks(c *Chain, config object, list []entry) error {
	known := make(map[string]bool, len(gethForks))
	for _, name := range gethForks {
		known[strings.ToLower(name)] = true
		raw, ok := config.get(name)
		if !ok {
			continue
		}
		at, err := number64(config.at(name), raw)
		if err != nil {
			return err
		}
		c.Forks.add(name, at)
	}
	for _, e := range list {
		if lower := strings.ToLower(e.key); known[lower] || notForks[lower] || !looksLikeFork(e) {
			continue
		}
		at, err := number64(config.at(e.key), e.value)
		if err != nil {
			return err
		}
		c.Forks.add(e.key, at)
		c.UnknownForks = append(c.UnknownForks, e.key)
	}
	if n := len(c.Forks.Blocks) + len(c.Forks.Times); n > maxForks {
		return wrong("config", "has %d forks, more than %d; remove those that never come", n, maxForks)
	}
	return nil
}

// looksLikeFork reports whether a key that geth does not have is a fork of another
// client's: it ends like one and has a number.
func looksLikeFork(e entry) bool {
	stem, byNumber := strings.CutSuffix(e.key, "Block")
	if !byNumber {
		stem, _ = strings.CutSuffix(e.key, "Time")
	}
	first := e.value[0]
	return stem != "" && stem != e.key && (first == '-' || first >= '0' && first <= '9')
}

func (s *ForkSchedule) add(name string, at uint64) {
	if strings.HasSuffix(name, "Time") {
		s.Times = append(s.Times, Fork{name, at})
	} else {
		s.Blocks = append(s.Blocks, Fork{name, at})
	}
}
