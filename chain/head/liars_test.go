// SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
)

// A network is honest peers that answer from one chain, and others.
type network struct {
	t      *testing.T
	m      *Peers[string]
	now    time.Time
	top    uint64 // of the honest chain
	asks   int
	answer map[string]func(Ask[string]) []chain.Link
	added  map[uint64]int // how often each number was new
}

func newNetwork(t *testing.T, version string) *network {
	n := &network{t: t, m: newTestPeers(), now: epoch, top: 1000, answer: map[string]func(Ask[string]) []chain.Link{}, added: map[uint64]int{}}
	for id := 'a'; id < 'k'; id++ {
		n.join(string(id), version, "1000", n.honest)
	}
	return n
}

func (n *network) join(id, version, latest string, answer func(Ask[string]) []chain.Link) {
	n.answer[id] = answer
	n.m.Join(n.now, id, infoOf([]string{version, latest}))
}

func (n *network) honest(a Ask[string]) (ls []chain.Link) {
	if l := blockOf(name(a.Hash)); !a.Hash.IsZero() {
		if l.Number <= n.top && name(a.Hash) == fmt.Sprint(l.Number) {
			return []chain.Link{l}
		}
		return nil
	}
	for at := a.Number; at <= n.top && at < a.Number+a.Amount; at++ {
		ls = append(ls, blockOf(fmt.Sprint(at)))
	}
	return ls
}

// run lets time pass, in steps of a second.
func (n *network) run(d time.Duration) {
	for end := n.now.Add(d); n.now.Before(end); {
		n.step(time.Second)
	}
}

// step answers what is asked now, and lets some time pass.
func (n *network) step(d time.Duration) {
	n.t.Helper()
	for asks, _ := n.m.Next(n.now, nil); len(asks) > 0; asks, _ = n.m.Next(n.now, nil) {
		for _, a := range asks {
			n.asks++
			news, err := n.m.Headers(n.now, a.Peer, n.answer[a.Peer](a))
			if err != nil {
				n.t.Fatalf("%s: %v", a.Peer, err)
			}
			for i := range news {
				n.added[news[i].Number]++
			}
		}
	}
	n.now = n.now.Add(d)
}

// Three peers say that a block far above is their latest, and give its header whatever they are asked. Ten
// others follow the chain, and so do we.
func TestLiarsDoNotBlindUs(t *testing.T) {
	n := newNetwork(t, "69")
	n.run(10 * time.Second)
	for id := 'x'; id <= 'z'; id++ {
		n.join(string(id), "69", "900000000z", func(a Ask[string]) []chain.Link {
			if a.Hash.IsZero() {
				return nil
			}
			return []chain.Link{blockOf("900000000z")}
		})
	}
	for n.top = 1001; n.top <= 1060; n.top++ {
		for id := 'a'; id < 'k'; id++ {
			l := blockOf(fmt.Sprint(n.top))
			n.m.Range(n.now, string(id), l.Ref())
		}
		n.run(12 * time.Second)
		if head, _ := n.m.Head(); head.Number != n.top || n.added[n.top] != 1 {
			t.Fatalf("head %d, block %d is new %d times", head.Number, n.top, n.added[n.top])
		}
	}
}

// A liar that was here first made the head, with a number above the chain's or below. The blocks of the
// honest chain are told as soon as they follow one that was told, whatever the head is.
func TestBlocksAreToldWhateverTheHeadIs(t *testing.T) {
	n := newNetwork(t, "69")
	n.run(30 * time.Second)
	n.top++
	n.run(30 * time.Second)
	for id := 'a'; id < 'k'; id++ { // all but one leave, and liars come
		if id != 'a' {
			n.m.Leave(n.now, string(id))
		}
	}
	for id := 'p'; id <= 'z'; id++ {
		n.join(string(id), "69", "5z", func(a Ask[string]) []chain.Link {
			if a.Hash.IsZero() {
				return nil
			}
			return []chain.Link{blockOf("5z")}
		})
	}
	n.run(20 * time.Second)
	if head, _ := n.m.Head(); name(head.Hash) != "5z" {
		t.Fatalf("head %s: most say another", name(head.Hash))
	}
	for range 20 {
		n.top++
		l := blockOf(fmt.Sprint(n.top))
		n.m.Range(n.now, "a", l.Ref())
		n.run(5 * time.Second)
		if !n.m.Has(l.Hash) || n.added[n.top] != 1 {
			t.Fatalf("block %d is new %d times", n.top, n.added[n.top])
		}
	}
}

