// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"fmt"
	"time"
)

// Bounds of requests (beacon-APIs/apis/beacon/light_client).
const (
	maxAnswer   = 1 << 20 // bytes of an answer
	maxUpdates  = 4 << 20 // bytes of an answer with several updates
	updatesEach = 16      // periods asked for at once

	timeout        = 10 * time.Second // for an answer
	updatesTimeout = 30 * time.Second
)

// A kind says what is asked for.
type kind int

const (
	askSpec kind = iota
	askGenesis
	askBootstrap
	askUpdates
	askFinality
	askOptimistic
)

// An ask is one GET request to a node.
type ask struct {
	node  int
	kind  kind
	path  string
	count uint64 // of updates
}

func (a *ask) limit() int64 {
	if a.kind == askUpdates {
		return maxUpdates
	}
	return maxAnswer
}

func (a *ask) timeout() time.Duration {
	if a.kind == askUpdates {
		return updatesTimeout
	}
	return timeout
}

// An answer is what came back: body or err.
type answer struct {
	body []byte
	date time.Time // of the node's clock; zero = it did not say
	err  error
}

const (
	lightPath  = "/eth/v1/beacon/light_client/"
	eventsPath = "/eth/v1/events?topics=light_client_optimistic_update,light_client_finality_update"
)

func (m *machine) askFor(k kind) *ask {
	a := &ask{node: m.at, kind: k}
	switch k {
	case askSpec:
		a.path = "/eth/v1/config/spec"
	case askGenesis:
		a.path = "/eth/v1/beacon/genesis"
	case askBootstrap:
		a.path = lightPath + "bootstrap/" + m.cfg.Checkpoint.String()
	case askFinality:
		a.path = lightPath + "finality_update"
	case askOptimistic:
		a.path = lightPath + "optimistic_update"
	}
	return a
}

// askUpdates asks for closed periods only: nodes refuse a range in which one is missing.
func (m *machine) askUpdates(from, open uint64) *ask {
	a := m.askFor(askUpdates)
	a.count = min(open-from, updatesEach)
	if m.singly {
		a.count = 1
	}
	a.path = fmt.Sprintf("%supdates?start_period=%d&count=%d", lightPath, from, a.count)
	return a
}
