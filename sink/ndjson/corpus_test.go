// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"net/netip"
	"strings"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// The corpus holds every kind of line in every shape that it can take; the golden file
// and the documentation's examples are its output.

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	geth  = event.Source{Peer: enr.ID(fill(0xa1)), Client: "Geth/v1.17.8-stable/linux-amd64/go1.26"}
	alice = types.Address{0xa1, 0x1c, 0xe0}
	bob   = types.Address{0xb0, 0xb0}
	ether = *uint256.NewInt(1_000_000_000_000_000_000)
	gwei  = *uint256.NewInt(1_000_000_000)
	most  = *new(uint256.Int).SetAllOne()
)

func fill(c byte) (b [32]byte) {
	for i := range b {
		b[i] = c
	}
	return b
}

func at(ms int) event.At { return event.At{Time: noon.Add(time.Duration(ms) * time.Millisecond)} }

func corpus() []event.Event {
	return []event.Event{
		event.Peer{
			At: at(0), Source: geth, Change: event.PeerUp, Stage: event.StageEth,
			Eth: 69, Addr: netip.MustParseAddrPort("203.0.113.7:30303"),
		},
		event.Tx{
			At: at(1), Source: geth, Hash: fill(1), Type: 2, Typed: true, Size: 117,
			Via: event.ViaAnnouncement,
		},
		event.Tx{
			At: at(2), Source: geth, Hash: fill(1), Type: 2, Typed: true, Size: 117,
			Via: event.ViaRequest, Update: true,
			Body: &event.TxBody{From: alice, To: &bob, Nonce: 7, Value: ether, Gas: 21000, Tip: gwei, FeeCap: *uint256.NewInt(30_000_000_000)},
		},
		event.Tx{At: at(3), Source: geth, Hash: fill(2), Via: event.ViaAnnouncement}, // eth/65 to 67
		event.Tx{
			At: at(4), Source: geth, Hash: fill(3), Typed: true, Size: 1 << 20, Via: event.ViaBroadcast,
			Body: &event.TxBody{From: alice, Nonce: 1<<64 - 1, Value: most, Gas: 1<<64 - 1, Tip: most, FeeCap: most},
		},
		event.Sighting{At: at(5), Hash: fill(1), Via: event.ViaBroadcast, Peer: enr.ID(fill(0xb2))},
		event.Block{
			At: at(6), Source: geth, Number: 19_431_837, Hash: fill(4), Parent: fill(5), Txs: 322, Size: 152_038,
			Via: event.ViaBroadcast,
		},
		event.Block{At: at(7), Source: geth, Number: 19_431_838, Hash: fill(6), Parent: fill(4), Via: event.ViaRequest},
		event.Block{At: at(8), Source: geth, Number: 1, Hash: fill(7), Size: 508, Via: event.ViaBroadcast},
		event.Head{At: at(9), Number: 19_431_838, Hash: fill(6), By: event.HeadByPeers, Supporters: 3},
		event.Peer{
			At: at(10), Source: geth, Change: event.PeerDown, Stage: event.StageEth, Inbound: true,
			Eth: 69, Addr: netip.MustParseAddrPort("[2001:db8::7]:30303"),
			By: event.ByThem, Reason: "too many peers", Err: "disconnected by the peer: too many peers",
			Lasted: 61*time.Second + 5*time.Millisecond,
		},
		event.Peer{
			At: at(11), Change: event.PeerFailed, Stage: event.StageDial,
			Addr: netip.MustParseAddrPort("[fe80::1%eth0]:30303"), By: event.ByNetwork,
			Err: "connection refused", Lasted: 1500 * time.Microsecond,
		},
		event.Peer{At: at(12), Change: event.PeerFailed, Stage: event.StageRLPx, Inbound: true, Lasted: -1},
		event.Peer{
			At: at(13), Change: event.PeerUp, Stage: event.StageEth, Eth: 65,
			Source: event.Source{
				Peer:   enr.ID(fill(0xc3)),
				Client: "\"\\\x00\x1b[2J\r\n\t\x7f\u009b\u202eevil\U000e0001\xff\xc0 ok é 世界 🜁 " + strings.Repeat("é", 300),
			},
		},
		event.Loss{At: at(14), Where: "output", Of: event.KindTx, Count: 4096},
		event.Loss{At: at(14), Where: "v4.inbox", Count: 7},
		event.Candidate{At: at(15), Peer: enr.ID(fill(0xd4)), Addr: netip.MustParseAddrPort("203.0.113.9:30303"), Source: "v4", Taken: true},
		event.Candidate{At: at(16), Peer: enr.ID(fill(0xd5)), Addr: netip.MustParseAddrPort("203.0.113.10:30303"), Source: "dns", Why: "wrong fork"},
		event.Candidate{At: at(17), Peer: enr.ID(fill(0xd6)), Source: "v5", Why: "no address"},
		event.Self{At: at(18), URL: "enode://ab…@203.0.113.7:30303", Record: "enr:-Iq4Q…", Seq: 1772366400123},
		event.Self{At: at(19), URL: "enode://ab…@127.0.0.1:30303", Record: "enr:-Iq4Q…", Seq: 1772366400124, Private: true},
		event.Trouble{At: at(20), Where: "nat", Err: "no router answers"},
		event.Trouble{At: at(21), Where: event.TroubleNetwork, Err: "the network is back after 12s", Over: true},
		event.Peer{At: at(22), Source: geth, Change: event.PeerUp, Stage: event.StageEth, Static: true, Eth: 69},
		event.Summary{
			At: at(3600_000), Uptime: time.Hour, Peers: 4, Up: 5, Down: 5, Failed: 12,
			Txs: 72_000, Bodies: 71_990, Sightings: 301_442, Blocks: 300,
			Head: event.Head{Number: 19_432_137, Hash: fill(8), By: event.HeadByPeers, Supporters: 3},
			Lost: []event.Lost{{Where: "output", Count: 4096}, {Where: "txgossip", Count: 12}},
			Away: []event.Absence{{Peer: geth.Peer, For: 61 * time.Second}, {Peer: enr.ID(fill(0xb2))}},
		},
		event.Summary{At: at(3600_001)},
		event.Head{At: at(3600_002), Number: 19_431_838, Hash: fill(6), By: event.HeadByLight, Proved: true, Lag: 1, Stale: true},
		event.Sync{At: at(3600_003), State: event.SyncRuns, Number: 1536, Target: 2000, HeadersLeft: 464, BlocksLeft: 512, Peers: 5},
	}
}
