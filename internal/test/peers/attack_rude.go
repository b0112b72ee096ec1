// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"bytes"
	"os"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

var (
	breach  = p2p.Judge(p2p.Breach("any"))
	dropped = p2p.Judge(&p2p.Violation{Reason: p2p.ReasonProtocol, Silent: true})
	slow    = p2p.Judge(os.ErrDeadlineExceeded)
	late    = p2p.Judge(&p2p.LocalClose{Reason: p2p.ReasonTimeout})
	useless = p2p.Judge(&p2p.LocalClose{Reason: p2p.ReasonUseless})
	left    = p2p.Judge(&p2p.RemoteClose{Reason: 17})
)

var (
	tooLarge  = make([]byte, wire.MaxMessage+1)
	junkItems = bytes.Repeat([]byte{0xc2, 0xc0, 0xc0}, 64<<10/3) // to fill memory with
)

// rude are the attacks that break a rule with each message, or that flood.
func rude() []Attack {
	return []Attack{
		{Name: "announce", Version: 68, Times: 1, Every: 20, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, a.announced()))
		}},
		{Name: "announce hashes", Version: 65, Times: 1, Every: 20, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 65, a.announced()))
		}},
		{Name: "garbage transactions", Version: 69, Times: 5, Every: 2, Ends: breach, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, ListOf([]byte{0xc1, 0x80}))
		}},
		{Name: "invalid signatures", Version: 71, Times: 1, Every: 5, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, ListOf(a.forged()))
		}},
		{Name: "unknown types", Version: 70, Times: 3, Every: 1, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, ListOf(rlp.AppendBytes(nil, append([]byte{0x7e}, a.bytes(40)...))))
		}},
		{Name: "replies to no request", Version: 68, Times: 3, Every: 2, Ends: breach, Say: func(a *Attacker) error {
			dst := wire.Reply{Kind: wire.KindBlockBodies, ID: a.Rand.Uint64()}.AppendHead(nil, 68, len(junkItems))
			return a.Tell(wire.KindBlockBodies, append(dst, junkItems...))
		}},
		{Name: "replies to no request, without IDs", Version: 65, Times: 3, Every: 1, Also: breach, Say: func(a *Attacker) error {
			dst := wire.Reply{Kind: wire.KindBlockBodies}.AppendHead(nil, 65, len(junkItems))
			return a.Tell(wire.KindBlockBodies, append(dst, junkItems...))
		}},
		{Name: "2^64-1 headers", Version: 68, Times: 10, Every: 1, Say: func(a *Attacker) error {
			return a.Tell(wire.KindGetBlockHeaders, allHeaders.Append(nil, 68))
		}},
		{Name: "2^64-1 headers, unread", Version: 68, Times: 10, Every: 1, Deaf: true, Ends: useless, Also: slow, Say: func(a *Attacker) error {
			return a.Tell(wire.KindGetBlockHeaders, allHeaders.Append(nil, 68))
		}},
		{Name: "pings", Version: 68, Times: 30, Every: 1, Say: func(a *Attacker) error {
			return a.Say(CodePing, []byte{0xc0})
		}},
		{Name: "pings, unread", Version: 68, Times: 30, Every: 1, Deaf: true, Ends: slow, Say: func(a *Attacker) error {
			return a.Say(CodePing, []byte{0xc0})
		}},
		{Name: "a list that says it is long", Version: 68, Times: 3, Every: 2, Ends: breach, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, []byte{0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc0})
		}},
		{Name: "10 MiB and a byte", Version: 68, Times: 1, Every: 30, Ends: breach, Say: func(a *Attacker) error {
			return a.Tell(wire.KindTransactions, tooLarge)
		}},
		{Name: "a code that does not exist", Version: 68, Times: 3, Every: 2, Ends: breach, Say: func(a *Attacker) error {
			return a.Say(CodeEth+0x0b, []byte{0xc0})
		}},
		{Name: "a code of no protocol", Version: 68, Times: 3, Every: 2, Ends: dropped, Say: func(a *Attacker) error {
			return a.Say(1<<40, []byte{0xc0})
		}},
		{Name: "a second status", Version: 69, Times: 3, Every: 2, Ends: breach, Say: func(a *Attacker) error {
			return a.Greet()
		}},
		{Name: "no status", Version: 69, Times: 1, Every: 5, Mute: true, Ends: late, Say: func(a *Attacker) error {
			return a.Say(CodePing, []byte{0xc0})
		}},
		{Name: "block hashes", Version: 68, Times: 1, Every: 3, Say: func(a *Attacker) error {
			dst, list := rlp.OpenList(nil)
			for range 256 {
				var one int
				dst, one = rlp.OpenList(dst)
				dst = rlp.AppendBytes(dst, a.bytes(32))
				dst = rlp.AppendUint64(dst, uint64(a.Round%30)+1)
				dst = rlp.CloseList(dst, one)
			}
			return a.Tell(wire.KindNewBlockHashes, rlp.CloseList(dst, list))
		}},
		{Name: "garbage blocks", Version: 67, Times: 3, Every: 2, Ends: breach, Say: func(a *Attacker) error {
			return a.Tell(wire.KindNewBlock, []byte{0xc3, 0xc1, 0x80, 0x01})
		}},
		{Name: "blocks that no peer has", Version: 71, Times: 3, Every: 1, Say: func(a *Attacker) error {
			latest := wire.BlockRangeUpdate{Latest: 1<<64 - 1 - uint64(a.Round), LatestHash: types.Hash(a.bytes(32))}
			return a.Tell(wire.KindBlockRangeUpdate, latest.Append(nil, 71))
		}},
		{Name: "odd goodbyes", Version: 68, Times: 3, Every: 2, Ends: left, Say: func(a *Attacker) error {
			return a.Say(CodeDisconnect, []byte{17})
		}},
	}
}

var allHeaders = &wire.GetBlockHeaders{ID: 1, Origin: wire.AtNumber(0), Amount: 1<<64 - 1, Skip: 1<<64 - 1}

// announced are transactions that nobody has.
func (a *Attacker) announced() []wire.Announced {
	all := make([]wire.Announced, a.Big)
	for i := range all {
		all[i] = wire.Announced{Hash: types.Hash(a.bytes(32)), Type: 2, Size: 200}
	}
	return all
}

// forged is a legacy transaction with any signature.
func (a *Attacker) forged() []byte {
	dst, list := rlp.OpenList(nil)
	for range 3 { // nonce, gas price, gas
		dst = rlp.AppendUint64(dst, a.Rand.Uint64())
	}
	dst = rlp.AppendBytes(dst, a.bytes(20))
	dst = rlp.AppendUint64(dst, 1)  // value
	dst = rlp.AppendBytes(dst, nil) // data
	dst = rlp.AppendUint64(dst, 27)
	dst = rlp.AppendInteger(dst, bytes.Repeat([]byte{0xff}, 32)) // no coordinate
	dst = rlp.AppendUint64(dst, 1)
	return rlp.CloseList(dst, list)
}
