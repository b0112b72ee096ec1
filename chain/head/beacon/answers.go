// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"errors"
	"fmt"
	"time"

	"github.com/ethpeer/ethpeer/chain/light"
)

// onAnswer takes the answer to what next asked.
func (m *machine) onAnswer(now time.Time, a *ask, r answer) {
	if !r.date.IsZero() {
		m.skew, m.skewOf = now.Sub(r.date), m.nodes[a.node].name
	}
	err := r.err
	if err == nil {
		err = m.take(now, a, r.body)
	}
	switch {
	case err == nil:
		if a.kind >= askUpdates { // a node that only tells facts and begins is not one that works
			m.nodes[a.node].failures = 0
		}
		m.singly = m.singly && a.kind == askUpdates
	case a.kind == askUpdates && a.count > 1 && !provedBad(err):
		m.singly = true // one missing period fails the whole range
		m.note(a.node, err)
	case a.kind == askFinality && !provedBad(err):
		m.note(a.node, err) // a young chain has none; the poll that follows shows whether the node works
	default:
		m.refuse(now, a.node, err, a.kind == askOptimistic)
	}
	if a.kind == askOptimistic {
		m.afterPoll(now, a.node, err == nil)
	}
}

// note remembers why there may be no head.
func (m *machine) note(at int, err error) { m.cause = m.nodes[at].name + ": " + err.Error() }

// refuse decides what an answer that was not taken means for its node. newest says that it was of the newest block.
func (m *machine) refuse(now time.Time, at int, err error, newest bool) {
	e, ok := errors.AsType[*light.Error](err)
	switch {
	case ok && m.told && !m.proved && (e.Proof() || e.Why == light.UnknownFork):
		m.forget() // what a node told of the network may be the lie
		m.failed(now, at, err)
	case ok && e.Proof():
		m.bad(now, at, err)
	case ok && newest && e.Why == light.TooFewVotes:
		m.note(at, err) // the node is right: the committee did not sign
	case ok && newest && e.Why == light.Gap:
		// A period has ended: its update comes first.
	default:
		m.failed(now, at, err)
	}
}

func provedBad(err error) bool {
	e, ok := errors.AsType[*light.Error](err)
	return ok && e.Proof()
}

// forget forgets what a node told of the network, and all that rests on it.
func (m *machine) forget() {
	m.network, m.told, m.spec, m.client = nil, false, nil, nil
}

// take reads an answer.
func (m *machine) take(now time.Time, a *ask, body []byte) error {
	switch a.kind {
	case askSpec:
		m.spec, m.specOf = body, a.node
		return nil
	case askGenesis:
		return m.learnNetwork(body)
	case askBootstrap:
		return m.start(now, body)
	case askUpdates:
		list, err := light.ParseUpdates(body, int(a.count))
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("no update of period %d", m.client.Wants())
		}
		if err != nil {
			return err
		}
		return m.catchUp(now, list)
	}
	return m.update(now, body)
}

// learnNetwork takes the second half of what a node tells of the network.
func (m *machine) learnNetwork(genesis []byte) error {
	n, err := light.ParseFacts(m.spec, genesis)
	m.spec = nil
	if err != nil {
		return err
	}
	m.network, m.told, m.proved = &n, true, false
	return nil
}

// start begins at the checkpoint.
func (m *machine) start(now time.Time, body []byte) error {
	b, err := light.ParseBootstrap(body)
	if err != nil {
		return err
	}
	c, err := light.Start(m.network, m.cfg.Checkpoint, b)
	if err != nil {
		return err
	}
	if slot := c.Head().Slot; slot > m.network.SlotAt(now) {
		return fmt.Errorf("the checkpoint is of slot %d, and by this machine's clock it is slot %d: set the clock", slot, m.network.SlotAt(now))
	}
	return m.begin(now, c, false)
}

// begin takes a client if it is recent enough.
func (m *machine) begin(now time.Time, c *light.Client, stored bool) error {
	slot := c.Head().Slot
	if age := now.Sub(m.network.TimeOf(slot)); age > MaxCheckpointAge && !m.cfg.AnyAge {
		err := &TooOldError{Slot: slot, Age: age, Stored: stored}
		if !m.told || c.Head().Number > 0 { // else a node may have told a false genesis time, which the block's own time does not refute
			m.fatal = err
		}
		return err
	}
	m.client = c
	if !stored {
		m.save = c.AppendState(nil)
	}
	return nil
}