// A block that one peer has is the head soon: the others are asked whether they have it, all within about
// two seconds, and not more often than every 4 s if blocks are made up.
func TestRoundOfPolls(t *testing.T) {
	n := newNetwork(t, "69")
	for id := 'A'; id <= 'Z'; id++ {
		n.join(string(id), "69", "1000", n.honest)
	}
	n.run(60 * time.Second)
	for range 5 {
		n.top++
		began, asks := n.now, n.asks
		for head, _ := n.m.Head(); head.Number != n.top; head, _ = n.m.Head() {
			n.step(20 * time.Millisecond)
		}
		if took := n.now.Sub(began); took > 5*time.Second || n.asks-asks > 40 {
			t.Errorf("block %d is the head after %v and %d requests to 36 peers", n.top, took, n.asks-asks)
		}
		n.run(7 * time.Second)
	}
	n.asks = 0
	for i := range 120 { // a made-up block every half second
		if err := n.m.Gossiped(n.now, "A", blockOf(fmt.Sprintf("%d%c%c<%d", n.top+1, 'a'+i%26, 'a'+i/26, n.top))); err != nil {
			t.Fatal(err)
		}
		for range 25 {
			n.step(20 * time.Millisecond)
		}
	}
	if most := 36 * 60 / 4; n.asks > most+36 {
		t.Errorf("%d requests in a minute", n.asks)
	}
	if head, _ := n.m.Head(); head.Number != n.top {
		t.Errorf("head %d", head.Number)
	}
}

// The head is worked out once for all that came before Next.
func TestSettlesOnce(t *testing.T) {
	n := newNetwork(t, "69")
	n.run(time.Minute)
	before := n.m.Settled()
	for i := range 1000 {
		n.m.Range(n.now, string(rune('a'+i%10)), refOf(fmt.Sprint(1000+i%3)))
	}
	n.m.Next(n.now, nil)
	n.m.Changed(n.now)
	n.m.Next(n.now, nil)
	if got := n.m.Settled() - before; got != 1 {
		t.Errorf("worked out %d times", got)
	}
}

// A peer that announces a block that all know does not stop the polls of the others.
func TestGossipOfKnownBlocksDoesNotStopPolls(t *testing.T) {
	n := newNetwork(t, "68")
	n.join("z", "68", "1000", func(Ask[string]) []chain.Link { return nil })
	for range 100 {
		n.m.Told(n.now, "z", refOf("1000"))
		n.run(12 * time.Second)
		n.top++
	}
	if head, _ := n.m.Head(); head.Number < n.top-2 {
		t.Errorf("head %d of %d", head.Number, n.top)
	}
}

// A peer that gossips each new block first, and then nothing for a while, does not stop the polls of others
// of its version.
func TestGossipOfNewBlocksDoesNotStopPolls(t *testing.T) {
	n := newNetwork(t, "68")
	n.join("z", "68", "1000", n.honest)
	n.run(10 * time.Second)
	for range 20 {
		n.top++
		if err := n.m.Gossiped(n.now, "z", blockOf(fmt.Sprint(n.top))); err != nil {
			t.Fatal(err)
		}
		n.m.Told(n.now, "z", refOf(fmt.Sprint(n.top)))
		for range 4 {
			n.run(12 * time.Second)
			if head, _ := n.m.Head(); head.Number != n.top {
				t.Fatalf("head %d of %d", head.Number, n.top)
			}
			n.top++
		}
	}
}

// Where nothing happens, each peer is asked less and less: ten peers once in 2 s together, one in 8 s.
func TestQuietChain(t *testing.T) {
	n := newNetwork(t, "69")
	n.run(time.Hour)
	if n.asks > 1810 {
		t.Errorf("%d requests to ten peers in an hour", n.asks)
	}
	for id := 'b'; id < 'k'; id++ {
		n.m.Leave(n.now, string(id))
	}
	n.asks = 0
	n.run(time.Hour)
	if n.asks < 440 || n.asks > 460 {
		t.Errorf("%d requests to one peer in an hour", n.asks)
	}
}

// A reorganisation: the new branch needs more support than the old one, and all peers are asked for
// theirs soon.
func TestReorganisation(t *testing.T) {
	n := newNetwork(t, "69")
	n.run(time.Minute)
	for id := range n.answer {
		n.answer[id] = func(a Ask[string]) (ls []chain.Link) {
			for at := a.Number; a.Hash.IsZero() && at <= 1002 && at < a.Number+a.Amount; at++ {
				switch at {
				case 1000:
					ls = append(ls, blockOf("1000z<999"))
				case 999, 998, 997, 996, 995, 994, 993, 992:
					ls = append(ls, blockOf(fmt.Sprint(at)))
				default:
					ls = append(ls, blockOf(fmt.Sprintf("%dz", at)))
				}
			}
			return ls
		}
	}
	began := n.now
	for head, _ := n.m.Head(); name(head.Hash) != "1002z"; head, _ = n.m.Head() {
		if n.run(time.Second); n.now.Sub(began) > 15*time.Second {
			t.Fatalf("head %s after %v", name(head.Hash), n.now.Sub(began))
		}
	}
}
