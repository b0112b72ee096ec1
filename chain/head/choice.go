// SPDX-License-Identifier: Apache-2.0

package head

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// The sources' names.
const (
	byEngine = event.HeadByEngine
	byLight  = event.HeadByLight
	byFixed  = event.HeadByFixed
	byGossip = event.HeadByGossip
	byPeers  = event.HeadByPeers
)

// precedence lists the sources: of those that are not stale the first counts. Gossip and peers are one
// source, which names by which of both it knows a block.
var precedence = []string{byEngine, byLight, byFixed, byPeers}

// slotOf returns the place of a source's name in precedence.
func slotOf(by string) int {
	if i := slices.Index(precedence, by); i >= 0 {
		return i
	}
	return len(precedence) - 1
}

// A Choice says which sources name the head, as --head does. The zero Choice is auto.
type Choice struct {
	Engine bool // a consensus client, over the engine API
	Light  bool // a beacon light client
	Gossip bool // the heaviest verified chain of gossiped blocks
	Peers  bool // a quorum of peers
	Fixed  types.Hash
}

// ParseChoice reads the value of --head: auto, or a list of engine, light, fixed:HASH, gossip and peers,
// separated by commas. Of several sources the first of engine, light, fixed and peers counts that is not
// stale, in whatever order they are listed.
func ParseChoice(s string) (c Choice, err error) {
	for _, word := range strings.Split(s, ",") {
		word = strings.TrimSpace(word)
		name, value, hasValue := strings.Cut(word, ":")
		if hasValue != (name == byFixed) {
			if name == byFixed {
				return Choice{}, errors.New("fixed needs the hash of a block: fixed:0x…")
			}
			return Choice{}, fmt.Errorf("%q: only fixed has a value", word)
		}
		var to *bool
		switch name {
		case "auto":
			if s != word {
				return Choice{}, errors.New("auto cannot be combined with other sources")
			}
			return Choice{}, nil
		case byFixed:
			if c.Fixed, err = parseFixed(value); err != nil {
				return Choice{}, err
			}
			continue
		case byEngine:
			to = &c.Engine
		case byLight:
			to = &c.Light
		case byGossip:
			to = &c.Gossip
		case byPeers:
			to = &c.Peers
		default:
			return Choice{}, fmt.Errorf("%q is no source of heads: use auto, gossip, engine, light, fixed:HASH or peers", word)
		}
		*to = true
	}
	return c, c.check()
}

func parseFixed(digits string) (h types.Hash, err error) {
	digits = strings.TrimPrefix(strings.TrimPrefix(digits, "0x"), "0X")
	if n, err := hex.Decode(h[:], []byte(digits[:min(len(digits), 2*len(h))])); err != nil || n != len(h) || len(digits) != 2*len(h) {
		return h, fmt.Errorf("fixed:%.80s: want the hash of a block, 64 hexadecimal digits", digits)
	}
	if h.IsZero() {
		return h, errors.New("fixed: no block has the hash zero")
	}
	return h, nil
}

// check refuses sources that do not go together.
func (c Choice) check() error {
	switch {
	case c.Gossip && (c.Engine || c.Light || c.Peers || !c.Fixed.IsZero()):
		return errors.New("gossip cannot be combined with other sources: it is the source of chains whose blocks are gossiped")
	case !c.Fixed.IsZero() && c.Peers:
		return errors.New("fixed and peers cannot be combined: a fixed head never becomes stale, so that peers would never count")
	}
	return nil
}

// Auto reports whether no source was chosen.
func (c Choice) Auto() bool { return c == Choice{} }

// Resolve says what a choice means on a chain. Gossips says that the chain's blocks are gossiped, because it
// has no terminal total difficulty (EIP-3675). Engine and light say which sources the operator has set up:
// auto takes them, and peers, or gossip alone on a chain that gossips. The error says what does not go together.
func (c Choice) Resolve(gossips, engine, light bool) (Choice, error) {
	switch {
	case c.Auto() && gossips:
		return Choice{Gossip: true}, nil
	case c.Auto():
		return Choice{Engine: engine, Light: light, Peers: true}, nil
	case c.Gossip && !gossips:
		return c, errors.New("--head gossip: peers of this chain do not gossip blocks; use auto, engine, light or peers")
	case gossips && (c.Engine || c.Light):
		return c, errors.New("--head engine and light: this chain has no consensus layer; use auto, gossip or fixed:HASH")
	case c.Light && !light:
		return c, errors.New("--head light: name a beacon node with --beacon URL and a block to trust with --checkpoint ROOT")
	}
	return c, nil
}

// Sources returns the names of the chosen sources, the first counts before the others. The caller owns the slice.
func (c Choice) Sources() (names []string) {
	for _, s := range []struct {
		name   string
		chosen bool
	}{{byEngine, c.Engine}, {byLight, c.Light}, {byFixed, !c.Fixed.IsZero()}, {byGossip, c.Gossip}, {byPeers, c.Peers}} {
		if s.chosen {
			names = append(names, s.name)
		}
	}
	return names
}

// String returns the form that [ParseChoice] reads.
func (c Choice) String() string {
	if c.Auto() {
		return "auto"
	}
	names := c.Sources()
	if i := slices.Index(names, byFixed); i >= 0 {
		names[i] += ":" + c.Fixed.String()
	}
	return strings.Join(names, ",")
}
