// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// TestEveryFlip flips each byte of an optimistic update, and every eleventh byte of other answers. No head
// but a block of the chain is ever reported.
func TestEveryFlip(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	cfg := chainOf("flip")
	cfg.Genesis = uint64(now.Unix()) - 100*12
	chain := beacon.New(cfg)
	network := factsOf(cfg)
	fresh := func(c *light.Client) *machine {
		cfg := Config{URLs: []string{"http://a"}, Network: network, Checkpoint: light.Root(chain.At(98).Root)}
		nodes, err := nodesOf(cfg.URLs)
		if err != nil {
			t.Fatal(err)
		}
		m := newMachine(cfg, nodes, nil)
		if c != nil {
			client := *c
			m.client = &client
		}
		m.next(now)
		return m
	}
	m := fresh(nil)
	m.onAnswer(now, m.askFor(askBootstrap), answer{body: chain.Bootstrap(98)})
	if m.client == nil {
		t.Fatal(m.cause)
	}
	period := m.askFor(askUpdates)
	period.count = 1
	for _, c := range []struct {
		name string
		ask  *ask
		body []byte
		from *light.Client
		step int
	}{
		{"bootstrap", m.askFor(askBootstrap), chain.Bootstrap(98), nil, 11},
		{"updates", period, slices.Concat([]byte("["), chain.Update(100, 100), []byte("]")), m.client, 11},
		{"finality", m.askFor(askFinality), chain.Finality(100), m.client, 11},
		{"optimistic", m.askFor(askOptimistic), chain.Optimistic(100), m.client, 1},
		{"event", nil, chain.Optimistic(100), m.client, 11},
	} {
		step := c.step
		if bubble.Race { // fewer bytes with the race detector, which makes the check of each signature slow
			step *= 23
		}
		taken := 0
		for at := 0; at < len(c.body); at += step {
			body := bytes.Clone(c.body)
			body[at] ^= 1 << (at % 8)
			m := fresh(c.from)
			if c.ask == nil {
				m.onEvent(now, 0, body)
			} else {
				m.onAnswer(now, c.ask, answer{body: body})
			}
			if m.tell != nil {
				taken++
				if m.tell.Hash != chain.At(99).Hash {
					t.Fatalf("%s, byte %d: %+v", c.name, at, m.tell)
				}
			}
			if m.client == nil {
				continue
			}
			if h, f := m.client.Head(), m.client.Finalized(); h.Hash != chain.At(h.Slot).Hash || h.Slot > 99 || f.Hash != chain.At(f.Slot).Hash {
				t.Fatalf("%s, byte %d: %+v, %+v", c.name, at, h, f)
			}
		}
		// What is not part of the proof may be flipped: the keys' case, the version, the spaces.
		if share := float64(taken*step) / float64(len(c.body)); share > 0.2 && !bubble.Race {
			t.Errorf("%s: %d of %d flips were not noticed", c.name, taken, len(c.body)/step)
		}
	}
}
