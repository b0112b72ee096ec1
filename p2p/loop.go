// SPDX-License-Identifier: Apache-2.0

// in: frames, lanes, time · out: protocol messages, frames · three goroutines

package p2p

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// Timing of a connection, as Ethereum's clients have it.
const (
	pingInterval = 15 * time.Second
	readTimeout  = 30 * time.Second // for one message; pings keep an idle peer alive
	writeTimeout = 20 * time.Second // for one Flush
	goodbyeTime  = time.Second      // for a Disconnect to leave
	corkBytes    = 64 << 10         // the writer gathers messages up to this size into one write
)

// Run runs the peer until it ends and returns why. It opens the protocols, is the owner,
// and joins reader and writer. When ctx ends, the peer is told that we quit.
func (p *Peer) Run(ctx context.Context) error {
	quit := func() { p.end(&LocalClose{Reason: ReasonQuitting}) }
	detach := context.AfterFunc(ctx, quit)
	defer detach()
	if ctx.Err() != nil {
		quit() // before the reader finds that the connection was closed because of it
	}

	if err := p.open(); err != nil {
		p.end(err)
	}
	var wg sync.WaitGroup
	wg.Go(p.read)
	wg.Go(p.write)
	p.own()
	p.t.Hurry(time.Now().Add(goodbyeTime))
	wg.Wait()

	cause := p.Cause()
	for i := len(p.opened) - 1; i >= 0; i-- {
		p.opened[i].handler.Close(cause)
	}
	return cause
}

func (p *Peer) open() error {
	for _, m := range p.matches {
		h, err := m.protocol.Open(p, m.version)
		if err != nil {
			return err
		}
		p.opened = append(p.opened, &running{match: m, handler: h})
	}
	return nil
}

// own is the owner's loop. It has one timer.
func (p *Peer) own() {
	ping := time.Now().Add(pingInterval)
	timer := time.NewTimer(0) // the first round asks each handler when it wants to be called
	defer timer.Stop()
	for {
		select {
		case <-p.ended.Done():
			return
		case step := <-p.steps:
			err := step.Run(time.Now())
			if err != nil {
				p.end(err) // before the reader goes on
			}
			p.stepped <- struct{}{}
			if err != nil {
				continue
			}
		case <-p.nudge:
		case <-timer.C:
		}
		now := time.Now()
		if !now.Before(ping) {
			ping = now.Add(pingInterval)
			p.pings.Store(1)
			p.Wake()
		}
		next, err := p.tick(now)
		if err != nil {
			p.end(err)
			continue
		}
		if next.IsZero() || ping.Before(next) {
			next = ping
		}
		timer.Reset(max(0, next.Sub(now)))
	}
}

// tick calls the handlers and returns the earliest time that one wants to be called
// again.
func (p *Peer) tick(now time.Time) (earliest time.Time, err error) {
	for _, r := range p.opened {
		if r.next, err = r.handler.Tick(now); err != nil {
			return time.Time{}, err
		}
		if !r.next.IsZero() && (earliest.IsZero() || r.next.Before(earliest)) {
			earliest = r.next
		}
	}
	return earliest, nil
}

// read is the reader's loop.
func (p *Peer) read() {
	for p.ended.Err() == nil {
		code, payload, err := p.t.Read(time.Now().Add(readTimeout))
		if errors.Is(err, io.EOF) {
			err = errHungUp
		}
		if err == nil {
			err = p.receive(code, payload)
			p.t.Release()
		}
		if err != nil {
			p.end(err)
			return
		}
	}
}

var errHungUp = errors.New("they closed the connection without a word")

// receive routes one message.
func (p *Peer) receive(code uint64, payload []byte) error {
	if code < baseLength {
		return p.receiveBase(code, payload)
	}
	for _, r := range p.opened {
		if code < r.offset || code >= r.offset+uint64(r.version.Length) {
			continue
		}
		step, err := r.handler.Receive(code-r.offset, payload)
		if err != nil || step == nil {
			return err
		}
		select {
		case p.steps <- step:
			<-p.stepped
		case <-p.ended.Done():
		}
		return nil
	}
	return breachBase(ReasonNetwork, "message code %#x belongs to no shared protocol", code)
}

// receiveBase handles devp2p's own messages. Codes that it does not use are ignored.
func (p *Peer) receiveBase(code uint64, payload []byte) error {
	switch code {
	case codePing:
		// A counter, not a goroutine or a queue: a flood of pings costs nothing. Pings
		// beyond what the writer can answer are answered together.
		if p.pongs.Load() < maxPongs {
			p.pongs.Add(1)
		}
		p.Wake()
	case codeDisconnect:
		return &RemoteClose{Reason: parseDisconnect(payload)}
	}
	return nil
}

// maxPongs bounds how many pings are answered one by one while the writer is busy.
const maxPongs = 16

// write is the writer's loop. When the peer ends it says goodbye, if the cause is one
// that is said, and closes the transport, which ends the reader.
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

// endUnsent ends a peer that cannot be written to. Often that is because they said why
// they leave, and closed: then what the reader is about to find counts more.
func (p *Peer) endUnsent(err error) {
	timer := time.NewTimer(goodbyeTime)
	defer timer.Stop()
	select {
	case <-p.ended.Done():
	case <-timer.C:
		p.end(err)
	}
}

// slim lets go of what the last messages were made of, so that a quiet peer holds no
// large message.
func slim(out *Out) {
	if cap(out.Raw) > 2*keepBuffer {
		out.Raw = nil
	}
	clear(out.Chunks[:cap(out.Chunks)])
	out.Chunks = out.Chunks[:0]
}

// gather queues base messages, then what the lanes have, until the cork is full.
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
			return false, err
		}
		p.schedule.sent(priority, p.t.Queued()-before)
	}
	return false, nil
}

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
