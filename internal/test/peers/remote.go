// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"sync/atomic"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/types"
)

// A Pool has the transactions that a Remote serves: raw items in the form of the network, by
// hash. It must not change while there are remotes.
type Pool map[types.Hash][]byte

// A Remote is an honest peer: it has blocks and a pool, and keeps the rules.
type Remote struct {
	*Conn
	Blocks  *Blocks // nil: only the genesis block; set it before Serve
	pool    Pool
	storage wire.Storage // owner: Serve
	note    func(types.Hash)

	Pings   atomic.Uint64 // that the node sent
	Replies atomic.Uint64 // that the node gave to requests of ours
	Served  atomic.Uint64 // transactions that the node got on request
}

// NewRemote returns a peer on a connection of its own. It says nothing before Serve, which calls
// note, unless that is nil, with each transaction that it serves.
func NewRemote(c *Conn, pool Pool, note func(types.Hash)) *Remote {
	if note == nil {
		note = func(types.Hash) {}
	}
	return &Remote{Conn: c, pool: pool, note: note, storage: wire.Storage{Dialect: wire.DialectOf(c.chain)}}
}

// Serve answers pings and requests of the node until the connection ends. It returns an error only
// for a message that no honest node sends.
func (r *Remote) Serve() error {
	for {
		code, payload, err := r.Read()
		if err != nil {
			return nil // the connection ended
		}
		switch {
		case code == CodePing:
			r.Pings.Add(1)
			_ = r.Say(CodePong, []byte{0xc0}) // if it cannot be said, Read is about to fail
		case code >= CodeEth:
			if err := r.hear(code-CodeEth, payload); err != nil {
				return err
			}
		}
	}
}

func (r *Remote) hear(code uint64, payload []byte) error {
	m, err := r.storage.Decode(r.version, code, payload)
	if err != nil {
		return err
	}
	row := m.Kind().Row()
	if row.IsReply() {
		r.Replies.Add(1)
	}
	if !row.IsRequest() {
		return nil
	}
	answer := wire.Reply{Kind: row.Reply}
	var items [][]byte
	switch m := m.(type) {
	case *wire.GetBlockHeaders:
		answer.ID = m.ID
		if r.Blocks != nil {
			items = r.Blocks.headers(m)
		} else if m.Amount > 0 && (m.Origin == wire.AtNumber(0) || m.Origin == wire.AtHash(r.chain.GenesisHash)) {
			items = [][]byte{r.chain.Genesis}
		}
	case *wire.GetBlockBodies:
		answer.ID = m.ID
		if r.Blocks != nil {
			items = r.Blocks.bodies(m.Hashes)
		}
	case *wire.GetPooledTransactions:
		answer.ID = m.ID
		items = r.pooled(m.Hashes)
	default: // it has nothing else
		if r.version.HasRequestIDs() {
			if answer.ID, err = wire.RequestID(r.version, payload); err != nil {
				return err
			}
		}
	}
	_ = r.Tell(row.Reply, answer.Append(nil, r.version, items)) // see Serve
	return nil
}

func (r *Remote) pooled(hashes wire.Hashes) (items [][]byte) {
	for _, h := range hashes.All() {
		if item, ok := r.pool[h]; ok {
			items = append(items, item)
			r.Served.Add(1)
			r.note(h)
		}
	}
	return items
}
