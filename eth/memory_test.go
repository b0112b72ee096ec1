// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
)

// deaf is a role that keeps nothing of what it hears.
type deaf struct{ heard chan wire.Kind }

func (deaf) Kinds() []wire.Kind {
	return []wire.Kind{wire.KindTransactions, wire.KindNewBlock, wire.KindNewPooledTransactionHashes}
}

func (d deaf) Open(*Session) Listener { return d }

func (d deaf) On(m wire.Message) error {
	d.heard <- m.Kind()
	return nil
}

func (deaf) Close(error) {}

// connect returns the remote side of a session of proto over RLPx, which has said its Status.
func connect(ctx context.Context, t *testing.T, proto *Protocol, budget *p2p.Budget, sessions *sync.WaitGroup) *p2p.Conn {
	t.Helper()
	soon := time.Now().Add(time.Minute)
	keys := [2]*ecc.PrivateKey{}
	for i := range keys {
		var err error
		if keys[i], err = ecc.NewPrivateKey(rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	ours, theirs := net.Pipe()
	caps := []p2p.Cap{{Name: "eth", Version: 68}}
	sessions.Go(func() {
		conn, id, err := p2p.Accept(ours, rand.Reader, keys[0], soon)
		if err != nil {
			t.Error(err)
			return
		}
		peer, err := p2p.NewPeer(conn, p2p.Config{
			ID: enr.IDOf(id), Hello: &p2p.Hello{Version: p2p.BaseVersion, Caps: caps},
			Protocols: []p2p.Protocol{proto}, Budget: budget,
		})
		if err != nil {
			t.Error(err)
			return
		}
		_ = peer.Run(ctx)
	})
	c, err := p2p.Initiate(theirs, rand.Reader, keys[1], keys[0].Public(), soon)
	if err != nil {
		t.Fatal(err)
	}
	c.SetSnappy(true)
	if _, _, err := c.Read(soon); err != nil { // their Status
		t.Fatal(err)
	}
	go func() {
		for {
			if _, _, err := c.Read(soon); err != nil {
				return
			}
		}
	}()
	tell(t, c, wire.KindStatus, ourStatus(68).Append(nil, 68))
	return c
}

func tell(t *testing.T, c *p2p.Conn, kind wire.Kind, payload []byte) {
	t.Helper()
	if err := c.Queue(&p2p.Out{Code: ethOffset + kind.Row().Code, Raw: payload}); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

// largeMessages returns a NewBlock and Transactions of almost 10 MiB.
func largeMessages() (block, txs []byte) {
	item := rlp.AppendBytes(nil, append([]byte{2}, make([]byte, 2000)...))
	items := bytes.Repeat(item, 4900)
	txs = wire.AppendTransactions(nil, [][]byte{items})
	block, outer := rlp.OpenList(nil)
	block, inner := rlp.OpenList(block)
	block = append(block, 0xc0)
	block = rlp.AppendListHeader(block, len(items))
	block = append(append(block, items...), 0xc0)
	block = rlp.CloseList(block, inner)
	block = append(block, 0x01)
	return rlp.CloseList(block, outer), txs
}

// A session gives up the memory of large messages. After one of each kind, 50 idle sessions hold
// what the budget says, and what it allows each connection without asking.
func TestIdleSessionsHoldNoLargeMessages(t *testing.T) {
	const allowance = 512 << 10
	peers := 50
	if bubble.Race { // each takes seconds
		peers = 8
	}
	chain, _ := params.ByName("mainnet")
	role := deaf{make(chan wire.Kind, 1)}
	proto, err := New(Config{Chain: chain, Versions: []wire.Version{68}, Roles: []Role{role}})
	if err != nil {
		t.Fatal(err)
	}
	budget := p2p.NewBudget(0)
	ctx, cancel := context.WithCancel(t.Context())
	var sessions sync.WaitGroup
	var conns []*p2p.Conn
	for range peers {
		conns = append(conns, connect(ctx, t, proto, budget, &sessions))
	}
	block, txs := largeMessages()
	before := heapInUse()
	send := func(c *p2p.Conn, kind wire.Kind, payload []byte) {
		tell(t, c, kind, payload)
		if got := <-role.heard; got != kind {
			t.Fatalf("heard %v, want %v", got, kind)
		}
	}
	small := wire.AppendAnnouncement(nil, 68, nil)
	for _, c := range conns {
		for _, other := range conns { // on a busy machine the others pass 30 s of silence, which ends a session
			send(other, wire.KindNewPooledTransactionHashes, small)
		}
		for kind, payload := range map[wire.Kind][]byte{wire.KindNewBlock: block, wire.KindTransactions: txs} {
			send(c, kind, payload)
			for range 20 { // small ones, after which a connection gives up its large buffers
				send(c, wire.KindNewPooledTransactionHashes, small)
			}
		}
	}
	grown := heapInUse() - before
	if used := budget.Used(); grown > used+peers*allowance {
		t.Errorf("the heap grew by %d KiB for each of %d idle sessions; %d bytes are charged in all", grown/peers>>10, peers, used)
	}
	runtime.KeepAlive(block)
	runtime.KeepAlive(txs)
	cancel()
	for _, c := range conns {
		c.Close()
	}
	sessions.Wait()
	if used := budget.Used(); used != 0 {
		t.Errorf("%d bytes are charged after the end", used)
	}
}

func heapInUse() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
