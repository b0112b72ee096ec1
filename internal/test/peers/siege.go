// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/params"
)

// A Siege is attackers of every kind on one node at once, over streams: [Attacks], each played by as many as it names. An attacker
// connects again, with another key, when the node has ended its session.
type Siege struct {
	Chain  *params.Chain
	Node   ecc.PublicKey
	Honest *Blocks
	Big    int // items in the largest messages

	// Open opens a stream to the node from a network, of which there are as many as [Attackers].
	Open func(network int) (net.Conn, error)

	Sessions atomic.Uint64 // that began
	Acts     atomic.Uint64

	wait sync.WaitGroup
}

// pauseBetweenSessions bounds what an attacker costs the machine by handshakes.
const pauseBetweenSessions = 2 * time.Second

// Attackers returns how many take part.
func Attackers() (n int) {
	for _, k := range Attacks() {
		n += k.attackers()
	}
	return n
}

func (k *Attack) attackers() int { return max(1, k.Peers) }

// Run attacks until ctx ends, and returns when all attackers have left.
func (s *Siege) Run(ctx context.Context) {
	network := 0
	for kind, k := range Attacks() {
		for i := range k.attackers() {
			if !k.Together || i == 0 {
				network++
			}
			from := network - 1
			a := &Attacker{
				Rand: rand.NewChaCha8([32]byte{byte(kind), byte(i), 3}), Big: s.Big, Chain: s.Chain, Honest: s.Honest, Node: s.Node,
				Open: func() (net.Conn, error) { return s.open(ctx, from) }, Go: s.wait.Go,
			}
			s.wait.Go(func() { s.play(ctx, &k, a) })
		}
	}
	s.wait.Wait()
}

// open opens a stream that closes when ctx ends.
func (s *Siege) open(ctx context.Context, network int) (net.Conn, error) {
	if ctx.Err() != nil {
		return nil, net.ErrClosed
	}
	c, err := s.Open(network)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	return &watched{c, stop}, nil
}

type watched struct {
	net.Conn
	stop func() bool
}

func (w *watched) Close() error {
	w.stop()
	return w.Conn.Close()
}

func (s *Siege) play(ctx context.Context, k *Attack, a *Attacker) {
	defer func() {
		if a.Conn != nil {
			a.Close()
		}
	}()
	for ; pause(ctx, Round); a.Round++ {
		if k.Knock == nil && (a.Conn == nil || a.Ended()) && !s.connect(k, a) {
			if !pause(ctx, pauseBetweenSessions) {
				return
			}
			continue
		}
		if k.Due(a) {
			s.Acts.Add(uint64(k.Times))
		}
		if k.Act(a) != nil {
			a.Close()
			a.Conn = nil
			if !pause(ctx, pauseBetweenSessions) {
				return
			}
		}
	}
}

func (s *Siege) connect(k *Attack, a *Attacker) bool {
	a.Conn = nil
	stream, err := a.Open()
	if err != nil {
		return false
	}
	c, err := Dial(stream, s.Node, a.key(), k.Name, s.Chain, k.Version)
	if err != nil {
		stream.Close()
		return false
	}
	s.Sessions.Add(1)
	a.Round = 0
	k.Join(a, c)
	return true
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
