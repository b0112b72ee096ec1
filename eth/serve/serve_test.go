// SPDX-License-Identifier: Apache-2.0

package serve

import (
	"bytes"
	"context"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// asker is a peer that asks us, over a pipe, in a bubble.
type asker struct {
	t      *testing.T
	v      wire.Version
	remote p2p.Transport
	leave  func()
}

// inBubble has a peer with version v ask for what is in a book, and a pool if there is one.
func inBubble(t *testing.T, b *book, v wire.Version, run func(a *asker), pool ...Pool) {
	t.Helper()
	chain, _ := params.ByName("mainnet")
	bubble.Test(t, func(t *testing.T) {
		cfg := Config{Chain: b}
		if len(pool) > 0 {
			cfg.Pool = pool[0]
		}
		run(startAsker(t, New(cfg), chain, v))
	})
}

func startAsker(t *testing.T, server *Server, chain *params.Chain, v wire.Version, budget ...*p2p.Budget) *asker {
	t.Helper()
	proto, err := eth.New(eth.Config{Chain: chain, Versions: []wire.Version{v}, Roles: []eth.Role{server}})
	if err != nil {
		t.Fatal(err)
	}
	ours, remote := p2p.Pipe()
	var charged *p2p.Budget
	if len(budget) > 0 {
		charged = budget[0]
	}
	peer, err := p2p.NewPeer(ours, p2p.Config{
		ID: enr.ID{1}, Budget: charged, Hello: &p2p.Hello{Version: 5, Caps: []p2p.Cap{{Name: "eth", Version: uint(v)}}},
		Protocols: []p2p.Protocol{proto},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- peer.Run(context.Background()) }()
	a := &asker{t: t, v: v, remote: remote}
	a.leave = sync.OnceFunc(func() {
		remote.Close()
		<-ended
	})
	code, status := a.read()
	if code != 16 {
		t.Fatalf("first message is %d", code)
	}
	a.write(0, status) // what we claim suits them
	t.Cleanup(a.leave)
	return a
}

func (a *asker) read() (uint64, []byte) {
	a.t.Helper()
	code, payload, err := a.remote.Read(time.Now().Add(time.Minute))
	if err != nil {
		a.t.Fatal(err)
	}
	defer a.remote.Release()
	return code, bytes.Clone(payload)
}

func (a *asker) write(code uint64, payload []byte) {
	a.t.Helper()
	if err := a.remote.Queue(&p2p.Out{Code: 16 + code, Raw: payload}); err != nil {
		a.t.Fatal(err)
	}
	if err := a.remote.Flush(time.Now().Add(time.Minute)); err != nil {
		a.t.Fatal(err)
	}
}

// ask returns the payload of the answer, which must be of the right kind.
func ask[R any](a *asker, q wire.Request[R], id uint64) (R, []byte) {
	a.t.Helper()
	a.write(q.Ask().Row().Code, q.Append(nil, a.v, id))
	code, payload := a.read()
	if want := q.Ask().Row().Reply.Row().Code; code != 16+want {
		a.t.Fatalf("%v is answered with code %d", q.Ask(), code-16)
	}
	if a.v.HasRequestIDs() {
		if got, err := wire.RequestID(a.v, payload); err != nil || got != id {
			a.t.Fatalf("%v: the answer has ID %d (%v), want %d", q.Ask(), got, err, id)
		}
	}
	r, err := q.ParseReply(a.v, payload)
	if err != nil {
		a.t.Fatalf("%v: %v", q.Ask(), err)
	}
	return r, payload
}

func versionsOf(kind wire.Kind) (all []wire.Version) {
	for v := wire.First; v <= wire.Last; v++ {
		if kind.Row().In(v) {
			all = append(all, v)
		}
	}
	return all
}

func forVersions(t *testing.T, kind wire.Kind, run func(a *asker, chain *params.Chain)) {
	t.Helper()
	for _, v := range versionsOf(kind) {
		t.Run(v.String(), func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				chain, _ := params.ByName("mainnet")
				genesis, err := Genesis(chain)
				if err != nil {
					t.Fatal(err)
				}
				run(startAsker(t, New(Config{Chain: genesis}), chain, v), chain)
			})
		})
	}
}

