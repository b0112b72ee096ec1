// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"fmt"
	"sync"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Bounds of the requests that wait for their answers, per session.
const (
	// maxAnswers is how many are answered in full: as many as one of our sessions has in flight.
	maxAnswers     = maxInFlight
	maxAnswerBytes = 1 << 20 // of the data that full answers refer to, or one answer

	// maxEmpty is how many more are answered with an empty list. One more ends the session.
	maxEmpty = 1024
)

// answers is the lane of replies, and of our Status, the first message of all. The reader adds a
// small descriptor of each request and never waits: two peers that ask each other would otherwise
// wait for each other for ever. The writer produces one reply per pull, in the order of the
// requests.
type answers struct {
	peer    *p2p.Peer
	version wire.Version
	budget  *p2p.Budget
	status  []byte // until it is sent; owner: writer

	mu    sync.Mutex // guards what follows
	queue []answer
	head  int    // the index of the next answer in the queue
	full  int    // answers in the queue that are not empty ones
	bytes int    // of the data that they refer to
	empty uint64 // answers that were replaced by empty ones
}

// An answer without produce is an empty one.
type answer struct {
	reply   wire.Reply
	bytes   int
	produce func(out *p2p.Out)
}

func (a *answers) start(peer *p2p.Peer, v wire.Version, status []byte) {
	a.peer, a.version, a.status = peer, v, status
	if peer != nil {
		a.budget = peer.Budget()
	}
}

// Answer queues a reply to a request that On has received (EIP-2481): produce appends its payload,
// on the writer, when the socket can take it. The data that produce refers to takes about size
// bytes, which count as used in the p2p.Budget until then.
//
// Answer never waits. If 64 answers or 1 MiB of such data are queued, the request gets a reply
// without items; if 1,024 of those are queued as well, Answer returns a p2p.LocalClose, with which
// On must end the session.
func (s *Session) Answer(reply wire.Reply, size int, produce func(dst []byte) []byte) error {
	return s.answer(answer{reply: reply, bytes: size, produce: func(out *p2p.Out) { out.Raw = produce(out.Raw) }})
}

// AnswerMessage is [Session.Answer] with a produce that appends to Raw and Chunks of a message: Raw is the payload's beginning.
func (s *Session) AnswerMessage(reply wire.Reply, size int, produce func(out *p2p.Out)) error {
	return s.answer(answer{reply: reply, bytes: size, produce: produce})
}

// AnswerChunks is [Session.Answer] with items that are chunks already, in the form of the message's
// list. A chunk is compressed once for all sessions that send it.
func (s *Session) AnswerChunks(reply wire.Reply, items []*rlpx.Chunk) error {
	return s.answer(answer{reply: reply, bytes: chunkBytes * len(items), produce: func(out *p2p.Out) {
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
	if !s.answers.add(one) {
		return &p2p.LocalClose{
			Reason: p2p.ReasonUseless, Why: fmt.Sprintf("%d requests wait for their answers", maxAnswers+maxEmpty),
		}
	}
	s.peer.Wake()
	return nil
}

// add queues an answer, or an empty one in its place. It reports false if there is no room even for
// that. An answer larger than the bound has room if no other full answer is queued.
func (a *answers) add(one answer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	waiting := len(a.queue) - a.head
	switch {
	case a.full == maxAnswers, a.full > 0 && a.bytes+one.bytes > maxAnswerBytes:
		if waiting-a.full == maxEmpty {
			return false
		}
		one = answer{reply: one.reply}
		a.empty++
	default:
		a.full++
		a.bytes += one.bytes
		a.budget.Charge(one.bytes)
	}
	if a.head > 0 && len(a.queue) == cap(a.queue) {
		clear(a.queue[copy(a.queue, a.queue[a.head:]):])
		a.queue, a.head = a.queue[:waiting], 0
	}
	a.queue = append(a.queue, one)
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
	out.Code = one.reply.Kind.Row().Code
	if one.produce == nil {
		out.Raw = one.reply.AppendEmpty(out.Raw, a.version)
	} else {
		one.produce(out)
	}
	return true
}

func (a *answers) take() (one answer, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.head == len(a.queue) {
		return answer{}, false
	}
	one = a.queue[a.head]
	a.queue[a.head] = answer{} // its data is no longer ours to hold
	a.head++
	if one.produce != nil {
		a.full--
		a.bytes -= one.bytes
		a.budget.Give(one.bytes)
	}
	if a.head == len(a.queue) {
		a.queue, a.head = a.queue[:0], 0
		if cap(a.queue) > maxAnswers {
			a.queue = nil // a quiet session holds no large queue
		}
	}
	return one, true
}

// close drops the answers that were not sent. It returns how many requests got an empty answer.
func (a *answers) close() (empty uint64) {
	for {
		if _, ok := a.take(); !ok {
			return a.empty
		}
	}
}
