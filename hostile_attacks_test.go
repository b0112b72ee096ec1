// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"bytes"
	"math/rand/v2"
	"os"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// An attack is one way to be hostile.
type attack struct {
	name  string
	v     wire.Version
	times int // messages per burst
	every int // rounds between bursts
	deaf  bool
	mute  bool // does not even greet
	say   func(a *attacker) error

	// How its sessions end. The zero value: not before the node stops.
	ends p2p.Verdict
}

// An attacker is one hostile peer at work.
type attacker struct {
	*peers.Conn
	rnd   *rand.ChaCha8
	round int
	delay int // rounds, so that not all bursts of a kind are one
	big   int // items in the largest messages
}

var (
	breach  = p2p.Judge(p2p.Breach("any"))
	dropped = p2p.Judge(&p2p.Violation{Reason: p2p.ReasonProtocol, Silent: true})
	slow    = p2p.Judge(os.ErrDeadlineExceeded)
	late    = p2p.Judge(&p2p.LocalClose{Reason: p2p.ReasonTimeout})
	greedy  = p2p.Judge(&p2p.LocalClose{Reason: p2p.ReasonUseless})
	left    = p2p.Judge(&p2p.RemoteClose{Reason: 17})
)

var (
	tooLarge  = make([]byte, wire.MaxMessage+1)
	junkItems = bytes.Repeat([]byte{0xc2, 0xc0, 0xc0}, 64<<10/3) // to fill memory with
)

// attacks are played by ten peers each.
var attacks = []attack{
	{name: "announce", v: 68, times: 1, every: 20, say: func(a *attacker) error {
		return a.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, a.announced()))
	}},
	{name: "announce hashes", v: 65, times: 1, every: 20, say: func(a *attacker) error {
		return a.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 65, a.announced()))
	}},
	{name: "garbage transactions", v: 69, times: 5, every: 2, ends: breach, say: func(a *attacker) error {
		return a.Tell(wire.KindTransactions, listOf([]byte{0xc1, 0x80}))
	}},
	{name: "invalid signatures", v: 71, times: 1, every: 5, say: func(a *attacker) error {
		return a.Tell(wire.KindTransactions, listOf(a.forged()))
	}},
	{name: "unknown types", v: 70, times: 3, every: 1, say: func(a *attacker) error {
		return a.Tell(wire.KindTransactions, listOf(rlp.AppendBytes(nil, append([]byte{0x7e}, a.bytes(40)...))))
	}},
	{name: "replies nobody asked for", v: 68, times: 3, every: 2, ends: breach, say: func(a *attacker) error {
		dst := wire.Reply{Kind: wire.KindBlockBodies, ID: a.rnd.Uint64()}.AppendHead(nil, 68, len(junkItems))
		return a.Tell(wire.KindBlockBodies, append(dst, junkItems...))
	}},
	{name: "replies nobody asked for, without IDs", v: 65, times: 3, every: 1, say: func(a *attacker) error {
		dst := wire.Reply{Kind: wire.KindBlockBodies}.AppendHead(nil, 65, len(junkItems))
		return a.Tell(wire.KindBlockBodies, append(dst, junkItems...))
	}},
	{name: "2^64-1 headers", v: 68, times: 10, every: 1, say: func(a *attacker) error {
		return a.Tell(wire.KindGetBlockHeaders, allHeaders.Append(nil, 68))
	}},
	{name: "2^64-1 headers, unread", v: 68, times: 10, every: 1, deaf: true, ends: greedy, say: func(a *attacker) error {
		return a.Tell(wire.KindGetBlockHeaders, allHeaders.Append(nil, 68))
	}},
	{name: "pings", v: 68, times: 30, every: 1, say: func(a *attacker) error {
		return a.Say(peers.CodePing, []byte{0xc0})
	}},
	{name: "pings, unread", v: 68, times: 30, every: 1, deaf: true, ends: slow, say: func(a *attacker) error {
		return a.Say(peers.CodePing, []byte{0xc0})
	}},
	{name: "a list that says it is long", v: 68, times: 3, every: 2, ends: breach, say: func(a *attacker) error {
		return a.Tell(wire.KindTransactions, []byte{0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc0})
	}},
	{name: "10 MiB and a byte", v: 68, times: 1, every: 30, ends: breach, say: func(a *attacker) error {
		return a.Tell(wire.KindTransactions, tooLarge)
	}},
	{name: "a code that does not exist", v: 68, times: 3, every: 2, ends: breach, say: func(a *attacker) error {
		return a.Say(peers.CodeEth+0x0b, []byte{0xc0})
	}},
	{name: "a code of no protocol", v: 68, times: 3, every: 2, ends: dropped, say: func(a *attacker) error {
		return a.Say(1<<40, []byte{0xc0})
	}},
	{name: "a second status", v: 69, times: 3, every: 2, ends: breach, say: func(a *attacker) error {
		return a.Greet()
	}},
	{name: "no status", v: 69, times: 1, every: 5, mute: true, ends: late, say: func(a *attacker) error {
		return a.Say(peers.CodePing, []byte{0xc0})
	}},
	{name: "block hashes", v: 68, times: 1, every: 3, say: func(a *attacker) error {
		dst, list := rlp.OpenList(nil)
		for range 256 {
			var one int
			dst, one = rlp.OpenList(dst)
			dst = rlp.AppendBytes(dst, a.bytes(32))
			dst = rlp.AppendUint64(dst, uint64(a.round%30)+1)
			dst = rlp.CloseList(dst, one)
		}
		return a.Tell(wire.KindNewBlockHashes, rlp.CloseList(dst, list))
	}},
	{name: "garbage blocks", v: 67, times: 3, every: 2, ends: breach, say: func(a *attacker) error {
		return a.Tell(wire.KindNewBlock, []byte{0xc3, 0xc1, 0x80, 0x01})
	}},
	{name: "blocks that nobody has", v: 71, times: 3, every: 1, say: func(a *attacker) error {
		latest := wire.BlockRangeUpdate{Latest: 1<<64 - 1 - uint64(a.round), LatestHash: types.Hash(a.bytes(32))}
		return a.Tell(wire.KindBlockRangeUpdate, latest.Append(nil, 71))
	}},
	{name: "odd goodbyes", v: 68, times: 3, every: 2, ends: left, say: func(a *attacker) error {
		return a.Say(peers.CodeDisconnect, []byte{17})
	}},
}

