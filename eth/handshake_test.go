// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlpx"
	"github.com/ethpeer/ethpeer/types"
)

// A handshake needs neither session nor connection: two of them agree by their payloads.
func TestHandshakeAlone(t *testing.T) {
	chain, _ := params.ByName("mainnet")
	other, _ := params.ByName("sepolia")
	for _, v := range wire.Known() {
		here, there := newProtocol(t, chain).Handshake(v), newProtocol(t, chain).Handshake(v)
		theirs, err := here.Receive(0, there.Append(nil))
		if err != nil || theirs.Genesis != chain.GenesisHash || theirs.Version != v {
			t.Errorf("eth/%d: %+v, %v", v, theirs, err)
		}
		foreign := newProtocol(t, other).Handshake(v).Append(nil)
		if _, err := here.Receive(0, foreign); err == nil {
			t.Errorf("eth/%d: a peer of another chain is accepted", v)
		}
		theirs, err = Handshake{Version: v}.Receive(0, foreign)
		if err != nil || theirs.Genesis != other.GenesisHash {
			t.Errorf("eth/%d: read without comparing: %+v, %v", v, theirs, err)
		}
		for name, fault := range map[string]error{
			"another message": second(here.Receive(2, []byte{0xc0})),
			"no message":      second(here.Receive(0x7f, nil)),
			"cut short":       second(here.Receive(0, foreign[:len(foreign)-1])),
		} {
			if _, ok := errors.AsType[*p2p.Violation](fault); !ok {
				t.Errorf("eth/%d, %s: %v", v, name, fault)
			}
		}
	}
}

func second[A any](_ A, err error) error { return err }

func newProtocol(t *testing.T, chain *params.Chain) *Protocol {
	t.Helper()
	p, err := New(Config{Chain: chain})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What a peer has is what it said last: Status, range updates, blocks of more total difficulty.
func TestHead(t *testing.T) {
	for _, v := range []wire.Version{68, 69} {
		inBubble(t, v, func(d *dialogue) {
			d.shakeHands()
			s := d.ear.up[0]
			if h := s.Head(); h.Hash != s.Status().Head || h.TD != s.Status().TD || h.Numbered != (v >= 69) {
				t.Fatalf("eth/%d, after Status: %+v", v, h)
			}
			if v >= 69 {
				update := wire.BlockRangeUpdate{Earliest: 5, Latest: 9, LatestHash: types.Hash{9}}
				d.send(wire.KindBlockRangeUpdate.Row().Code, update.Append(nil, v))
				synctest.Wait()
				if h := s.Head(); h.Hash != update.LatestHash || h.Number != 9 || h.Earliest != 5 || !h.Numbered {
					t.Errorf("after an update: %+v", h)
				}
			}
			more := new(uint256.Int).AddUint64(&s.Status().TD, 10)
			s.MarkHead(20, types.Hash{20}, more)
			s.MarkHead(7, types.Hash{7}, uint256.NewInt(7))
			h := s.Head()
			if h.Number != 20 || h.Hash != (types.Hash{20}) || h.TD != *more {
				t.Errorf("eth/%d, after two blocks: %+v", v, h)
			}
			if info := d.proto.PeerInfo(s.ID()).(PeerInfo); info.Head != h.Hash || info.Latest != 20 {
				t.Errorf("eth/%d: the list of peers says %+v", v, info)
			}
		})
	}
}

// Items that are chunks already are sent as they are, in the order of the replies.
func TestAnswerChunks(t *testing.T) {
	for _, v := range []wire.Version{65, 69} {
		inBubble(t, v, func(d *dialogue) {
			items := [][]byte{{0xc1, 0x01}, {0xc2, 0x02, 0x03}}
			chunks := []*rlpx.Chunk{rlpx.NewChunk(items[0]), rlpx.NewChunk(items[1])}
			d.ear.answer = func(s *Session, m wire.Message) error {
				reply := wire.Reply{Kind: wire.KindBlockHeaders, ID: m.(*wire.GetBlockHeaders).ID}
				if err := s.AnswerChunks(reply, chunks); err != nil {
					return err
				}
				return s.AnswerChunks(reply, nil)
			}
			d.shakeHands()
			d.send(wire.KindGetBlockHeaders.Row().Code, headersAt(1).Append(nil, v, 3))
			reply := wire.Reply{Kind: wire.KindBlockHeaders, ID: 3}
			d.want("the items", wire.KindBlockHeaders.Row().Code, reply.Append(nil, v, items))
			d.want("none", wire.KindBlockHeaders.Row().Code, reply.Append(nil, v, nil))
		})
	}
}
