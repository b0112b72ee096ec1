// SPDX-License-Identifier: Apache-2.0

package challenge

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

func headerOf(number uint64, extra string) types.Header {
	return types.Header{Number: number, Extra: []byte(extra), Difficulty: *uint256.NewInt(1), GasLimit: 5000}
}

// replies are what a peer may answer for block 100.
var replies = map[string]func() [][]byte{
	"match":    func() [][]byte { h := headerOf(100, "ours"); return [][]byte{h.Append(nil)} },
	"mismatch": func() [][]byte { h := headerOf(100, "theirs"); return [][]byte{h.Append(nil)} },
	"number":   func() [][]byte { h := headerOf(99, "ours"); return [][]byte{h.Append(nil)} },
	"no":       func() [][]byte { return [][]byte{{0xc1, 0x01}} },
	"empty":    func() [][]byte { return nil },
}

// begin starts a node that challenges peers, and a peer that has got the first request.
func begin(t *testing.T, v wire.Version, cfg Config) *peers.Peer {
	t.Helper()
	role, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	chain, _ := params.ByName("mainnet")
	return peers.NewNode(t, chain, role).Join("a", v)
}

// wantAsked expects a request for the header of a block.
func wantAsked(p *peers.Peer, v wire.Version, id, number uint64) {
	p.Want(wire.KindGetBlockHeaders, wire.HeadersRequest{Origin: wire.AtNumber(number), Amount: 1}.Append(nil, v, id))
}

func answer(p *peers.Peer, v wire.Version, id uint64, reply string) {
	p.SendRaw(wire.KindBlockHeaders, wire.Reply{Kind: wire.KindBlockHeaders, ID: id}.Append(nil, v, replies[reply]()))
}

// ended returns the reason with which a session has ended after a while, and whether the peer was of another
// chain. ok is false if the session has not ended.
func ended(t *testing.T, p *peers.Peer, after time.Duration) (reason p2p.Reason, foreign, ok bool) {
	t.Helper()
	time.Sleep(after)
	synctest.Wait()
	if !p.Ended() {
		return 0, false, false
	}
	cause := p.WantEnd()
	breach, _ := errors.AsType[*p2p.Violation](cause)
	return p2p.Judge(cause).Reason, breach != nil && breach.Foreign, true
}

// The outcomes of a required block and of a checkpoint, in versions with and without request IDs.
func TestOutcomes(t *testing.T) {
	ours := headerOf(100, "ours")
	yes, no := func() bool { return true }, func() bool { return false }
	required := Config{Required: map[uint64]types.Hash{100: ours.Hash()}}
	checkpoint := func(syncing func() bool) Config {
		return Config{Checkpoint: &Checkpoint{100, ours.Hash()}, FastSyncing: syncing}
	}
	const stays = p2p.Reason(0xff)
	for _, c := range []struct {
		name, reply string
		cfg         Config
		want, old   p2p.Reason // from eth/66 on, and before
		foreign     bool
	}{
		{"required", "match", required, stays, stays, false},
		{"required", "mismatch", required, p2p.ReasonSubprotocol, p2p.ReasonSubprotocol, true},
		{"required", "number", required, p2p.ReasonSubprotocol, p2p.ReasonSubprotocol, false},
		{"required", "no", required, p2p.ReasonSubprotocol, p2p.ReasonSubprotocol, false},
		{"required", "empty", required, stays, stays, false},
		{"required", "", required, p2p.ReasonUseless, stays, false},
		{"checkpoint", "match", checkpoint(yes), stays, stays, false},
		{"checkpoint", "mismatch", checkpoint(no), p2p.ReasonSubprotocol, p2p.ReasonSubprotocol, true},
		{"checkpoint", "number", checkpoint(no), p2p.ReasonSubprotocol, p2p.ReasonSubprotocol, false},
		{"checkpoint in fast sync", "empty", checkpoint(yes), p2p.ReasonUseless, p2p.ReasonUseless, false},
		{"checkpoint", "empty", checkpoint(no), stays, stays, false},
		{"checkpoint without sync", "empty", checkpoint(nil), stays, stays, false},
		{"checkpoint", "", checkpoint(no), p2p.ReasonUseless, p2p.ReasonUseless, false},
	} {
		for _, v := range []wire.Version{63, 65, 66, 70} {
			t.Run(c.name+" "+c.reply+" "+v.String(), func(t *testing.T) {
				bubble.Test(t, func(t *testing.T) {
					p := begin(t, v, c.cfg)
					wantAsked(p, v, 7000, 100)
					if c.reply == "" {
						if _, _, over := ended(t, p, timeout-time.Second); over {
							t.Fatal("it ended early")
						}
					} else {
						answer(p, v, 7000, c.reply)
					}
					want := c.want
					if v < 66 {
						want = c.old
					}
					reason, foreign, over := ended(t, p, 2*time.Second)
					if over != (want != stays) || over && (reason != want || foreign != c.foreign) {
						t.Errorf("ended: %v, reason %v, foreign %v; want %v", over, reason, foreign, want)
					}
				})
			})
		}
	}
}

// All blocks are asked for, the checkpoint first; where replies have no IDs, one after the other.
func TestSeveralBlocks(t *testing.T) {
	ours := headerOf(100, "ours")
	cfg := Config{Checkpoint: &Checkpoint{100, ours.Hash()}, Required: map[uint64]types.Hash{100: ours.Hash()}}
	for _, v := range []wire.Version{65, 68} {
		bubble.Test(t, func(t *testing.T) {
			p := begin(t, v, cfg)
			wantAsked(p, v, 7000, 100)
			if v < 66 {
				p.WantSilence()
				answer(p, v, 7000, "match")
			}
			wantAsked(p, v, 7001, 100)
			answer(p, v, 7001, "mismatch")
			if _, foreign, over := ended(t, p, time.Second); !over || !foreign {
				t.Errorf("%v: ended: %v, foreign: %v", v, over, foreign)
			}
		})
	}
}

func TestCheckpointOf(t *testing.T) {
	if got := CheckpointOf(0, types.Hash{1}); got != (Checkpoint{32767, types.Hash{1}}) {
		t.Error(got)
	}
	if got := CheckpointOf(330, types.Hash{}); got.Number != 331*32768-1 {
		t.Error(got)
	}
}

func TestTooManyBlocks(t *testing.T) {
	all := map[uint64]types.Hash{}
	for n := range uint64(MaxRequired) {
		all[n] = types.Hash{}
	}
	if _, err := New(Config{Required: all}); err != nil {
		t.Error(err)
	}
	all[MaxRequired] = types.Hash{}
	if _, err := New(Config{Required: all}); err == nil {
		t.Error("33 blocks are accepted")
	}
}
