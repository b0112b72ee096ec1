// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"fmt"

	"github.com/ethpeer/ethpeer/types"
)

// Open returns the chain that is in the store, or a new one of the genesis block. It returns a [*ForeignError] for a
// store of another chain and a [*DamagedError] for one that holds none; the store is then still open.
func Open(cfg Config) (*Chain, error) {
	genesis, err := cfg.Params.DecodeHeader(cfg.Params.Genesis)
	if err != nil {
		return nil, fmt.Errorf("the genesis header of %s: %w", cfg.Params.Name, err)
	}
	c := newChain(&cfg)
	store := *c.store.Load()
	if raw := store.Meta(metaChain); raw != nil {
		held, err := readMarker(raw)
		if err != nil {
			return nil, &DamagedError{fmt.Sprintf("it does not say of which chain it is (%v)", err)}
		}
		if held.genesis != cfg.Params.GenesisHash {
			return nil, &ForeignError{held.name, cfg.Params.Name, held.genesis, cfg.Params.GenesisHash}
		}
		if err := c.load(); err != nil {
			return nil, err
		}
		return c, nil
	}
	if store.Meta(metaState) != nil {
		return nil, &DamagedError{"it does not say of which chain it is"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.create(&genesis)
	return c, c.Dead()
}

// create begins a chain with its genesis block.
func (c *Chain) create(genesis *types.Header) {
	c.state.final = Ref{Hash: c.params.GenesisHash}
	t := c.begin()
	m := marker{c.params.Name, c.params.GenesisHash}
	t.meta(metaChain, m.encode())
	t.putHeader(c.params.GenesisHash, genesis)
	t.putTD(c.params.GenesisHash, &c.params.GenesisDifficulty)
	t.canonical(genesis, c.params.GenesisHash)
	t.setHead(genesis, c.params.GenesisHash)
	t.commit()
}

// load reads the state, and looks at what it names.
func (c *Chain) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	store := *c.store.Load()
	s, err := readState(store.Meta(metaState))
	if err != nil {
		return &DamagedError{fmt.Sprintf("its state cannot be read (%v)", err)}
	}
	top, ok := s.runs.top()
	if !ok || top.hi != s.head.Number {
		return &DamagedError{"its head is not the end of its chain"}
	}
	for _, n := range []uint64{0, top.lo, top.hi} {
		h := store.Get(Key{Kind: KindCanonical, Number: n})
		if len(h) != len(types.Hash{}) {
			return &DamagedError{fmt.Sprintf("block %d is not there", n)}
		}
		header, err := c.params.DecodeHeader(store.Get(Key{Kind: KindHeader, Hash: types.Hash(h)}))
		if err != nil || header.Number != n || header.Hash() != types.Hash(h) {
			return &DamagedError{fmt.Sprintf("the header of block %d is not there", n)}
		}
		if n == top.hi {
			if types.Hash(h) != s.head.Hash {
				return &DamagedError{"its head is not canonical"}
			}
			s.head.fill(&header)
		}
	}
	c.state = s
	c.side.load(c, store)
	if c.clique != nil {
		c.clique.load(store)
	}
	c.publish()
	return nil
}

// fill sets what the header says.
func (h *Head) fill(header *types.Header) {
	h.Number, h.Parent, h.Time, h.GasLimit = header.Number, header.ParentHash, header.Time, header.GasLimit
}
