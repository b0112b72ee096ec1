// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// A Config says what a [Chain] is made of. Params is required.
type Config struct {
	Params  *params.Chain // the chain does not change it, and neither must the caller
	Store   Store         // nil: a new [Memory]; [Chain.Close] closes it
	History History
	Seals   Seals          // nil: proofs of work are not checked
	Record  event.Recorder // hears of a dead store and of side blocks that were dropped

	// Choose returns a number in [0, n), at random: which headers of a batch have their proof of work checked.
	// Nil: math/rand/v2.
	Choose func(n int) int
}

// Seals checks proofs of work. Any goroutine may call it.
type Seals interface {
	// Check returns a *rules.Error for a header without its work, and waits until that can be told. Another
	// error says that it cannot.
	Check(h *types.Header) error
}

// History says how much of the past is kept: a number of recent blocks, or one of the constants.
type History int64

// Values of [History] beside a number of blocks. Headers are all kept, except in memory by default and with a
// number.
const (
	HistoryDefault History = 0  // in memory the last 1,024 headers, bodies and receipts; otherwise all headers and 2,048 of the others
	HistoryHeaders History = -1 // all headers, and nothing else
	HistoryFull    History = -2 // everything
)

// What [HistoryDefault] keeps.
const (
	DefaultInMemory = 1024
	DefaultOnDisk   = 2048
)

// ParseHistory reads "headers", "full" or a number of blocks, at least 1.
func ParseHistory(s string) (History, error) {
	switch s {
	case "headers":
		return HistoryHeaders, nil
	case "full":
		return HistoryFull, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("history %q is neither headers, full, nor a number of blocks from 1 on", s)
	}
	return History(n), nil
}

// String returns what [ParseHistory] reads, or "default".
func (h History) String() string {
	switch {
	case h == HistoryHeaders:
		return "headers"
	case h == HistoryFull:
		return "full"
	case h <= 0:
		return "default"
	}
	return strconv.FormatInt(int64(h), 10)
}

// keep is how many recent headers and bodies are kept; all is 2^64-1.
type keep struct{ headers, bodies uint64 }

const all = ^uint64(0)

func (h History) keep(inMemory bool) keep {
	switch {
	case h == HistoryHeaders:
		return keep{all, 0}
	case h == HistoryFull:
		return keep{all, all}
	case h > 0 && inMemory:
		return keep{uint64(h), uint64(h)}
	case h > 0:
		return keep{all, uint64(h)}
	case inMemory:
		return keep{DefaultInMemory, DefaultInMemory}
	}
	return keep{all, DefaultOnDisk}
}

// floor returns the lowest number of the last n up to head.
func floor(head, n uint64) uint64 {
	switch {
	case n == 0:
		return saturate(head)
	case n > head:
		return 0
	}
	return head - n + 1
}

// saturate returns the number after n, or the last one.
func saturate(n uint64) uint64 {
	if n == all {
		return n
	}
	return n + 1
}

// What a [Chain] refuses without a fault of whoever sent it. Match with errors.Is. A fault is a *rules.Error, or an
// *rlp.Error of bytes that are no header or body. ErrFuture is another of these.
var (
	ErrUnknownParent = errors.New("the parent is not held")
	ErrUnknownBlock  = errors.New("the block's header is not held")
	ErrNotKept       = errors.New("the block is older than what the history keeps")
	ErrMoved         = errors.New("the gap is elsewhere by now")
	ErrFinal         = errors.New("the block contradicts a finalized one")
	ErrNoGap         = errors.New("there is no gap")
)

// A ForeignError says that a store is of another chain.
type ForeignError struct {
	Held, Want               string // names
	HeldGenesis, WantGenesis types.Hash
}

// Error implements error.
func (e *ForeignError) Error() string {
	return fmt.Sprintf("the store holds the chain %s (genesis block %v), not %s (%v); choose another data directory, or the chain %s",
		e.Held, e.HeldGenesis, e.Want, e.WantGenesis, e.Held)
}

// A DamagedError says that what is in a store cannot be a chain.
type DamagedError struct{ Why string }

// Error implements error.
func (e *DamagedError) Error() string { return "the chain's store is damaged: " + e.Why }
