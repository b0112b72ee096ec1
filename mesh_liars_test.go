// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"bytes"
	"math"
	"math/rand/v2"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// A liar is a node of a mesh that relays nothing and answers nothing. At each block it tells its neighbors a
// lie.
type liar struct {
	mesh *mesh
	kind int
	rnd  *rand.Rand
	ends []p2p.Transport
	own  *peers.Block // the last of a chain of its own
}

// A message is one that a liar sends.
type message struct {
	kind    wire.Kind
	payload []byte
}

// lies are the ways to lie about blocks. head is the last block of the honest miners.
var lies = []struct {
	name string
	tell func(l *liar, head *peers.Block) []message
}{
	{"another chain, of less work", func(l *liar, _ *peers.Block) []message {
		if l.own == nil {
			l.own = l.mesh.blocks.At(0)
		}
		l.own = l.own.Next(l.mesh.chain, l.own.Header.Time+uint64(time.Now().Unix())/100, "another chain")
		return []message{whole(l.own), named(l.own.Hash, l.own.Header.Number)}
	}},
	{"invented descendants", func(l *liar, head *peers.Block) (all []message) {
		for b, n := head, 0; n < 5; n++ {
			b = b.Next(l.mesh.chain, b.Header.Time+1, noWork)
			all = append(all, whole(b))
		}
		return all
	}},
	{"a wrong difficulty", func(l *liar, head *peers.Block) []message {
		b := head.Next(l.mesh.chain, head.Header.Time+1, "heavy")
		b.Header.Difficulty.Lsh(&b.Header.Difficulty, 20)
		b.Seal()
		return []message{whole(b)}
	}},
	{"a body of another header", func(l *liar, head *peers.Block) []message {
		b := *head.Next(l.mesh.chain, head.Header.Time+1, "bodies", peers.ListOf())
		b.Body.Txs = nil
		return []message{whole(&b)}
	}},
	{"numbers up to 2^64-1", func(l *liar, head *peers.Block) []message {
		b := head.Next(l.mesh.chain, head.Header.Time+1, "numbers")
		b.Header.Number = math.MaxUint64
		b.Seal()
		return []message{whole(b), named(types.Hash{1, byte(l.rnd.Uint32())}, math.MaxUint64), named(types.Hash{2, byte(l.rnd.Uint32())}, head.Header.Number+1)}
	}},
	{"endless side chains", func(l *liar, head *peers.Block) (all []message) {
		parent := l.mesh.blocks.At(head.Header.Number - min(head.Header.Number, 3))
		for i := range 20 {
			all = append(all, whole(parent.Next(l.mesh.chain, parent.Header.Time+uint64(i)+40, "side "+string(rune('a'+i)))))
		}
		return all
	}},
	{"blocks of the future", func(l *liar, head *peers.Block) []message {
		now := uint64(time.Now().Unix())
		return []message{whole(head.Next(l.mesh.chain, now+30, noWork)), whole(head.Next(l.mesh.chain, now+3600, ""))}
	}},
	{"a storm of blocks without a parent", func(l *liar, head *peers.Block) (all []message) {
		for range 30 {
			lost := *head
			lost.Hash = types.Hash{9, byte(l.rnd.Uint32()), byte(l.rnd.Uint32())}
			all = append(all, whole(lost.Next(l.mesh.chain, head.Header.Time+1, "orphan")))
		}
		return all
	}},
	{"announcements of nothing", func(l *liar, head *peers.Block) (all []message) {
		for range 50 {
			all = append(all, named(types.Hash{3, byte(l.rnd.Uint32()), byte(l.rnd.Uint32())}, head.Header.Number+1))
		}
		return all
	}},
	{"the honest block, and a total difficulty of its own", func(_ *liar, head *peers.Block) []message {
		td := new(uint256.Int).Lsh(uint256.NewInt(1), 99)
		return []message{{wire.KindNewBlock, wire.AppendNewBlock(nil, types.AppendBlock(nil, &head.Header, &head.Body), td)}}
	}},
	{"silence", func(*liar, *peers.Block) []message { return nil }},
}

func whole(b *peers.Block) message { return message{wire.KindNewBlock, b.NewBlock()} }

func named(h types.Hash, number uint64) message {
	return message{wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: h, Number: number}})}
}

// connect makes the liar a peer of an honest node, which takes the connection for a dial of its own.
func (l *liar) connect(n *member, name string) {
	c := l.mesh
	x, y := p2p.Pipe()
	var id enr.ID
	copy(id[:], name)
	c.run(n, id, x, false, 68)
	c.wait.Go(func() { // what it hears it drops, but for pings
		for {
			code, payload, err := y.Read(time.Now().Add(time.Hour))
			if err != nil {
				return
			}
			if code == peers.CodeEth { // Status
				status := bytes.Clone(payload)
				c.wait.Go(func() { l.say(y, message{wire.KindStatus, status}) })
			}
			y.Release()
		}
	})
	l.ends = append(l.ends, y)
}

func (*liar) say(to p2p.Transport, m message) bool {
	return to.Queue(&p2p.Out{Code: peers.CodeEth + m.kind.Row().Code, Raw: m.payload}) == nil &&
		to.Flush(time.Now().Add(time.Minute)) == nil
}

// lie tells the liar's lie to its remaining neighbors.
func (l *liar) lie(head *peers.Block) {
	messages := lies[l.kind].tell(l, head)
	for i, end := range l.ends {
		l.mesh.wait.Go(func() {
			for _, m := range messages {
				if !l.say(end, m) {
					_ = l.ends[i].Close()
					return
				}
			}
		})
	}
}

func (l *liar) close() {
	for _, end := range l.ends {
		_ = end.Close()
	}
}
