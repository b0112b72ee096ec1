// SPDX-License-Identifier: Apache-2.0

package eth_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/blockgossip"
	"github.com/ethpeer/ethpeer/eth/serve"
	"github.com/ethpeer/ethpeer/eth/txgossip"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// FuzzSessions lets three peers say any messages, well-formed and not, at any times, to a node with
// all roles. Nothing may panic, hang or leak; what they made the node keep is given back; a peer
// that says nothing stays.
func FuzzSessions(f *testing.F) {
	f.Add([]byte{68, 69, 65, 0, 1, 2, 1, 3, 4, 2, 5, 6, 0, 7, 8, 1, 9, 10, 0, 30, 1})
	f.Add([]byte{71, 63, 66, 0, 2, 2, 0, 3, 3, 0, 4, 4, 0, 5, 5, 0, 6, 6, 0, 200, 9})
	random := rand.NewChaCha8([32]byte{9})
	for range 30 {
		script := make([]byte, 240)
		_, _ = random.Read(script)
		f.Add(script)
	}
	chain, _ := params.ByName("mainnet")
	genesis, err := serve.Genesis(chain)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) < 6 {
			return
		}
		bubble.Test(t, func(t *testing.T) {
			record := func(event.Event) {}
			txs := txgossip.New(txgossip.Config{Record: record})
			blocks := blockgossip.New(blockgossip.Config{Record: record, Params: chain, Body: txs.FromBlock})
			node := peers.Start(t, eth.Config{Chain: chain, Roles: []eth.Role{serve.New(serve.Config{Chain: genesis}), txs, blocks}, Record: record})
			node.Budget = p2p.NewBudget(0)
			node.Go(txs.Run, blocks.Run)
			quiet := join(t, node, "quiet", 68)
			play(t, node, chain.GenesisHash, script)
			time.Sleep(20 * time.Second)
			synctest.Wait()
			if quiet.Ended() {
				t.Errorf("the session of the peer that said nothing has ended: %v", quiet.Cause())
			}
			node.Stop()
			if n, used := node.Sessions(), node.Budget.Used(); n != 0 || used != 0 {
				t.Errorf("%d sessions and %d bytes are left", n, used)
			}
		})
	})
}

// play follows a script: the versions of three peers, then triples of a peer, an operation and its
// argument.
func play(t *testing.T, node *peers.Node, genesis types.Hash, script []byte) {
	known := wire.Known()
	var all [3]*talker
	for i := range all {
		all[i] = join(t, node, string(rune('a'+i)), known[int(script[i])%len(known)])
	}
	synctest.Wait()
	for i := 3; i+2 < len(script) && i < 240; i += 3 {
		who, op, x := script[i]%3, int(script[i+1])%(len(operations)+3), script[i+2]
		s := all[who]
		switch op {
		case 0:
			time.Sleep(time.Duration(x) * 40 * time.Millisecond)
			continue
		case 1:
			_ = s.Say(uint64(x)%40, script[i:min(len(script), i+int(x)%60)]) // anything
		case 2:
			if !s.Ended() {
				s.Close()
			} else {
				all[who] = join(t, node, string(rune('a'+who)), known[int(x)%len(known)])
			}
		default:
			kind, payload := operations[op-3](s, genesis, x)
			_ = s.Tell(kind, payload) // it fails if the session has ended
		}
		synctest.Wait()
	}
}

// A talker is one of the peers, with what the node has asked of it.
type talker struct {
	*peers.Conn

	mu sync.Mutex // guards what follows
	id uint64     // of the node's last request
}

