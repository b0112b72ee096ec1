// SPDX-License-Identifier: Apache-2.0

package devnet

import (
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Config says how large and how busy a network is. The zero Config is a useful one.
type Config struct {
	Peers  int           // 0 = 5, which offer every version from 63 to 72; at most 16
	Period time.Duration // between two blocks; 0 = 1 s, at least 10 ms
	TPS    float64       // transactions signed per second; 0 = 5, at most 100

	// Start is the time of the genesis block, of which the whole seconds count. Zero = now.
	Start time.Time

	// Rand draws keys and transactions: equal ones, and equal Starts, make equal chains
	// and equal transactions. Nil = seeded at random. The network owns it from New on.
	Rand *rand.ChaCha8
}

// Bounds of a configuration.
const (
	maxPeers  = 16
	maxTPS    = 100
	minPeriod = 10 * time.Millisecond
)

// complete returns the configuration with its defaults, or all that is wrong with it.
func (c Config) complete() (Config, error) {
	if c.Peers == 0 {
		c.Peers = 5
	}
	if c.Period == 0 {
		c.Period = time.Second
	}
	if c.TPS == 0 {
		c.TPS = 5
	}
	if c.Start.IsZero() {
		c.Start = time.Now()
	}
	if c.Rand == nil {
		var seed [32]byte
		if _, err := crand.Read(seed[:]); err != nil {
			return c, err
		}
		c.Rand = rand.NewChaCha8(seed)
	}
	var all []error
	if c.Peers < 1 || c.Peers > maxPeers {
		all = append(all, fmt.Errorf("%d peers: want 1 to %d", c.Peers, maxPeers))
	}
	if c.Period < minPeriod {
		all = append(all, fmt.Errorf("a period of %v: want %v or more", c.Period, minPeriod))
	}
	if !(c.TPS > 0 && c.TPS <= maxTPS) { // nor NaN
		all = append(all, fmt.Errorf("%v transactions per second: want more than 0, up to %d", c.TPS, maxTPS))
	}
	return c, errors.Join(all...)
}
