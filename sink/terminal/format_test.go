// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"flag"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/sink"
	"github.com/ethpeer/ethpeer/types"
)

var _ sink.Live = (*Format)(nil)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	geth = event.Source{Peer: enr.ID{0xa1, 0xb2, 0xc3, 0xd4, 0xe5}, Client: "Geth/v1.17.8-stable/linux-amd64/go1.26"}
	evil = event.Source{Peer: enr.ID{0xe1}, Client: "\x1b[2J\r\nroot# \u009b1m\u202eliam\xff \U0001f441 " + strings.Repeat("A", 99)}
	bob  = types.Address{0xb0, 0xb0}
)

func at(ms int) event.At { return event.At{Time: noon.Add(time.Duration(ms) * time.Millisecond)} }

func corpus() []event.Event {
	gwei := uint256.NewInt(1_000_000_000)
	ether := new(uint256.Int).Mul(gwei, gwei)
	return []event.Event{
		event.Peer{At: at(0), Source: geth, Change: event.PeerUp, Stage: event.StageEth, Eth: 69, Addr: netip.MustParseAddrPort("203.0.113.7:30303")},
		event.Tx{At: at(1), Source: geth, Hash: types.Hash{1}, Type: 2, Typed: true, Size: 117, Via: event.ViaAnnouncement},
		event.Tx{
			At: at(2), Source: geth, Hash: types.Hash{1}, Type: 2, Typed: true, Size: 117, Via: event.ViaRequest, Update: true,
			Body: &event.TxBody{From: types.Address{0xa1}, To: &bob, Value: *ether, FeeCap: *new(uint256.Int).Mul(gwei, uint256.NewInt(30))},
		},
		event.Tx{At: at(3), Source: geth, Hash: types.Hash{2}, Via: event.ViaAnnouncement},
		event.Tx{
			At: at(4), Hash: types.Hash{3}, Typed: true, Size: 131_500, Via: event.ViaBroadcast, Source: evil,
			Body: &event.TxBody{From: types.Address{0xa1}, Value: *uint256.NewInt(1), FeeCap: *new(uint256.Int).SetAllOne()},
		},
		event.Sighting{At: at(5), Hash: types.Hash{1}, Via: event.ViaBroadcast, Peer: enr.ID{0xb2}},
		event.Block{At: at(6), Source: geth, Number: 19_431_837, Hash: types.Hash{4}, Txs: 322, Size: 1_152_038, Via: event.ViaBroadcast},
		event.Block{At: at(7), Source: geth, Number: 19_431_838, Hash: types.Hash{5}, Via: event.ViaAnnouncement},
		event.Block{At: at(8), Source: geth, Number: 1, Hash: types.Hash{6}, Txs: 1, Size: 999, Via: event.ViaBlock},
		event.Candidate{At: at(8), Peer: enr.ID{0xd4}, Addr: netip.MustParseAddrPort("203.0.113.9:30303"), Source: "v4", Taken: true},
		event.Candidate{At: at(8), Peer: enr.ID{0xd5}, Source: "dns", Why: "wrong fork"},
		event.Self{At: at(8), URL: "enode://" + strings.Repeat("ab", 64) + "@203.0.113.7:30303?discport=30301"},
		event.Self{At: at(8), URL: "enode://ab@127.0.0.1:30303", Private: true},
		event.Trouble{At: at(8), Where: "nat", Err: "no router answers"},
		event.Trouble{At: at(8), Where: "nat", Err: "a router answers", Over: true},
		event.Head{At: at(9), Number: 19_431_838, Hash: types.Hash{5}, By: event.HeadByPeers, Supporters: 1},
		event.Head{At: at(9), Number: 19_431_838, Hash: types.Hash{5}, By: event.HeadByLight, Proved: true, Lag: 1, Stale: true},
		event.Sync{At: at(9), State: event.SyncRuns, Number: 1536, Target: 2000, HeadersLeft: 464, BlocksLeft: 512, Peers: 5},
		event.Sync{At: at(9), State: event.SyncEnds, Number: 2000, Target: 2000, Peers: 1},
		event.Peer{
			At: at(10), Source: geth, Change: event.PeerDown, Stage: event.StageEth, Inbound: true, Eth: 69,
			Addr: netip.MustParseAddrPort("[2001:db8::7]:30303"), By: event.ByThem, Reason: "too many peers", Lasted: 61 * time.Second,
		},
		event.Peer{
			At: at(11), Change: event.PeerFailed, Stage: event.StageDial, Addr: netip.MustParseAddrPort("[fe80::1%e\x1bth0]:30303"),
			By: event.ByNetwork, Err: "connection refused", Lasted: 1500 * time.Microsecond,
		},
		event.Loss{At: at(12), Where: "output", Count: 4096},
		event.Summary{
			At: at(13), Uptime: time.Hour, Peers: 4, Up: 5, Down: 5, Failed: 12, Txs: 72_000, Bodies: 71_990,
			Sightings: 301_442, Blocks: 300, Head: event.Head{Number: 19_432_137, Hash: types.Hash{8}},
			Lost: []event.Lost{{Where: "output", Count: 4096}, {Where: "txgossip", Count: 12}},
			Away: []event.Absence{{Peer: geth.Peer, For: 61 * time.Second}, {Peer: enr.ID{0xb2}}},
		},
		event.Summary{At: at(14), Peers: 1, Txs: 1},
	}
}

// visible shows control characters, so that the golden files can be read and reviewed.
func visible(b []byte) string {
	return strings.NewReplacer("\x1b", "␛", "\r", "␍").Replace(string(b))
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestLines(t *testing.T) {
	for file, f := range map[string]*Format{
		"testdata/plain.golden": {},
		"testdata/color.golden": {Color: true, Zone: time.FixedZone("", 3600)},
	} {
		var b []byte
		for _, e := range corpus() {
			b = f.Append(b, e)
		}
		golden(t, file, visible(b))
	}
}

// Whatever a peer says, the bytes on the screen are printable ASCII and our own marks.
func FuzzPeerTextCannotReachTheScreen(f *testing.F) {
	f.Add("Geth/v1.17.8")
	f.Add(evil.Client)
	f.Add("\x9b\x7f\u2028\u0301\u05d0" + strings.Repeat("é", 60))
	f.Fuzz(func(t *testing.T, s string) {
		var format Format
		for _, e := range []event.Event{
			event.Tx{Source: event.Source{Client: s}},
			event.Peer{Source: event.Source{Client: s}, Change: event.PeerDown, Reason: s},
			event.Peer{Change: event.PeerFailed, Err: s, Addr: netip.AddrPortFrom(netip.IPv6Unspecified().WithZone(s), 1)},
			event.Loss{Where: s, Count: 1},
			event.Summary{Lost: []event.Lost{{Where: s}}},
		} {
			line := string(format.Append(nil, e))
			if n := strings.Count(line, "\n"); n != 1 && e.Kind() != event.KindSummary {
				t.Errorf("%d line ends in %q", n, line)
			}
			if limit := 3000; len(line) > limit {
				t.Errorf("%d bytes, want at most %d: %q", len(line), limit, line)
			}
			for _, r := range line {
				if (r < ' ' || r > '~') && !strings.ContainsRune("…→\n", r) {
					t.Errorf("%q stands in %q", r, line)
				}
			}
		}
	})
}