// resume goes on from the state of an earlier run, unless the operator names another checkpoint.
func (m *machine) resume(now time.Time) {
	c, err := light.Resume(m.network, m.stored)
	another := err == nil && !m.cfg.Checkpoint.IsZero() && c.Checkpoint() != m.cfg.Checkpoint
	if err == nil && !another {
		err = m.begin(now, c, true)
	}
	switch {
	case err == nil && !another:
	case !m.cfg.Checkpoint.IsZero():
		m.stored = nil // the checkpoint serves
		m.fatal = nil
		return
	case m.told:
		m.forget()
		m.failed(now, m.at, err)
		return
	default:
		m.fatal = errors.Join(err, ErrNoCheckpoint)
	}
}

// catchUp applies the updates of closed periods.
func (m *machine) catchUp(now time.Time, list []*light.Update) error {
	before := m.client.Wants()
	for _, u := range list {
		if err := m.apply(now, u); err != nil {
			return err
		}
	}
	if m.client.Wants() == before {
		return fmt.Errorf("the update of period %d has no committee for the period after it", before)
	}
	return nil
}

// update applies an optimistic or a finality update.
func (m *machine) update(now time.Time, body []byte) error {
	u, err := light.ParseUpdate(body)
	if err != nil {
		return err
	}
	return m.apply(now, u)
}

func (m *machine) apply(now time.Time, u *light.Update) error {
	ch, err := m.client.Apply(u, m.network.SlotAt(now))
	if err != nil {
		return err
	}
	m.proved = m.proved || ch != (light.Change{})
	m.keep(ch)
	m.believe(now)
	return nil
}

// keep has the state kept when it has a new committee or finalized block, or a head that is an epoch later.
func (m *machine) keep(ch light.Change) {
	at := m.client.Head().Slot
	if ch.Committee || ch.Finalized || at >= m.saved+m.network.Preset.SlotsPerEpoch {
		m.save, m.saved = m.client.AppendState(nil), at
	}
}

// afterPoll goes to the next node if the one that was polled has nothing recent. When all were polled, the slot is done.
func (m *machine) afterPoll(now time.Time, at int, ok bool) {
	if m.client == nil {
		return
	}
	slot := m.network.SlotAt(now)
	m.nodes[at].tried = slot + 1
	m.pollAt = m.network.TimeOf(slot + 1).Add(m.slots(1) / 3)
	if m.client.Head().Slot+behindSlots >= slot {
		return
	}
	if ok {
		if m.cause == "" {
			m.cause = fmt.Sprintf("%s has nothing newer than slot %d, and the clock is in slot %d", m.nodes[at].name, m.client.Head().Slot, slot)
		}
		m.leave(at)
	}
	for i := range m.nodes {
		if n := &m.nodes[i]; !n.dropped && n.tried <= slot {
			m.pollAt = now // ask that one, too
		}
	}
}

// onEvent takes an event of the stream of a node.
func (m *machine) onEvent(now time.Time, at int, data []byte) {
	if m.client == nil || m.nodes[at].dropped {
		return
	}
	m.streamOf = at
	if err := m.update(now, data); err != nil {
		m.refuse(now, at, err, true)
		return
	}
	if m.client.Head().Slot+behindSlots >= m.network.SlotAt(now) {
		m.streamed, m.nodes[at].failures = now, 0
	}
}

// onStream notes that a node has a stream, from which events may come.
func (m *machine) onStream(now time.Time, at int) { m.streamOf, m.streamed = at, now }

// onStreamEnd notes that a stream has ended, or was not there.
func (m *machine) onStreamEnd(now time.Time, at int, refused bool) {
	if at == m.streamOf {
		m.streamOf, m.streamed = -1, time.Time{}
	}
	wait := streamWait
	if refused {
		wait = amnesty
	}
	m.nodes[at].stream = now.Add(wait)
}
