// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth/fetch"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/owner"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
	"github.com/ethpeer/ethpeer/types"
)

// A listening is a role at work, with what it recorded.
type listening struct {
	t      *testing.T
	node   *peers.Node
	gossip *Gossip

	mu    sync.Mutex
	lines []string // guarded by mu
}

// listen runs f with a role whose loop runs, in a bubble.
func listen(t *testing.T, f func(l *listening)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		l := &listening{t: t}
		chain, _ := params.ByName("mainnet")
		l.gossip = New(Config{Record: l.record, Chain: chain})
		l.node = peers.NewNode(t, chain, l.gossip)
		l.node.Go(l.gossip.Run)
		f(l)
	})
}

func (l *listening) record(e event.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e := e.(type) {
	case event.Tx:
		line := fmt.Sprintf("tx %x via %s of %s, type %d (%t), size %d", e.Hash[:3], e.Via, e.Client, e.Type, e.Typed, e.Size)
		if e.Update {
			line += ", update"
		}
		if e.Body != nil {
			line += fmt.Sprintf(", from %x nonce %d", e.Body.From[:3], e.Body.Nonce)
		}
		l.lines = append(l.lines, line)
	case event.Sighting:
		l.lines = append(l.lines, fmt.Sprintf("sighting %x via %s of %s", e.Hash[:3], e.Via, strings.TrimRight(string(e.Peer[:]), "\x00")))
	case event.Loss:
		l.lines = append(l.lines, fmt.Sprintf("loss %s %d", e.Where, e.Count))
	}
}

// want lets everything settle and compares what was recorded since the last call.
func (l *listening) want(lines ...string) {
	l.t.Helper()
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, lines) {
		l.t.Fatalf("recorded\n  %s\nwant\n  %s", strings.Join(l.lines, "\n  "), strings.Join(lines, "\n  "))
	}
	l.lines = nil
}

// count runs do, lets everything settle for two seconds and counts what was recorded meanwhile: tx,
// update, sighting, and losses by site.
func (l *listening) count(do func()) map[string]int {
	l.t.Helper()
	l.mu.Lock()
	l.lines = nil
	l.mu.Unlock()
	do()
	synctest.Wait()
	time.Sleep(2 * time.Second)
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := make(map[string]int)
	for _, line := range l.lines {
		words := strings.Fields(line)
		switch {
		case words[0] == "loss":
			n, err := strconv.Atoi(words[2])
			if err != nil {
				l.t.Fatal(err)
			}
			lines[words[1]] += n
		case slices.Contains(words, "update,"):
			lines["update"]++
		default:
			lines[words[0]]++
		}
	}
	l.lines = nil
	return lines
}

var key = func() *ecc.PrivateKey {
	k, err := ecc.ParsePrivateKey(slices.Repeat([]byte{7}, 32))
	if err != nil {
		panic(err)
	}
	return k
}()

