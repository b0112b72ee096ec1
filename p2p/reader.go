// SPDX-License-Identifier: Apache-2.0

// in: messages of the transport · out: calls of handlers, steps for the owner · owner: reader

package p2p

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// read is the reader's loop.
func (p *Peer) read() {
	for p.ended.Err() == nil {
		code, payload, err := p.t.Read(time.Now().Add(readTimeout))
		if errors.Is(err, io.EOF) {
			err = errHungUp
		}
		if err == nil {
			err = p.admit(code, len(payload))
			if err == nil {
				err = p.receive(code, payload)
			}
			p.t.Release()
		}
		if err != nil {
			p.end(err)
			return
		}
	}
}

var errHungUp = errors.New("the remote side closed the connection without a Disconnect")

// receive routes one admitted message.
func (p *Peer) receive(code uint64, payload []byte) error {
	if code < baseLength {
		return p.receiveBase(code, payload)
	}
	r := p.opened[p.find(code)]
	if p.onMsg != nil {
		p.onMsg(MessageEvent{Peer: p.id, Protocol: r.cap(), Code: code - r.offset, Size: len(payload)})
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

// admit refuses a message by its code and the size of its payload. A connection calls it before it takes
// memory for the payload; the peer calls it again, for transports that do not.
func (p *Peer) admit(code uint64, size int) error {
	if code < baseLength {
		if size > maxBase {
			return breachBase(ReasonProtocol, "base message %#x of %d bytes: the limit is %d", code, size, maxBase)
		}
		return nil
	}
	at := p.find(code)
	if at < 0 {
		return unreadable(fmt.Errorf("message code %#x belongs to no shared protocol", code))
	}
	m := &p.matches[at]
	if limit := m.version.maxSize(); size > limit {
		return Breach("%v message %#x of %d bytes: the limit is %d", m.cap(), code-m.offset, size, limit)
	}
	return nil
}

// find returns the index of the match whose range has the code (devp2p/rlpx.md#capability-messaging), or -1.
func (p *Peer) find(code uint64) int {
	return slices.IndexFunc(p.matches, func(m match) bool {
		return code >= m.offset && code < m.offset+uint64(m.version.Length)
	})
}

// largest returns the greatest payload that any message may have.
func (p *Peer) largest() int {
	most := maxBase
	for _, m := range p.matches {
		most = max(most, m.version.maxSize())
	}
	return most
}

// receiveBase handles the messages of the base protocol: Disconnect, Ping and Pong
// (devp2p/rlpx.md#disconnect-0x01, devp2p/rlpx.md#ping-0x02). It ignores unused codes.
func (p *Peer) receiveBase(code uint64, payload []byte) error {
	switch code {
	case codePing:
		// A counter instead of a goroutine or a queue: a flood of pings costs nothing. Pings beyond maxPongs
		// share one pong.
		if p.pongs.Load() < maxPongs {
			p.pongs.Add(1)
		}
		p.Wake()
	case codeDisconnect:
		return &RemoteClose{Reason: parseDisconnect(payload)}
	}
	return nil
}

// maxPongs bounds how many pings get a pong each while the writer is busy.
const maxPongs = 16
