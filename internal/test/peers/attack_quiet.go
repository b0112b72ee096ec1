// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"slices"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// quiet are the attacks each of whose messages an honest peer might send.
func quiet() []Attack {
	return []Attack{
		{Name: "tiny transactions in blocks", Quiet: true, Version: 68, Times: 1, Every: 10, Ends: useless, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewBlock, a.blockOf(tinyTxs, tinySize))
		}},
		{Name: "made-up transactions in blocks", Quiet: true, Version: 67, Times: 1, Every: 10, Ends: useless, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewBlock, a.blockOf(signedTxs, 0))
		}},
		{Name: "transactions of strangers", Quiet: true, Version: 68, Times: 1, Every: 2, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, ListOf(a.recovered(1337, strangers)...))
		}},
		{Name: "transactions of another chain", Quiet: true, Version: 71, Times: 1, Every: 2, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, ListOf(a.recovered(5, strangers)...))
		}},
		{Name: "large, then idle", Quiet: true, Version: 68, Times: 1, Every: 1 << 30, Hear: (*Attacker).serve, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, ListOf(bytesOfTxs(a, 8<<20)...))
		}},
		{Name: "many idle ones of one network", Quiet: true, Peers: 8, Together: true, Version: 70, Times: 1, Every: 50, Also: slow, Say: func(a *Attacker) error {
			return a.Say(CodePing, []byte{0xc0})
		}},
		{Name: "deaf and idle", Quiet: true, Version: 69, Deaf: true, Times: 1, Every: 50, Ends: slow, Say: func(a *Attacker) error {
			return a.Say(CodePing, []byte{0xc0})
		}},
		{Name: "three liars about the head", Quiet: true, Peers: 3, Version: 68, Times: 1, Every: 10, Status: (*Attacker).lie, Hear: (*Attacker).serve, Say: (*Attacker).branch},
		{Name: "three liars about the range", Quiet: true, Peers: 3, Version: 70, Times: 1, Every: 10, Hear: (*Attacker).serve, Say: (*Attacker).branch},
		{Name: "blocks of the future", Quiet: true, Version: 67, Times: 1, Every: 10, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewBlock, a.head().Child(time.Now().Add(time.Hour), "future").NewBlock())
		}},
		{Name: "announcements of nothing", Quiet: true, Version: 68, Times: 1, Every: 10, Hear: (*Attacker).serve, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, a.announced()[:min(a.Big, 256)]))
		}},
		{Name: "headers without bodies", Quiet: true, Version: 66, Times: 4, Every: 10, Ends: useless, Hear: (*Attacker).serve, Say: (*Attacker).bodiless},
		{Name: "one old hash a minute", Quiet: true, Version: 68, Times: 1, Every: 600, Hear: (*Attacker).serve, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: a.Chain.GenesisHash}}))
		}},
		{Name: "requests", Quiet: true, Version: 68, Times: 8, Every: 1, Say: (*Attacker).ask},
		{Name: "requests, slowly read", Quiet: true, Version: 70, Times: 2, Every: 1, Hear: func(*Attacker, uint64, []byte) error {
			<-time.After(Round)
			return nil
		}, Say: (*Attacker).ask},
	}
}

// tinySize is the size of a block of tiny transactions, and strangers how many transactions of unknown senders a message has: less
// with the race detector, which makes the curve and the hash many times slower.
var tinySize, strangers = sizes()

func sizes() (tiny, strangers int) {
	if bubble.Race {
		return 256 << 10, 16
	}
	return 2 << 20, 64
}

// tinyTxs is as many of the shortest transactions as size holds: with gas 0 and any signature.
func tinyTxs(a *Attacker, size int) (items [][]byte) {
	for n := 0; n < size; {
		dst, list := rlp.OpenList(nil)
		dst = rlp.AppendUint64(dst, 1<<32+uint64(len(items)))
		dst = append(dst, 0x80, 0x80, 0x80, 0x80, 0x80, 0x1b, 0x01, 0x01)
		items = append(items, rlp.CloseList(dst, list))
		n += len(items[len(items)-1])
	}
	return items
}

// signedTxs is as many transactions as a block has gas for, whose signatures have senders.
func signedTxs(a *Attacker, _ int) [][]byte {
	return a.recovered(1337, int(a.head().Header.GasLimit/21_000))
}

