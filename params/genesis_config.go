// SPDX-License-Identifier: Apache-2.0

package params

import (
	"encoding/json"
	"strings"
)

// maxForks bounds the forks of a genesis file; mainnet has 20 after ten years.
const maxForks = 200

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
	for _, key := range []string{"enableUBTAtGenesis", "enableVerkleAtGenesis"} {
		if config.isTrue(key) {
			return wrong(config.at(key), "%s", otherTree)
		}
	}
	if err := readForks(c, config, list); err != nil {
		return err
	}
	if err := checkOrder(c); err != nil {
		return err
	}
	if err := readBlobs(c, config); err != nil {
		return err
	}
	return readEngine(c, config, list)
}

func readIDs(c *Chain, config object) (err error) {
	raw, ok := config.get("chainId")
	if !ok {
		return wrong(config.at("chainId"), "is missing; add the number that transactions on this chain sign")
	}
	if c.ChainID, err = number64(config.at("chainId"), raw); err != nil {
		return err
	}
	if c.ChainID == 0 {
		c.warn(config.at("chainId"), "is 0: what transactions sign for chain 0 is valid on no other, and clients read 0 as not set; the network ID is 0, too")
	}
	c.NetworkID = c.ChainID
	if raw, ok := config.get("networkId"); ok { // core-geth's files have one
		c.NetworkID, err = number64(config.at("networkId"), raw)
	}
	return err
}

// readForks takes geth's fork keys first, then whatever else looks like one.
func readForks(c *Chain, config object, list []entry) error {
	known := make(map[string]bool, len(inOrder))
	for _, name := range inOrder {
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
		if lower := strings.ToLower(e.key); known[lower] || notForks[lower] || !endsLikeFork(e.key) || isNull(e.value) {
			continue
		}
		if !isNumber(e.value) {
			c.warn(config.at(e.key), "ends like a fork and is no number, so it is taken for none")
			continue
		}
		at, err := number64(config.at(e.key), e.value)
		if err != nil {
			return err
		}
		c.Forks.add(e.key, at)
		c.UnknownForks = append(c.UnknownForks, e.key)
		c.warn(config.at(e.key), "is a fork that geth does not have: it counts in our fork ID, and clients that do not know it have another")
	}
	if n := len(c.Forks.Blocks) + len(c.Forks.Times); n > maxForks {
		return wrong("config", "has %d forks, more than %d; remove those that never come", n, maxForks)
	}
	return nil
}

// endsLikeFork reports whether a key that geth does not have may be a fork of another client's.
func endsLikeFork(key string) bool {
	stem, byNumber := strings.CutSuffix(key, "Block")
	if !byNumber {
		stem, _ = strings.CutSuffix(key, "Time")
	}
	return stem != "" && stem != key
}

func isNumber(raw json.RawMessage) bool {
	return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'
}

func (s *ForkSchedule) add(name string, at uint64) {
	if strings.HasSuffix(name, "Time") {
		s.Times = append(s.Times, Fork{name, at})
	} else {
		s.Blocks = append(s.Blocks, Fork{name, at})
	}
}