// newTx returns a signed transaction and its name in events.
func newTx(t *testing.T, nonce uint64) (tx types.Tx, hash types.Hash) {
	t.Helper()
	tx, err := types.Sign(types.Tx{
		Type: types.DynamicFeeTx, ChainID: *uint256.NewInt(1), Nonce: nonce, Gas: 21000,
		FeeCap: *uint256.NewInt(1e9), To: types.Address{1},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	return tx, tx.Hash()
}

// list returns the payload of Transactions, and of PooledTransactions up to eth/65.
func list(items ...[]byte) []byte {
	dst, mark := rlp.OpenList(nil)
	for _, it := range items {
		dst = append(dst, it...)
	}
	return rlp.CloseList(dst, mark)
}

func raw(tx types.Tx) []byte { return tx.AppendItem(nil) }

func announce(v wire.Version, txs ...types.Tx) []byte {
	var all []wire.Announced
	for i := range txs {
		all = append(all, wire.Announced{Hash: txs[i].Hash(), Type: txs[i].Type, Size: uint64(len(txs[i].Binary()))})
	}
	return wire.AppendAnnouncement(nil, v, all)
}

func pooled(v wire.Version, id uint64, items ...[]byte) []byte {
	return wire.Reply{Kind: wire.KindPooledTransactions, ID: id}.Append(nil, v, items)
}

func asked(v wire.Version, id uint64, hashes ...types.Hash) []byte {
	return wire.PooledRequest{Hashes: hashes}.Append(nil, v, id)
}

func wantBreach(t *testing.T, p *peers.Peer, says string) {
	t.Helper()
	err := p.WantEnd()
	if _, ok := errors.AsType[*p2p.Violation](err); !ok || !strings.Contains(err.Error(), says) {
		t.Errorf("ended with %v; want a violation: %s", err, says)
	}
}

func from() string {
	a := types.AddressOf(key.Public())
	return fmt.Sprintf("%x", a[:3])
}

func TestBroadcast(t *testing.T) {
	listen(t, func(l *listening) {
		a, b := l.node.Join("a", 65), l.node.Join("b", 69)
		x, hx := newTx(t, 1)
		y, hy := newTx(t, 2)
		size := len(x.Binary())
		a.SendRaw(wire.KindTransactions, list(raw(x), raw(y)))
		l.want(
			fmt.Sprintf("tx %x via broadcast of a, type 2 (true), size %d, from %s nonce 1", hx[:3], size, from()),
			fmt.Sprintf("tx %x via broadcast of a, type 2 (true), size %d, from %s nonce 2", hy[:3], size, from()),
		)
		b.SendRaw(wire.KindTransactions, list(raw(x)))
		b.SendRaw(wire.KindNewPooledTransactionHashes, announce(69, y))
		l.want(
			fmt.Sprintf("sighting %x via broadcast of b", hx[:3]),
			fmt.Sprintf("sighting %x via announcement of b", hy[:3]),
		)
		time.Sleep(10 * time.Second)
		b.WantSilence()
		l.want()
	})
}

// Checklist row 105: 500 ms for a broadcast, then a request.
func TestAnnouncementIsFetched(t *testing.T) {
	for _, v := range []wire.Version{65, 66, 68, 71} {
		listen(t, func(l *listening) {
			a, b := l.node.Join("a", v), l.node.Join("b", v)
			x, h := newTx(t, 1)
			size := len(x.Binary())
			a.SendRaw(wire.KindNewPooledTransactionHashes, announce(v, x))
			typed := "type 0 (false), size 0"
			if v >= 68 {
				typed = fmt.Sprintf("type 2 (true), size %d", size)
			}
			l.want(fmt.Sprintf("tx %x via announcement of a, %s", h[:3], typed))

			began := time.Now()
			a.Want(wire.KindGetPooledTransactions, asked(v, 7000, h))
			if waited := time.Since(began); waited != 500*time.Millisecond {
				t.Errorf("asked after %v", waited)
			}
			b.SendRaw(wire.KindNewPooledTransactionHashes, announce(v, x))
			l.want(fmt.Sprintf("sighting %x via announcement of b", h[:3]))
			a.SendRaw(wire.KindPooledTransactions, pooled(v, 7000, raw(x)))
			l.want(fmt.Sprintf("tx %x via request of a, type 2 (true), size %d, update, from %s nonce 1", h[:3], size, from()))
			time.Sleep(10 * time.Second)
			b.WantSilence()
		})
	}
}

// Checklist row 106: 5 s, then the alternate; the silent peer gets nothing more.
func TestSilentPeerIsReplaced(t *testing.T) {
	listen(t, func(l *listening) {
		a, b := l.node.Join("a", 68), l.node.Join("b", 68)
		x, h := newTx(t, 1)
		a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
		a.Want(wire.KindGetPooledTransactions, asked(68, 7000, h))
		b.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
		began := time.Now()
		b.Want(wire.KindGetPooledTransactions, asked(68, 7000, h))
		if waited := time.Since(began); waited != 5*time.Second {
			t.Errorf("asked the other after %v", waited)
		}
		y, hy := newTx(t, 2)
		a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, y))
		time.Sleep(4 * time.Second)
		a.WantSilence()

		// A peer that leaves is replaced at once.
		c := l.node.Join("c", 68)
		b.Leave()
		c.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, y))
		c.Want(wire.KindGetPooledTransactions, asked(68, 7000, hy))
	})
}