// join connects a peer, whose connection ends with the test.
func join(t *testing.T, node *peers.Node, name string, v wire.Version) *talker {
	s := &talker{Conn: node.Attach(name, v)}
	go s.listen()
	if err := s.Greet(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// listen notes the IDs of requests and answers pings.
func (s *talker) listen() {
	for {
		code, payload, err := s.Read()
		if err != nil {
			return
		}
		if code == peers.CodePing {
			go func() { _ = s.Say(peers.CodePong, []byte{0xc0}) }() // Say waits for the node
			continue
		}
		if id, err := wire.RequestID(s.Version(), bytes.Clone(payload)); err == nil && code >= peers.CodeEth {
			s.mu.Lock()
			s.id = id
			s.mu.Unlock()
		}
	}
}

func (s *talker) lastID() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// headerOf returns one of 200 headers: the second hundred are children of the first.
func headerOf(genesis types.Hash, x byte) types.Header {
	h := types.Header{
		Number: uint64(x % 40), ParentHash: genesis, Time: 1_500_000_000 + uint64(x), GasLimit: 1 << 20,
		Difficulty: *uint256.NewInt(1), TxRoot: types.EmptyRoot, UncleHash: types.EmptyUncleHash, Extra: []byte{x},
	}
	if x > 100 {
		parent := headerOf(genesis, x-100)
		h.ParentHash = parent.Hash()
	}
	return h
}

// txOf returns one of 64 legacy transactions, in form only.
func txOf(x byte) []byte {
	return []byte{0xc9, 1 + x&0x3f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x1b, 0x01, 0x01}
}

func hashOf(x byte) (h types.Hash) {
	binary.BigEndian.PutUint16(h[:], uint16(x))
	return h
}

// An operation returns a message.
type operation func(s *talker, genesis types.Hash, x byte) (wire.Kind, []byte)

// reply returns an operation that answers the node's last request.
func reply(kind wire.Kind, items func(genesis types.Hash, x byte) [][]byte) operation {
	return func(s *talker, genesis types.Hash, x byte) (wire.Kind, []byte) {
		return kind, wire.Reply{Kind: kind, ID: s.lastID()}.Append(nil, s.Version(), items(genesis, x))
	}
}

func noItems(types.Hash, byte) [][]byte { return nil }

func headerItem(genesis types.Hash, x byte) [][]byte {
	h := headerOf(genesis, x)
	return [][]byte{h.Append(nil)}
}

func bodyItem(types.Hash, byte) [][]byte { return [][]byte{(&types.Body{}).Append(nil)} }

func txItem(_ types.Hash, x byte) [][]byte { return [][]byte{txOf(x)} }

// request returns an operation that requests something of the genesis block and of a hash.
func request[R any, Q wire.Request[R]](of func(hashes []types.Hash) Q) operation {
	return func(s *talker, genesis types.Hash, x byte) (wire.Kind, []byte) {
		q := of([]types.Hash{genesis, hashOf(x)})
		return q.Ask(), q.Append(nil, s.Version(), uint64(x))
	}
}

func announcement(s *talker, h types.Hash, kind uint8, size uint64) (wire.Kind, []byte) {
	return wire.KindNewPooledTransactionHashes,
		wire.AppendAnnouncement(nil, s.Version(), []wire.Announced{{Hash: h, Type: kind, Size: size}})
}

var operations = []operation{
	func(_ *talker, genesis types.Hash, x byte) (wire.Kind, []byte) {
		h := headerOf(genesis, x)
		return wire.KindNewBlockHashes, wire.AppendNewBlockHashes(nil, []wire.BlockName{{Hash: h.Hash(), Number: h.Number}})
	},
	func(_ *talker, genesis types.Hash, x byte) (wire.Kind, []byte) {
		h := headerOf(genesis, x)
		return wire.KindNewBlock, wire.AppendNewBlock(nil, types.AppendBlock(nil, &h, &types.Body{}), uint256.NewInt(uint64(x)))
	},
	func(s *talker, genesis types.Hash, x byte) (wire.Kind, []byte) {
		h := headerOf(genesis, x)
		return wire.KindBlockRangeUpdate, (&wire.BlockRangeUpdate{Latest: uint64(x), LatestHash: h.Hash()}).Append(nil, s.Version())
	},
	reply(wire.KindBlockHeaders, headerItem),
	reply(wire.KindBlockHeaders, noItems),
	reply(wire.KindBlockHeaders, func(genesis types.Hash, x byte) [][]byte {
		return append(headerItem(genesis, x), headerItem(genesis, x)...)
	}),
	reply(wire.KindBlockBodies, bodyItem),
	reply(wire.KindBlockBodies, noItems),
	reply(wire.KindPooledTransactions, txItem),
	reply(wire.KindPooledTransactions, noItems),
	func(s *talker, _ types.Hash, x byte) (wire.Kind, []byte) {
		return announcement(s, hashOf(x), x%5, uint64(x))
	},
	func(s *talker, _ types.Hash, x byte) (wire.Kind, []byte) { // of a transaction that other operations send
		tx, _ := types.DecodeTx(txOf(x))
		return announcement(s, tx.Hash(), 0, tx.Size())
	},
	func(_ *talker, _ types.Hash, x byte) (wire.Kind, []byte) {
		return wire.KindTransactions, wire.AppendTransactions(nil, [][]byte{txOf(x)})
	},
	func(s *talker, _ types.Hash, x byte) (wire.Kind, []byte) {
		q := wire.HeadersRequest{Amount: uint64(x), Origin: wire.AtNumber(uint64(x % 3))}
		return q.Ask(), q.Append(nil, s.Version(), uint64(x))
	},
	request(func(h []types.Hash) wire.BodiesRequest { return wire.BodiesRequest{Hashes: h} }),
	request(func(h []types.Hash) wire.ReceiptsRequest { return wire.ReceiptsRequest{Hashes: h} }),
	request(func(h []types.Hash) wire.PooledRequest { return wire.PooledRequest{Hashes: h} }),
	request(func(h []types.Hash) wire.AccessListsRequest { return wire.AccessListsRequest{Hashes: h} }),
	request(func(h []types.Hash) wire.CellsRequest { return wire.CellsRequest{Hashes: h} }),
}
