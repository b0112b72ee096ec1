// SPDX-License-Identifier: Apache-2.0

package blockgossip

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/types"
)

// A player is a peer of eth/68 that dialled us and answers by itself.
type player struct {
	*peers.Conn
	bodies bool // it gives bodies

	mu     sync.Mutex
	blocks map[types.Hash]testBlock // guarded by mu
}

func (l *listening) play(name string, bodies bool) *player {
	l.t.Helper()
	p := &player{Conn: l.node.Attach(name, 68), bodies: bodies, blocks: map[types.Hash]testBlock{}}
	l.t.Cleanup(p.Close)
	if err := p.Greet(); err != nil {
		l.t.Fatal(err)
	}
	go p.answer()
	synctest.Wait()
	return p
}

// announce tells of blocks, which the player has from then on.
func (p *player) announce(blocks ...testBlock) {
	p.mu.Lock()
	for _, b := range blocks {
		p.blocks[b.hash] = b
	}
	p.mu.Unlock()
	_ = p.Tell(wire.KindNewBlockHashes, hashes(blocks...))
}

func (p *player) answer() {
	var storage wire.Storage
	for {
		code, payload, err := p.Read()
		if err != nil {
			return
		}
		if code < peers.CodeEth {
			continue
		}
		m, err := storage.Decode(68, code-peers.CodeEth, payload)
		if err != nil {
			return
		}
		switch m := m.(type) {
		case *wire.GetBlockHeaders:
			_ = p.Tell(wire.KindBlockHeaders, reply(68, wire.KindBlockHeaders, m.ID, p.headers(m)...))
		case *wire.GetBlockBodies:
			_ = p.Tell(wire.KindBlockBodies, reply(68, wire.KindBlockBodies, m.ID, p.bodiesOf(m)...))
		}
	}
}

func (p *player) headers(m *wire.GetBlockHeaders) (items [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for h, b := range p.blocks {
		if m.Origin == wire.AtHash(h) {
			items = append(items, b.rawHeader())
		}
	}
	return items
}

func (p *player) bodiesOf(m *wire.GetBlockBodies) (items [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range m.Hashes.All() {
		if b, ok := p.blocks[h]; ok && p.bodies {
			items = append(items, b.rawBody())
		}
	}
	return items
}

// A peer that gives the headers of thousands of made-up blocks, comes again when it is ended, and gives no body,
// does not keep honest blocks from being told with their bodies.
func TestOnePeerDoesNotTakeAllBodies(t *testing.T) {
	listen(t, func(l *listening) {
		var honest []*player
		for i := range 4 {
			honest = append(honest, l.play(fmt.Sprint("honest", i), true))
		}
		liar, came, fakes := l.play("liar", false), 1, 0
		last := build(l.chain.GenesisHash, 1, 1)
		for n := range 15 {
			if n > 0 {
				last = build(last.hash, last.header.Number+1, 1)
			}
			for range 24 { // 12 s
				var made []testBlock
				for range 64 {
					fakes++
					made = append(made, build(types.Hash{byte(fakes), byte(fakes >> 8)}, last.header.Number+uint64(fakes)%20, 1))
				}
				if liar.Ended() {
					came++
					liar = l.play(fmt.Sprint("liar", came), false)
				}
				liar.announce(made...)
				time.Sleep(500 * time.Millisecond)
			}
			for _, p := range honest {
				p.announce(last)
			}
			time.Sleep(time.Second)
			l.mu.Lock()
			told := slices.ContainsFunc(l.lines, func(line string) bool {
				return strings.HasPrefix(line, "block "+last.name()) && strings.Contains(line, " 1 txs")
			})
			l.lines = nil
			l.mu.Unlock()
			if !told {
				t.Errorf("block %d is not told with its body within a second", last.header.Number)
			}
		}
		if came < 3 {
			t.Errorf("the liar came %d times: it was not ended", came)
		}
		for _, p := range honest {
			if p.Ended() {
				t.Error("an honest peer is ended")
			}
		}
	})
}