// A reply that comes after its time is told all the same, and its sender is asked again.
func TestLateReplyIsTold(t *testing.T) {
	for _, v := range []wire.Version{65, 68, 71} {
		listen(t, func(l *listening) {
			a := l.node.Join("a", v)
			x, h := newTx(t, 1)
			y, hy := newTx(t, 2)
			a.SendRaw(wire.KindNewPooledTransactionHashes, announce(v, x))
			a.Want(wire.KindGetPooledTransactions, asked(v, 7000, h))
			time.Sleep(6 * time.Second)
			a.SendRaw(wire.KindNewPooledTransactionHashes, announce(v, y))
			time.Sleep(time.Second)
			a.WantSilence()
			l.lines = nil
			a.SendRaw(wire.KindPooledTransactions, pooled(v, 7000, raw(x)))
			a.Want(wire.KindGetPooledTransactions, asked(v, 7001, hy))
			l.want(fmt.Sprintf("tx %x via request of a, type 2 (true), size %d, update, from %s nonce 1", h[:3], len(x.Binary()), from()))
			a.SendRaw(wire.KindPooledTransactions, pooled(v, 7001, raw(y)))
			l.want(fmt.Sprintf("tx %x via request of a, type 2 (true), size %d, update, from %s nonce 2", hy[:3], len(y.Binary()), from()))
		})
	}
}

// What an announcement says of a transaction is held against the transaction: the type, and the
// size up to 8 bytes. The sidecar of a blob transaction has several forms, so that only the peer
// that delivers it is held to what it said of the size; in a block there is no sidecar.
func TestAnnouncementsAreChecked(t *testing.T) {
	for _, c := range []struct {
		said      described
		came      body
		deliverer bool
		want      error
	}{
		{described{}, body{kind: 2, size: 100, sized: true}, true, nil},
		{described{true, 2, 100}, body{kind: 2, size: 100, sized: true}, true, nil},
		{described{true, 1, 100}, body{kind: 2, size: 100, sized: true}, false, errWrongType},
		{described{true, 2, 108}, body{kind: 2, size: 100, sized: true}, false, nil},
		{described{true, 2, 109}, body{kind: 2, size: 100, sized: true}, false, errWrongSize},
		{described{true, 2, 91}, body{kind: 2, size: 100, sized: true}, false, errWrongSize},
		{described{true, 3, 137_300}, body{kind: 3, size: 131_200, sized: true}, false, nil},
		{described{true, 3, 131_200}, body{kind: 3, size: 131_209, sized: true}, true, errWrongSize},
		{described{true, 3, 131_200}, body{kind: 3, size: 300}, true, nil},
		{described{true, 2, math.MaxUint64}, body{kind: 2, size: 100, sized: true}, false, errWrongSize},
	} {
		if err := c.said.check(&c.came, c.deliverer); !errors.Is(err, c.want) {
			t.Errorf("announced as %v, came as %v, from the deliverer %t: %v; want %v", c.said, c.came, c.deliverer, err, c.want)
		}
	}
}

