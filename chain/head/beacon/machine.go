// SPDX-License-Identifier: Apache-2.0

// in: answers and events of beacon nodes, time · out: what to ask next, heads, states to keep · owner: Run's goroutine

package beacon

import (
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/event"
)

const (
	// staleSlots is how many slots may pass, from the one on in which the next head is due, until no head is told as a trouble.
	staleSlots = 3
	// behindSlots is how many slots a node may be behind the clock before the next node is asked.
	behindSlots = 2
	// startLimit is how long the first head may take before that is told.
	startLimit = time.Minute
)

// A machine decides what to ask of which node, and which head to believe.
type machine struct {
	cfg   Config
	nodes []node
	at    int // the node in use

	network *light.Network // nil = not known yet
	told    bool           // a node told it
	proved  bool           // a signature was verified with it
	spec    []byte         // the first half of what nodes[specOf] told
	specOf  int
	stored  []byte // state of an earlier run; nil = none, or of no use
	saved   uint64 // the slot of the head in the state that was kept last
	client  *light.Client
	singly  bool // ask for one update at a time

	begun    time.Time // of Run
	pollAt   time.Time // when a head is asked for next, unless events come
	checked  uint64    // the slot in which a finality update was last asked for
	streamed time.Time // when the stream's last event came; zero = there is no stream
	streamOf int       // the node of the stream

	lastDrop   time.Time
	badAnswers uint64
	cause      string        // why there is no head
	skew       time.Duration // how far our clock is ahead of the node's, by its last answer
	skewOf     string
	stale      bool
	troubled   bool // a trouble was told that has not ended

	believed light.Head // the last one told
	final    light.Head

	// What the loop takes after each call.
	tell  *head.Believed
	save  []byte
	fatal error
}

func newMachine(cfg Config, nodes []node, stored []byte) *machine {
	m := &machine{cfg: cfg, nodes: nodes, stored: stored, streamOf: -1}
	if len(cfg.Network.Forks) > 0 {
		m.network = &m.cfg.Network
	}
	return m
}

// A step is what the loop does next: ask, or wait until a time.
type step struct {
	ask    *ask
	wait   time.Time
	stream int // the node to have a stream of events from; -1 = none
}

// next decides what to do.
func (m *machine) next(now time.Time) step {
	if m.begun.IsZero() {
		m.begun = now
	}
	s := step{stream: -1}
	staleAt := m.checkStale(now)
	wait, ok := m.pick(now)
	if ok && m.network != nil && m.client == nil && m.stored != nil {
		m.resume(now)
		wait, ok = m.pick(now)
	}
	switch {
	case m.fatal != nil:
	case !ok:
		s.wait = wait
	case m.network == nil && m.spec != nil && m.specOf == m.at:
		s.ask = m.askFor(askGenesis)
	case m.network == nil:
		s.ask = m.askFor(askSpec)
	case m.client == nil:
		s.ask = m.askFor(askBootstrap)
	default:
		s = m.follow(now)
	}
	if s.ask == nil && !staleAt.IsZero() {
		s.wait = soonest(s.wait, staleAt)
	}
	return s
}

// follow decides about updates, polls and the stream.
func (m *machine) follow(now time.Time) step {
	n, slot := m.network, m.network.SlotAt(now)
	s := step{stream: -1}
	if !waits(now, m.nodes[m.at].stream, amnesty) {
		s.stream = m.at
	}
	due := m.pollAt
	if m.streamOf == m.at && !m.streamed.IsZero() { // events come: a poll is for when they do not
		due = later(due, m.streamed.Add(2*m.slots(1)))
	}
	switch {
	case m.client.Wants() < n.PeriodOf(slot):
		s.ask = m.askUpdates(m.client.Wants(), n.PeriodOf(slot))
	case waits(now, due, 3*m.slots(1)):
		s.wait = due
	case m.checked < slot && slot >= m.client.Finalized().Slot+3*n.Preset.SlotsPerEpoch: // a later block is due to be finalized
		m.checked = slot
		s.ask = m.askFor(askFinality)
	default:
		s.ask = m.askFor(askOptimistic)
	}
	return s
}

// slots returns how long slots take.
func (m *machine) slots(n uint64) time.Duration {
	return time.Duration(n*m.network.SecondsPerSlot) * time.Second
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// believe tells the head if it is news and recent: an old block that a node repeats is proved, but is not the head.
func (m *machine) believe(now time.Time) {
	h, f := m.client.Head(), m.client.Finalized()
	slot := m.network.SlotAt(now)
	if h == m.believed && f == m.final || h.Votes == 0 || h.Hash.IsZero() || h.Slot+m.network.Preset.SlotsPerEpoch < slot {
		return
	}
	m.believed, m.final = h, f
	m.tell = &head.Believed{
		Ref: chain.Ref{Number: h.Number, Hash: h.Hash}, Finalized: chain.Ref{Number: f.Number, Hash: f.Hash},
		By: event.HeadByLight, Proved: true, Lag: m.network.Lag(h.Slot), At: now,
	}
	m.cause = ""
	if m.troubled && now.Before(m.dueAt()) {
		m.stale = false
		m.trouble(now, "heads are proved again, by "+m.nodes[m.at].name, true)
	}
}

// dueAt returns when the next head is late enough to be told.
func (m *machine) dueAt() time.Time {
	if m.believed.Slot == 0 {
		return m.begun.Add(startLimit)
	}
	return m.network.TimeOf(m.believed.Slot + 2 + staleSlots)
}

// checkStale tells once that no head is proved. It returns when to look again.
func (m *machine) checkStale(now time.Time) (next time.Time) {
	if due := m.dueAt(); now.Before(due) {
		return due
	}
	if !m.stale {
		m.stale = true
		m.trouble(now, m.whyStale(now), false)
	}
	return time.Time{}
}

// whyStale says for how long there was no head, what the last problem was, and whether the clock may be the reason.
func (m *machine) whyStale(now time.Time) string {
	text := "no head is proved yet"
	if m.believed.Slot > 0 {
		text = "no head is proved for " + now.Sub(m.network.TimeOf(m.believed.Slot+1)).Truncate(time.Second).String()
	}
	if m.cause != "" {
		text += "; " + m.cause
	} else {
		text += "; the beacon nodes have nothing newer"
	}
	if s := m.skew.Truncate(time.Second); s.Abs() >= maxSkew {
		way := "ahead of"
		if s < 0 {
			way = "behind"
		}
		text += "; this machine's clock is " + s.Abs().String() + " " + way + " that of " + m.skewOf + ": one of them is wrong"
	}
	return text
}

// maxSkew is a difference of clocks that is worth a word.
const maxSkew = 3 * time.Second

func (m *machine) trouble(now time.Time, text string, over bool) {
	m.troubled = !over
	m.cfg.Record.Record(event.Trouble{At: event.At{Time: now}, Where: event.TroubleBeacon, Err: text, Over: over})
}