var allHeaders = &wire.GetBlockHeaders{ID: 1, Origin: wire.AtNumber(0), Amount: 1<<64 - 1, Skip: 1<<64 - 1}

func listOf(items ...[]byte) []byte {
	dst, list := rlp.OpenList(nil)
	for _, item := range items {
		dst = append(dst, item...)
	}
	return rlp.CloseList(dst, list)
}

func (a *attacker) bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = a.rnd.Read(b) // never fails
	return b
}

// announced are transactions that nobody has.
func (a *attacker) announced() []wire.Announced {
	all := make([]wire.Announced, a.big)
	for i := range all {
		all[i] = wire.Announced{Hash: types.Hash(a.bytes(32)), Type: 2, Size: 200}
	}
	return all
}

// forged is a legacy transaction with any signature.
func (a *attacker) forged() []byte {
	dst, list := rlp.OpenList(nil)
	for range 3 { // nonce, gas price, gas
		dst = rlp.AppendUint64(dst, a.rnd.Uint64())
	}
	dst = rlp.AppendBytes(dst, a.bytes(20))
	dst = rlp.AppendUint64(dst, 1)  // value
	dst = rlp.AppendBytes(dst, nil) // data
	dst = rlp.AppendUint64(dst, 27)
	dst = rlp.AppendInteger(dst, bytes.Repeat([]byte{0xff}, 32)) // no coordinate
	dst = rlp.AppendUint64(dst, 1)
	return rlp.CloseList(dst, list)
}
