// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"time"

	"github.com/ethpeer/ethpeer/enr"
)

// When a node may be dialled again.
const (
	// redialAfter counts from a dial's beginning. It is longer than the 30 s for which
	// Ethereum's clients turn away a source that comes back.
	redialAfter = 35 * time.Second
	// redialMost bounds the wait of a static node, whatever the node did: the operator wants it.
	redialMost = 5 * time.Minute
	// redialOffset is added for nodes whose ID is below ours. Two nodes that dial each other at the same time
	// both refuse with "already connected" (devp2p/rlpx.md#disconnect-0x01); without the offset they could
	// repeat that for ever.
	redialOffset = time.Second

	historyTable = 16 << 10 // nodes not to dial yet; beyond it the oldest is forgotten
)

// A cooldown is the time in which a node is not dialled.
type cooldown struct {
	until   time.Time
	dialled time.Time // when its last dial began; zero = not since the program began
}

func (d *dialer) leaveAlone(now time.Time, id enr.ID, wait time.Duration) {
	d.forget(now)
	until := now.Add(wait)
	if bytes.Compare(id[:], d.self[:]) < 0 {
		until = until.Add(redialOffset)
	}
	old, _ := d.history.Get(id)
	if old.until.After(until) {
		return
	}
	d.history.Delete(id) // to put it last
	d.history.Put(id, cooldown{until: until, dialled: old.dialled})
}

// bringForward ends a node's wait at soon, if it would last longer.
func (d *dialer) bringForward(id enr.ID, soon time.Time) {
	if old, _ := d.history.Get(id); old.until.After(soon) {
		d.history.Delete(id) // to put it last
		d.history.Put(id, cooldown{until: soon, dialled: old.dialled})
	}
}

// forget drops expired entries from the beginning of the history.
func (d *dialer) forget(now time.Time) {
	for {
		var first enr.ID
		over := false
		for id, c := range d.history.All() {
			first, over = id, !now.Before(c.until)
			break
		}
		if !over {
			return
		}
		d.history.Delete(first)
	}
}

func (d *dialer) notBefore(id enr.ID) time.Time {
	c, _ := d.history.Get(id)
	return c.until
}
