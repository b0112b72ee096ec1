// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"slices"
	"sync"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Bounds of what waits to be answered, per session.
const (
	maxAnswers     = 16
	maxAnswerBytes = 256 << 10
)

// answers is the lane of replies, and of our Status, the first message of all. The reader adds a
// small descriptor of each request and waits while the queue is full, so that TCP's back-pressure
// holds the peer up. The writer produces one reply per pull.
type answers struct {
	peer   *p2p.Peer
	status []byte // until it is sent; owner: writer

	mu     sync.Mutex // guards what follows
	queue  []answer
	bytes  int
	roomed chan struct{} // holds one token: there may be room again
}

type answer struct {
	code    uint64
	bytes   int
	produce func(out *p2p.Out)
}

func (a *answers) start(peer *p2p.Peer, status []byte) {
	a.peer, a.status = peer, status
	a.roomed = make(chan struct{}, 1)
}

// Answer queues a reply to a request that On has received (EIP-2481): produce appends its payload,
// on the writer, when the socket can take it. The data that produce refers to takes about size
// bytes. While the queue is full, Answer waits; it fails with the session's cause if the session
// ends. Only a [Listener]'s On may call it.
func (s *Session) Answer(kind wire.Kind, size int, produce func(dst []byte) []byte) error {
	return s.answer(answer{code: kind.Row().Code, bytes: size, produce: func(out *p2p.Out) { out.Raw = produce(out.Raw) }})
}

// AnswerChunks is [Session.Answer] with items that are chunks already, in the form of the message's
// list. A chunk is compressed once for all sessions that send it.
func (s *Session) AnswerChunks(reply wire.Reply, items []*rlpx.Chunk) error {
	return s.answer(answer{code: reply.Kind.Row().Code, bytes: chunkBytes * len(items), produce: func(out *p2p.Out) {
		size := 0
		for _, item := range items {
			size += len(item.Bytes())
		}
		out.Raw, out.Chunks = reply.AppendHead(out.Raw, s.version, size), append(out.Chunks, items...)
	}})
}

// chunkBytes is the cost of a queued item: a pointer to a shared chunk.
const chunkBytes = 8

func (s *Session) answer(one answer) error {
	for !s.answers.add(one) {
		select {
		case <-s.answers.roomed:
		case <-s.Done():
			return s.Cause()
		}
	}
	s.peer.Wake()
	return nil
}

// add reports false if there is no room. An answer larger than the bound has room in an empty
// queue.
func (a *answers) add(one answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == maxAnswers || (len(a.queue) > 0 && a.bytes+one.bytes > maxAnswerBytes) {
		return false
	}
	a.queue = append(a.queue, one)
	a.bytes += one.bytes
	return true
}

// Next implements p2p.Lane.
func (a *answers) Next(out *p2p.Out, _ int) bool {
	if a.status != nil {
		out.Code, out.Raw = wire.KindStatus.Row().Code, append(out.Raw, a.status...)
		a.status = nil
		return true
	}
	one, ok := a.take()
	if !ok {
		return false
	}
	out.Code = one.code
	one.produce(out)
	return true
}

func (a *answers) take() (one answer, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == 0 {
		return answer{}, false
	}
	one = a.queue[0]
	a.queue = slices.Delete(a.queue, 0, 1) // at most 16: shorter than a ring
	a.bytes -= one.bytes
	select {
	case a.roomed <- struct{}{}:
	default:
	}
	return one, true
}
