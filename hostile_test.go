// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

const (
	attackFor      = 30 * time.Second // virtual
	perAttack      = 10               // attackers
	perRacedAttack = 4                // the same with the race detector: each attacker acts alike
	perQuietAttack = 3                // attackers of the quiet ones
	honestRemotes  = 10
	honestPatience = 100 * time.Millisecond // virtual: a session that waits for another's timer

	// hostileCap bounds what all peers together make the node hold, at any moment, beyond
	// what was there before. Of the 90 MiB that are seen, the two full tables of
	// transactions are 55, and messages in the hands of readers most of the rest. SPEC.md
	// states it.
	hostileCap  = 128 << 20
	sampleEvery = 5000 // messages
)

// sessionAttacks are the attacks that a session in memory can show: the node has no server here.
var sessionAttacks = slices.DeleteFunc(peers.Attacks(), func(k peers.Attack) bool { return k.Knock != nil })

func attackers(k *peers.Attack) int {
	if k.Quiet {
		return perQuietAttack
	}
	if bubble.Race { // fewer attackers with the race detector, which slows every message
		return perRacedAttack
	}
	return perAttack
}

// rounds returns how often each peer sends a burst, and the size of the largest messages. Both are smaller
// with the race detector, which makes every byte slower.
func rounds() (n, big int) {
	if bubble.Race {
		return 30, 512
	}
	return 300, 4096
}

// A flood is a node with 255 hostile peers, or 111 with the race detector, and what the node recorded of the
// honest peers.
type flood struct {
	t    *testing.T
	node *peers.Node
	heap int64 // before

	remotes []*peers.Remote // the honest ones
	serving sync.WaitGroup

	messages atomic.Int64
	mu       sync.Mutex // guards what follows
	most     int64      // heap
	ends     map[string]map[p2p.Verdict]int
	told     map[enr.ID]int // reports, by the peer that told
	whole    map[types.Hash]bool
	lost     map[string]uint64
}

func (f *flood) record(e event.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e := e.(type) {
	case event.Tx:
		if e.Via != event.ViaRequest {
			f.told[e.Peer]++
		}
		if e.Body != nil {
			f.whole[e.Hash] = true
		}
	case event.Sighting:
		f.told[e.Peer]++
	case event.Loss:
		f.lost[e.Where] += e.Count
	}
}

// TestHonestPeersAmongHostileOnes: 255 hostile peers attack, and connect again each time their session ends.
// Each session ends with the reason of its attack, honest peers are served as without attackers, and memory
// stays below the cap.
func TestHonestPeersAmongHostileOnes(t *testing.T) {
	n, big := rounds()
	chain := gossipChain(t)
	txs, pool, _ := manyTxs(t, chain.NetworkID, n*honestRemotes, 0)
	f := &flood{
		t: t, heap: heapInUse(), ends: make(map[string]map[p2p.Verdict]int),
		told: make(map[enr.ID]int), whole: make(map[types.Hash]bool), lost: make(map[string]uint64),
	}
	bubble.Test(t, func(t *testing.T) {
		f.node = startNode(t, chain, f.record)
		var all sync.WaitGroup
		for i := range honestRemotes {
			r := f.honest(i, pool)
			all.Go(func() { f.beHonest(r, txs[i*n:(i+1)*n]) })
		}
		for k := range sessionAttacks {
			k := &sessionAttacks[k]
			for i := range attackers(k) {
				a := &peers.Attacker{Rand: rand.NewChaCha8([32]byte(fmt.Appendf(nil, "%-31.31s%c", k.Name, i))), Big: big, Chain: chain}
				if k.Every < n {
					a.Delay = i * k.Every / perAttack
				}
				all.Go(func() { f.beHostile(k, a, fmt.Sprintf("%s %d", k.Name, i)) })
			}
		}
		all.Wait()
		time.Sleep(10 * time.Second) // for what was announced last to be fetched
		f.sample()
		f.part(n / 10)
	})
	f.wantHeard(txs)
	f.wantEnds()
	t.Logf("%d hostile messages; at most %d MiB; ends %v; lost %v", f.messages.Load(), f.most>>20, f.ends, f.lost)
	if f.most > hostileCap {
		t.Errorf("the heap grew by %d MiB: the cap is %d", f.most>>20, hostileCap>>20)
	}
}

// honest connects an honest peer, which answers requests from now on.
func (f *flood) honest(i int, pool peers.Pool) *peers.Remote {
	f.t.Helper()
	r := peers.NewRemote(f.node.Attach(honestName(i), wire.Version(65+i%7)), pool, nil)
	f.remotes = append(f.remotes, r)
	f.serving.Go(func() {
		if err := r.Serve(); err != nil {
			f.t.Error(err)
		}
	})
	if err := r.Greet(); err != nil {
		f.t.Fatal(err)
	}
	return r
}

