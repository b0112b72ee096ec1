// SPDX-License-Identifier: Apache-2.0

// in: lanes, pings and pongs that are due, the cause of the end · out: messages · owner: writer

package p2p

import (
	"errors"
	"time"

	"github.com/ethpeer/ethpeer/rlpx"
)

// write is the writer's loop. When the peer ends, it sends the cause's Disconnect, if there is one, and
// closes the transport, which ends the reader.
func (p *Peer) write() {
	defer p.t.Close()
	var out Out
	for {
		more, err := p.gather(&out)
		if err != nil {
			p.end(err)
			return
		}
		if p.t.Queued() > 0 {
			if err := p.t.Flush(time.Now().Add(writeTimeout)); err != nil {
				p.endUnsent(err)
				return
			}
			p.confirm()
		}
		slim(&out)
		if more && p.ended.Err() == nil {
			continue
		}
		select {
		case <-p.ended.Done():
			p.goodbye(&out)
			return
		case <-p.wake:
		}
	}
}

// endUnsent ends a peer after a failed write. If the remote side sent a Disconnect and closed, the reader is
// about to read it, so endUnsent waits a while for that better cause.
func (p *Peer) endUnsent(err error) {
	timer := time.NewTimer(goodbyeTime)
	defer timer.Stop()
	select {
	case <-p.ended.Done():
	case <-timer.C:
		p.end(err)
	}
}

// slim frees the memory of the last messages, so that a quiet peer holds no large message.
func slim(out *Out) {
	if cap(out.Raw) > 2*keepBuffer {
		out.Raw = nil
	}
	clear(out.Chunks[:cap(out.Chunks)])
	out.Chunks = out.Chunks[:0]
}

// gather queues base messages and then messages of the lanes, until the cork is full.
func (p *Peer) gather(out *Out) (more bool, err error) {
	if p.pings.Swap(0) > 0 {
		if err := p.queueBase(out, codePing); err != nil {
			return false, err
		}
	}
	for range p.pongs.Swap(0) {
		if err := p.queueBase(out, codePong); err != nil {
			return false, err
		}
	}
	for p.ended.Err() == nil {
		before := p.t.Queued()
		if before >= corkBytes {
			return true, nil
		}
		priority, ok := p.schedule.next(out, corkBytes)
		if !ok {
			return false, nil
		}
		if err := p.t.Queue(out); err != nil {
			if to := p.schedule.last.confirm; to != nil && errors.Is(err, rlpx.ErrTooLarge) {
				to.refused(err)
				continue
			}
			return false, err
		}
		p.schedule.sent(priority, p.t.Queued()-before)
		p.note(out, p.schedule.last)
	}
	return false, nil
}

// unsent is a queued message whose sending is to be reported.
type unsent struct {
	event   MessageEvent
	confirm confirmer // or nil
}

// note remembers a message until it is sent, if its sending is to be reported.
func (p *Peer) note(out *Out, from *lane) {
	if p.onMsg == nil && from.confirm == nil {
		return
	}
	p.unsent = append(p.unsent, unsent{
		event:   MessageEvent{Peer: p.id, Protocol: from.protocol, Code: out.Code - from.offset, Size: out.Size(), Sent: true},
		confirm: from.confirm,
	})
}

// confirm reports the messages that note remembered.
func (p *Peer) confirm() {
	for _, u := range p.unsent {
		if p.onMsg != nil {
			p.onMsg(u.event)
		}
		if u.confirm != nil {
			u.confirm.sent()
		}
	}
	clear(p.unsent)
	p.unsent = p.unsent[:0]
	if cap(p.unsent) > keepUnsent {
		p.unsent = nil
	}
}

// keepUnsent is the number of messages for which the writer keeps memory.
const keepUnsent = 256

func (p *Peer) queueBase(out *Out, code uint64) error {
	out.Code, out.Raw, out.Chunks = code, append(out.Raw[:0], 0xc0), out.Chunks[:0]
	return p.t.Queue(out)
}

func (p *Peer) goodbye(out *Out) {
	v := Judge(p.Cause())
	if !v.sayable() {
		return
	}
	out.Code, out.Raw, out.Chunks = codeDisconnect, appendDisconnect(out.Raw[:0], v.Reason), out.Chunks[:0]
	if p.t.Queue(out) == nil {
		_ = p.t.Flush(time.Now().Add(goodbyeTime)) // the cause is recorded already
	}
}