func TestBreaches(t *testing.T) {
	x, hx := newTx(t, 1)
	y, _ := newTx(t, 2)
	blob := rlp.AppendBytes(nil, append([]byte{3}, unsidecared()...))
	tests := []struct {
		name string
		do   func(p *peers.Peer)
		says string
	}{
		{"rubbish", func(p *peers.Peer) { p.SendRaw(wire.KindTransactions, list([]byte{0xc1, 0x80})) }, "transaction 0x"},
		{"no envelope", func(p *peers.Peer) { p.SendRaw(wire.KindTransactions, list([]byte{0x82, 0x80, 0x80})) }, "transaction"},
		{"blob broadcast", func(p *peers.Peer) { p.SendRaw(wire.KindTransactions, list(blob)) }, errBlobBroadcast.Error()},
		{"unasked", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
			p.Want(wire.KindGetPooledTransactions, asked(68, 7000, hx))
			p.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(y)))
		}, fetch.ErrUnasked.Error()},
		{"more than asked", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
			p.Want(wire.KindGetPooledTransactions, asked(68, 7000, hx))
			p.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(x), raw(x)))
		}, "more items than were asked for"},
		{"rubbish in a reply", func(p *peers.Peer) {
			p.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
			p.Want(wire.KindGetPooledTransactions, asked(68, 7000, hx))
			p.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, []byte{0xc1, 0x80}))
		}, "transaction 0x"},
		{"another size", func(p *peers.Peer) {
			long := wire.Announced{Hash: hx, Type: 2, Size: uint64(len(x.Binary())) + 9}
			p.SendRaw(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, []wire.Announced{long}))
			p.Want(wire.KindGetPooledTransactions, asked(68, 7000, hx))
			p.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(x)))
		}, errWrongSize.Error()},
		{"a smaller size", func(p *peers.Peer) {
			short := wire.Announced{Hash: hx, Type: 2, Size: uint64(len(x.Binary())) - 9}
			p.SendRaw(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, []wire.Announced{short}))
			p.Want(wire.KindGetPooledTransactions, asked(68, 7000, hx))
			p.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(x)))
		}, errWrongSize.Error()},
		{"another type", func(p *peers.Peer) {
			other := wire.Announced{Hash: hx, Type: 1, Size: uint64(len(x.Binary()))}
			p.SendRaw(wire.KindNewPooledTransactionHashes, wire.AppendAnnouncement(nil, 68, []wire.Announced{other}))
			p.Want(wire.KindGetPooledTransactions, asked(68, 7000, hx))
			p.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(x)))
		}, errWrongType.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			listen(t, func(l *listening) {
				p, other := l.node.Join("a", 68), l.node.Join("b", 68)
				test.do(p)
				wantBreach(t, p, test.says)
				other.SendRaw(wire.KindTransactions, list(raw(y)))
				other.WantSilence()
			})
		})
	}
}

// unsidecared is the payload of a blob transaction as blocks hold it.
func unsidecared() []byte {
	dst, mark := rlp.OpenList(nil)
	for range 5 { // chain ID, nonce, tip, fee cap, gas
		dst = rlp.AppendUint64(dst, 1)
	}
	dst = rlp.AppendBytes(dst, make([]byte, 20))
	dst = rlp.AppendUint64(dst, 1)  // value
	dst = rlp.AppendBytes(dst, nil) // data
	dst = append(dst, 0xc0)         // access list
	dst = rlp.AppendUint64(dst, 1)  // blob fee cap
	dst = append(dst, list(rlp.AppendBytes(nil, append([]byte{1}, make([]byte, 31)...)))...)
	for range 3 {
		dst = rlp.AppendUint64(dst, 1)
	}
	return rlp.CloseList(dst, mark)
}

func TestOddTransactions(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		// a type that we do not know is told of, without body
		unknown := rlp.AppendBytes(nil, []byte{0x7e, 0xc0})
		tx, err := types.DecodeTx(unknown)
		if err != nil {
			t.Fatal(err)
		}
		h := tx.Hash()
		a.SendRaw(wire.KindTransactions, list(unknown))
		l.want(fmt.Sprintf("tx %x via broadcast of a, type 126 (true), size 2", h[:3]), "loss txgossip.unknown 1")

		// one whose signature is invalid is not, and is not fetched
		good, _ := newTx(t, 1)
		bad := raw(good)
		for i := len(bad) - 32; i < len(bad); i++ {
			bad[i] = 0xff
		}
		a.SendRaw(wire.KindTransactions, list(bad))
		l.want()
		time.Sleep(time.Second)
		l.want("loss txgossip.invalid 1")
		tx, _ = types.DecodeTx(bad)
		a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, tx))
		a.SendRaw(wire.KindTransactions, list(bad))
		time.Sleep(time.Second)
		a.WantSilence()
		l.want("loss txgossip.invalid 2") // told again: lost again
	})
}