func honestName(i int) string { return fmt.Sprintf("honest %d", i) }

// part stops the node, and checks that it kept the honest peers and answered them.
func (f *flood) part(asked int) {
	f.t.Helper()
	for i, r := range f.remotes {
		if r.Ended() {
			f.t.Errorf("%s ended: %v", honestName(i), r.Cause())
		}
		if got := r.Replies.Load(); got != uint64(asked) {
			f.t.Errorf("%s asked %d times and got %d replies", honestName(i), asked, got)
		}
	}
	f.node.Stop()
	f.serving.Wait()
}

// beHonest tells of one transaction in each round, and sends a request now and then.
func (f *flood) beHonest(r *peers.Remote, txs []types.Tx) {
	for i := range txs {
		began := time.Now()
		if err := tellOne(r, &txs[i], i%2 == 0); err != nil {
			f.t.Errorf("an honest peer: %v", err)
			return
		}
		if i%10 == 9 {
			q := wire.HeadersRequest{Origin: wire.AtNumber(0), Amount: 1}
			if err := r.Tell(q.Ask(), q.Append(nil, r.Version(), uint64(i))); err != nil {
				f.t.Errorf("an honest peer: %v", err)
				return
			}
		}
		if waited := time.Since(began); waited > honestPatience {
			f.t.Errorf("an honest peer had to wait for %v", waited)
		}
		time.Sleep(attackFor / time.Duration(len(txs)))
	}
}

// beHostile attacks in bursts, and connects again each time the node has ended a session.
func (f *flood) beHostile(k *peers.Attack, a *peers.Attacker, name string) {
	n, _ := rounds()
	defer f.hangUp(k, a)
	for began := time.Now(); time.Since(began) < attackFor; a.Round++ {
		for range k.Times {
			if !k.Due(a) {
				break
			}
			if a.Conn == nil {
				k.Join(a, f.node.Attach(name, k.Version))
			}
			if k.Say(a) != nil {
				f.ended(k, a)
			}
			if f.messages.Add(1)%sampleEvery == 0 {
				f.sample()
			}
		}
		time.Sleep(attackFor / time.Duration(n))
	}
}

// ended notes how the node ended the session.
func (f *flood) ended(k *peers.Attack, a *peers.Attacker) {
	v := p2p.Judge(a.Cause())
	a.Conn = nil
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ends[k.Name] == nil {
		f.ends[k.Name] = make(map[p2p.Verdict]int)
	}
	f.ends[k.Name][v]++
}

// hangUp ends an attack whose session the node has kept.
func (f *flood) hangUp(k *peers.Attack, a *peers.Attacker) {
	if a.Conn == nil {
		return
	}
	time.Sleep(time.Second) // whatever is to come of the last burst has come
	if a.Ended() {
		f.ended(k, a)
		return
	}
	a.Close()
	_ = a.Cause()
}

// sample measures the heap during the attack.
func (f *flood) sample() {
	heap := heapInUse() - f.heap
	f.mu.Lock()
	defer f.mu.Unlock()
	f.most = max(f.most, heap)
}

// wantHeard checks that everything that honest peers told is recorded as theirs, and that everything that
// they announced was fetched.
func (f *flood) wantHeard(txs []types.Tx) {
	f.t.Helper()
	n := len(txs) / honestRemotes
	for i := range honestRemotes {
		if told := f.told[peers.IDOf(honestName(i))]; told != n {
			f.t.Errorf("%s told of %d transactions, %d of which were heard", honestName(i), n, told)
		}
	}
	missing := 0
	for i := range txs {
		if !f.whole[txs[i].Hash()] {
			missing++
		}
	}
	if missing > 0 {
		f.t.Errorf("%d of %d transactions that honest peers told of never came whole", missing, len(txs))
	}
}

// wantEnds checks that the sessions of each attack ended with the reason of that attack.
func (f *flood) wantEnds() {
	f.t.Helper()
	for i := range sessionAttacks {
		k := &sessionAttacks[i]
		for v, n := range f.ends[k.Name] {
			if v != k.Ends && v != k.Also {
				f.t.Errorf("%s: %d sessions ended by %s with %v; want by %s with %v", k.Name, n, v.By, v.Reason, k.Ends.By, k.Ends.Reason)
			}
		}
		least := attackers(k)
		if bubble.Race && k.Quiet { // fewer rounds: some attackers do not reach their end
			least = 1
		}
		if n := f.ends[k.Name][k.Ends] + f.ends[k.Name][k.Also]; k.Ends.By != "" && n < least {
			f.t.Errorf("%s: only %d sessions ended by %s with %v", k.Name, n, k.Ends.By, k.Ends.Reason)
		}
	}
}