func TestHeaders(t *testing.T) {
	forVersions(t, wire.KindGetBlockHeaders, func(a *asker, chain *params.Chain) {
		for i, test := range []struct {
			q    wire.HeadersRequest
			want int
		}{
			{wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 1}, 1},
			{wire.HeadersRequest{Origin: wire.AtHash(chain.GenesisHash), Amount: 1}, 1},
			{wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 192, Skip: 1 << 63}, 1},
			{wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 1<<64 - 1}, 1}, // CVE-2024-32972
			{wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 1<<64 - 1, Skip: 1<<64 - 1}, 1},
			{wire.HeadersRequest{Origin: wire.AtHash(chain.GenesisHash), Amount: 1<<64 - 1, Skip: 1<<64 - 1, Reverse: true}, 1},
			{wire.HeadersRequest{Origin: wire.AtNumber(1<<64 - 1), Amount: 1<<64 - 1, Reverse: true}, 0},
			{wire.HeadersRequest{Origin: wire.AtHash(chain.GenesisHash), Amount: 10, Reverse: true}, 1},
			{wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 0}, 0},
			{wire.HeadersRequest{Origin: wire.AtNumber(1), Amount: 2, Reverse: true}, 0},
			{wire.HeadersRequest{Origin: wire.AtNumber(1<<64 - 1), Amount: 2}, 0},
			{wire.HeadersRequest{Origin: wire.AtHash(types.Hash{1}), Amount: 2}, 0},
		} {
			r, _ := ask(a, test.q, uint64(i))
			if r.Len() != test.want {
				a.t.Errorf("%+v: %d headers, want %d", test.q, r.Len(), test.want)
			}
			for item := range r.Items() {
				if !bytes.Equal(item, chain.Genesis) {
					a.t.Errorf("%+v: got %x", test.q, item)
				}
			}
		}
	})
}

// Up to eth/68 a missing body is left out; later versions end the reply before it. Receipts end before the
// first missing block, because the list at i belongs to the hash at i (devp2p/caps/eth.md#receipts-0x10).
func TestBodiesAndReceipts(t *testing.T) {
	forVersions(t, wire.KindGetBlockBodies, func(a *asker, chain *params.Chain) {
		hashes := []types.Hash{{1}, chain.GenesisHash, {2}, chain.GenesisHash}
		bodies, _ := ask(a, wire.BodiesRequest{Hashes: hashes}, 7)
		want := "c2c0c0c2c0c0"
		if a.v >= 69 {
			want = ""
		}
		if hex.EncodeToString(bodies.Content()) != want {
			a.t.Errorf("bodies %x", bodies.Content())
		}
		for _, test := range []struct {
			hashes []types.Hash
			want   string
		}{
			{hashes, ""},
			{hashes[1:], "c0"},
			{[]types.Hash{chain.GenesisHash, chain.GenesisHash, {2}, chain.GenesisHash}, "c0c0"},
		} {
			receipts, _ := ask(a, wire.ReceiptsRequest{Hashes: test.hashes}, 8)
			if hex.EncodeToString(receipts.Content()) != test.want || receipts.LastIncomplete {
				a.t.Errorf("receipts of %v: %x, want %s", test.hashes, receipts.Content(), test.want)
			}
		}
		none, _ := ask(a, wire.BodiesRequest{}, 9)
		if none.Len() != 0 {
			a.t.Errorf("no hashes: %x", none.Content())
		}
	})
}

// From Shanghai on a body has a list of withdrawals, which must match the header's root.
func TestGenesisBodyMatchesItsHeader(t *testing.T) {
	for _, name := range params.Names() {
		chain, _ := params.ByName(name)
		g, err := Genesis(chain)
		if err != nil {
			t.Fatal(err)
		}
		h, err := types.DecodeHeader(g.Header(chain.GenesisHash))
		if err != nil {
			t.Fatal(err)
		}
		body := g.Body(chain.GenesisHash)
		b, err := types.DecodeBody(body)
		if err != nil {
			t.Fatal(err)
		}
		if b.TxRoot() != h.TxRoot || b.UncleHash() != h.UncleHash || b.HasWithdrawals != (h.Optional >= types.ShanghaiFields) {
			t.Errorf("%s: body %x", name, body)
		}
	}
}

func TestWhatWeDoNotHold(t *testing.T) {
	some := make([]types.Hash, 5)
	forVersions(t, wire.KindGetPooledTransactions, func(a *asker, _ *params.Chain) {
		if r, _ := ask(a, wire.PooledRequest{Hashes: some}, 1); r.Len() != 0 {
			a.t.Errorf("%d transactions", r.Len())
		}
	})
	forVersions(t, wire.KindGetNodeData, func(a *asker, _ *params.Chain) {
		if r, _ := ask(a, wire.NodeDataRequest{Hashes: some}, 1); r.Len() != 0 {
			a.t.Errorf("%d values", r.Len())
		}
	})
	forVersions(t, wire.KindGetBlockAccessLists, func(a *asker, _ *params.Chain) {
		r, _ := ask(a, wire.AccessListsRequest{Hashes: some}, 1)
		if r.Len() != len(some) || hex.EncodeToString(r.Content()) != "8080808080" {
			a.t.Errorf("access lists %x", r.Content())
		}
	})
	forVersions(t, wire.KindGetCells, func(a *asker, _ *params.Chain) {
		if r, _ := ask(a, wire.CellsRequest{Hashes: some, Mask: wire.AllCells()}, 1); r.Len() != 0 || r.Mask != wire.AllCells() {
			a.t.Errorf("cells of %d transactions, mask %x", r.Len(), r.Mask)
		}
	})
}