func TestFromBlock(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		x, hx := newTx(t, 1)
		y, hy := newTx(t, 2)
		a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, y))
		l.want(fmt.Sprintf("tx %x via announcement of a, type 2 (true), size %d", hy[:3], len(y.Binary())))
		l.gossip.FromBlock(time.Now(), event.Source{Client: "b"}, slices.Concat(raw(x), []byte{0xc1, 0x80}, raw(y)))
		l.want(
			fmt.Sprintf("tx %x via block of b, type 2 (true), size %d, from %s nonce 1", hx[:3], len(x.Binary()), from()),
			fmt.Sprintf("tx %x via block of b, type 2 (true), size %d, update, from %s nonce 2", hy[:3], len(x.Binary()), from()),
			"loss txgossip.invalid 1",
		)
		time.Sleep(time.Second)
		a.WantSilence() // nothing left to fetch
		l.gossip.FromBlock(time.Now(), event.Source{}, nil)
		l.want()
	})
}

// What waits for the loop is charged to the budget until the loop has taken it, also when the
// session has ended before.
func TestWhatWaitsForTheLoopIsCharged(t *testing.T) {
	x, h := newTx(t, 1)
	tests := map[string]struct {
		send func(a *peers.Peer)
		size int
	}{
		"a block's":       {nil, heardBytes},
		"transactions":    {func(a *peers.Peer) { a.SendRaw(wire.KindTransactions, list(raw(x), raw(x))) }, 2 * heardBytes},
		"an announcement": {func(a *peers.Peer) { a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x, x, x)) }, 3 * itemBytes},
		"a reply":         {func(a *peers.Peer) { a.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(x))) }, heardBytes},
	}
	for name, test := range tests {
		listen(t, func(l *listening) {
			l.node.Budget = p2p.NewBudget(0)
			a := l.node.Join("a", 68)
			if name == "a reply" {
				a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, x))
				a.Want(wire.KindGetPooledTransactions, asked(68, 7000, h))
			}
			stop, asked := make(chan struct{}), make(chan struct{})
			go func() {
				_, _ = owner.Ask(context.Background(), l.gossip.loop.Owner, func(_ *machine, _ time.Time, reply func(int, error)) {
					<-stop // the loop is busy
					reply(0, nil)
				})
				close(asked)
			}()
			synctest.Wait()
			want := func(size int, when string) {
				synctest.Wait()
				if used := l.node.Budget.Used(); used != size {
					t.Errorf("%s: %d bytes are charged %s, want %d", name, used, when, size)
				}
			}
			want(0, "for nothing")
			if test.send != nil {
				test.send(a)
			} else {
				l.gossip.FromBlock(time.Now(), event.Source{Peer: peers.IDOf("a")}, raw(x))
			}
			want(test.size, "while the loop is busy")
			a.Leave()
			want(test.size, "after the session's end")
			close(stop)
			<-asked
			want(0, "after the loop has taken it")
		})
	}
}

// A peer whose line is full waits; another one does not.
func TestFloodWaits(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		g := New(Config{}) // its loop does not run
		chain, _ := params.ByName("mainnet")
		node := peers.NewNode(t, chain, g)
		a, b := node.Join("a", 68), node.Join("b", 68)
		x, _ := newTx(t, 1)
		sent := 0
		var flood sync.WaitGroup
		flood.Go(func() {
			for range 2 * 512 {
				a.SendRaw(wire.KindTransactions, list(raw(x)))
				sent++
			}
		})
		synctest.Wait()
		if sent < 512 || sent > 512+2 {
			t.Errorf("%d messages went into a line", sent)
		}
		b.SendRaw(wire.KindTransactions, list(raw(x)))
		b.WantSilence()

		ctx, cancel := context.WithCancel(context.Background())
		var loop sync.WaitGroup
		loop.Go(func() { g.Run(ctx) })
		flood.Wait()
		cancel()
		loop.Wait()
	})
}