// bytesOfTxs is transactions of that size together, each with 100 kB of data.
func bytesOfTxs(a *Attacker, size int) (items [][]byte) {
	data := a.bytes(100 << 10)
	for range size / len(data) {
		items = append(items, a.transaction(1337, data))
	}
	return items
}

// blockOf returns a NewBlock on the head with made transactions. Only the first few are made: another header makes another block.
func (a *Attacker) blockOf(fill func(*Attacker, int) [][]byte, size int) []byte {
	const different = 2
	if len(a.made) < different {
		a.made = append(a.made, slices.Concat(fill(a, size)...))
	}
	b := a.head().Child(time.Now(), string(a.bytes(8)), a.made[a.Round%len(a.made)])
	return b.NewBlock()
}

// recovered are transactions whose signature is valid, of senders that nobody is.
func (a *Attacker) recovered(chainID uint64, n int) (items [][]byte) {
	for range n {
		items = append(items, a.transaction(chainID, nil))
	}
	return items
}

// transaction is a transaction of type 2 with a signature that no key made, but from which a sender can be recovered: R is the
// coordinate of a point, always the same of an attacker, and S is random, so that each transaction has another sender.
func (a *Attacker) transaction(chainID uint64, data []byte) []byte {
	dst := []byte{types.DynamicFeeTx}
	dst, list := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, chainID)
	dst = rlp.AppendUint64(dst, a.Rand.Uint64()) // nonce
	dst = rlp.AppendUint64(dst, 1)
	dst = rlp.AppendUint64(dst, 1<<40)
	dst = rlp.AppendUint64(dst, 21_000+uint64(len(data))*40)
	dst = rlp.AppendBytes(dst, a.bytes(20))
	dst = rlp.AppendUint64(dst, 1)
	dst = rlp.AppendBytes(dst, data)
	dst = append(dst, 0xc0) // access list
	dst = rlp.AppendUint64(dst, 0)
	if a.point == nil {
		key := a.key().Public().Bytes()
		a.point = trim(key[:32])
	}
	dst = rlp.AppendInteger(dst, a.point)
	s := a.bytes(32)
	s[0] = 1 // the lower half
	dst = rlp.AppendInteger(dst, s)
	return rlp.AppendBytes(nil, rlp.CloseList(dst, list))
}

func trim(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// lie states the head of the branch that all liars of an attack share.
func (a *Attacker) lie(s *wire.Status) {
	s.Head = types.Hash{1, 2, 3}
	s.TD = *uint256.NewInt(1 << 62)
}

// branch is the next block of a branch that all liars build alike, from genesis: sent whole or named, and served when asked for.
func (a *Attacker) branch() error {
	if a.fake == nil {
		b, err := NewBlocks(a.Chain)
		if err != nil {
			return err
		}
		a.fake = b.Head()
	}
	a.fake = a.fake.Child(time.Unix(0, 0), "liars")
	a.fake.TD = *uint256.NewInt(1 << 62)
	a.kept.add(a.fake)
	if a.version < 69 {
		return a.Tell(wire.KindNewBlock, a.fake.NewBlock())
	}
	latest := wire.BlockRangeUpdate{Latest: a.fake.Header.Number, LatestHash: a.fake.Hash}
	return a.Tell(wire.KindBlockRangeUpdate, latest.Append(nil, a.version))
}

// bodiless announces a block on the head, whose header it serves and whose body it does not.
func (a *Attacker) bodiless() error {
	b := a.head().Child(time.Now(), string(a.bytes(8)), a.transaction(1337, nil))
	a.kept.add(b)
	return a.Tell(wire.KindNewBlockHashes, b.Announcement())
}

// ask asks for all there is to ask for, in turn.
func (a *Attacker) ask() error {
	id := a.Rand.Uint64()
	hashes := make([]types.Hash, 64)
	for i := range hashes {
		hashes[i] = a.Chain.GenesisHash
	}
	switch a.Rand.Uint64() % 4 {
	case 0:
		q := wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 192}
		return a.Tell(q.Ask(), q.Append(nil, a.version, id))
	case 1:
		q := wire.BodiesRequest{Hashes: hashes}
		return a.Tell(q.Ask(), q.Append(nil, a.version, id))
	case 2:
		q := wire.ReceiptsRequest{Hashes: hashes}
		return a.Tell(q.Ask(), q.Append(nil, a.version, id))
	default:
		q := wire.PooledRequest{Hashes: hashes}
		return a.Tell(q.Ask(), q.Append(nil, a.version, id))
	}
}
