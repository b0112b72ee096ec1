// SPDX-License-Identifier: Apache-2.0

// in: transactions whose senders are to be recovered, from readers and from blocks · out: batches, for
// one goroutine

package txgossip

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/bounded"
)

// Bounds of what waits in the stage.
const (
	maxLine       = 512      // transactions of one peer, and one reply; then its reader waits
	maxStage      = 16_384   // transactions of all; then a reader whose peer has some waiting waits
	maxBlocks     = 64       // blocks of all
	maxBlockBytes = 32 << 20 // the same, or one block
	maxPart       = 64       // transactions in one batch, most of them known
)

// A stage holds the transactions whose senders are to be recovered, which takes longer than all else. It
// has one line per peer, for broadcasts, replies and blocks. The lines take turns, a batch each: what one
// peer sends delays others by its batch. A reader waits while its own line is full. When there are too
// many blocks, the peer with the most blocks or bytes waiting loses its last block. What waits of a peer
// that leaves goes into one line of all that left, up to its bound. Losses are counted. What waits is
// charged to the session's budget until the loop has taken it.
type stage struct {
	ready              chan struct{} // holds one token: there may be something to take
	report             func()        // has the loop look at its losses
	lostTxs, lostBlock atomic.Uint64

	mu     sync.Mutex       // guards what follows
	lines  map[enr.ID]*line // of sessions, and of blocks whose peer has none
	turns  []*line          // those that hold something, next first
	gone   *line            // of peers that left
	txs    int
	blocks int
	bytes  int // of blocks
}

// A line is what waits of one peer. The stage's mutex guards it.
type line struct {
	peer   enr.ID
	credit *credit
	meter  bounded.Meter // nil = none
	room   chan struct{} // holds one token: there may be room again
	closed bool          // the peer left, or has no session
	jobs   []job
	txs    int // of jobs
	blocks []blockBody
	bytes  int  // of blocks
	block  bool // the next turn is a block's, if there is one
}

// An arrival says how transactions came.
type arrival struct {
	at     time.Time
	by     event.Source
	via    event.Via
	reply  *listener // whose request they answer; nil = none
	credit *credit   // of the peer
}

// A job is transactions that arrived together.
type job struct {
	arrival
	all   []heard
	end   func(*machine) // after the last; may be nil
	meter bounded.Meter  // to which all is charged; nil = none
}

func charge(to bounded.Meter, n int) {
	if to != nil {
		to.Charge(n)
	}
}

func give(to bounded.Meter, n int) {
	if to != nil {
		to.Give(n)
	}
}

func newStage(report func()) *stage {
	return &stage{
		ready: make(chan struct{}, 1), report: report, lines: make(map[enr.ID]*line),
		gone: &line{credit: new(credit), closed: true},
	}
}

// open returns the line of a session.
func (s *stage) open(peer enr.ID, c *credit, meter bounded.Meter) *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &line{peer: peer, credit: c, meter: meter, room: make(chan struct{}, 1)}
	s.lines[peer] = l
	return l
}

// put adds a job of a session's reader. It waits while the line is full, and reports false if done is
// closed meanwhile.
func (s *stage) put(done <-chan struct{}, l *line, j job) bool {
	for !s.add(l, j, false) {
		select {
		case <-l.room:
		case <-done:
			return false
		}
	}
	return true
}

// add adds a job if there is room. Force is for replies, of which a peer has one at a time.
func (s *stage) add(l *line, j job, force bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !force && l.txs > 0 && (l.txs+len(j.all) > maxLine || s.txs+len(j.all) > maxStage) {
		return false
	}
	j.meter = l.meter
	charge(j.meter, heardBytes*len(j.all))
	s.push(l, j)
	return true
}

func (s *stage) push(l *line, j job) {
	s.wake(l)
	l.jobs = append(l.jobs, j)
	l.txs, s.txs = l.txs+len(j.all), s.txs+len(j.all)
}

// wake gives an empty line a turn.
func (s *stage) wake(l *line) {
	if l.empty() {
		s.turns = append(s.turns, l)
	}
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

func (l *line) empty() bool { return len(l.jobs)+len(l.blocks) == 0 }

// addBlock adds a block's transactions to the line of its peer.
func (s *stage) addBlock(b blockBody) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[b.by.Peer]
	if l == nil {
		l = &line{peer: b.by.Peer, credit: new(credit), closed: true}
		s.lines[l.peer] = l
	}
	b.meter = l.meter
	charge(b.meter, b.size)
	s.pushBlock(l, b)
	for s.blocks > maxBlocks {
		s.dropBlock(func(l *line) int { return len(l.blocks) })
	}
	for s.blocks > 1 && s.bytes > maxBlockBytes {
		s.dropBlock(func(l *line) int { return l.bytes })
	}
}

func (s *stage) pushBlock(l *line, b blockBody) {
	s.wake(l)
	l.blocks = append(l.blocks, b)
	l.bytes += b.size
	s.blocks, s.bytes = s.blocks+1, s.bytes+b.size
}

// dropBlock drops the last block of the peer that has most waiting.
func (s *stage) dropBlock(has func(*line) int) {
	most := s.turns[0]
	for _, l := range s.turns {
		if has(l) > has(most) {
			most = l
		}
	}
	s.removeBlock(most, len(most.blocks)-1)
	s.retire(most)
	if s.lostBlock.Add(1) == 1 {
		s.report()
	}
}

func (s *stage) removeBlock(l *line, i int) {
	size := l.blocks[i].size
	give(l.blocks[i].meter, size)
	l.blocks = slices.Delete(l.blocks, i, i+1)
	l.bytes -= size
	s.blocks, s.bytes = s.blocks-1, s.bytes-size
}

// retire takes an empty line out of the turns, and out of the stage if there is no session.
func (s *stage) retire(l *line) {
	if !l.empty() {
		return
	}
	l.jobs, l.blocks = nil, nil // a quiet peer holds no memory
	s.turns = slices.DeleteFunc(s.turns, func(other *line) bool { return other == l })
	if l.closed && s.lines[l.peer] == l {
		delete(s.lines, l.peer)
	}
}

// leave moves what waits of a session that has ended into the line of all that left.
func (s *stage) leave(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs, blocks := l.jobs, l.blocks
	s.txs, s.blocks, s.bytes = s.txs-l.txs, s.blocks-len(blocks), s.bytes-l.bytes
	l.jobs, l.txs, l.blocks, l.bytes, l.closed = nil, 0, nil, 0, true
	s.retire(l)
	for _, j := range jobs {
		if j.end = nil; s.gone.txs+len(j.all) > maxLine {
			s.lose(&j)
			continue
		}
		s.push(s.gone, j)
	}
	for _, b := range blocks {
		s.pushBlock(s.gone, b)
	}
}

// lose drops a job and counts its transactions.
func (s *stage) lose(j *job) {
	n := len(j.all)
	give(j.meter, heardBytes*n)
	if s.lostTxs.Add(uint64(n)) == uint64(n) { //nolint:gosec // G115: a count
		s.report()
	}
}

// drain drops what is left at the end.
func (s *stage) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.turns) > 0 {
		l := s.turns[0]
		for i := range l.jobs {
			s.lose(&l.jobs[i])
		}
		s.txs -= l.txs
		l.jobs, l.txs = nil, 0
		for len(l.blocks) > 0 {
			s.removeBlock(l, 0)
			s.lostBlock.Add(1)
		}
		s.retire(l)
	}
}
