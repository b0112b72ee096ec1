// SPDX-License-Identifier: Apache-2.0

package light

import "fmt"

// A Reason says why an answer was refused.
type Reason string

// The reasons. Proof says which of them no honest beacon node gives cause for.
const (
	Malformed   Reason = "malformed"    // not the shape of its fork: a missing part, a wrong length, slots out of order
	BadBranch   Reason = "branch"       // a Merkle branch does not lead to the root that it is of
	BadVotes    Reason = "signature"    // the sync committee's signature is not of this block
	BadTime     Reason = "time"         // the execution block's time is not that of its slot
	Conflict    Reason = "conflict"     // a second, different committee for one period, signed as the first was
	TooFewVotes Reason = "votes"        // less than two thirds of the committee signed
	Future      Reason = "future"       // signed in a slot that has not begun, by the clock
	Gap         Reason = "gap"          // signed by a committee that is not known yet: the updates before it come first
	UnknownFork Reason = "unknown fork" // a fork that this version has no rules for
)

// An Error says why an answer was refused. Nothing changed.
type Error struct {
	Why    Reason
	Detail string
}

// Error names the reason and the detail.
func (e *Error) Error() string { return "light: " + string(e.Why) + ": " + e.Detail }

// Proof reports whether the answer proves by itself that it did not come from an honest beacon node of
// this network over an intact connection. The others may be the fault of clocks, of a wait, or of the network.
func (e *Error) Proof() bool {
	switch e.Why {
	case Malformed, BadBranch, BadVotes, BadTime, Conflict:
		return true
	}
	return false
}

func fail(why Reason, format string, args ...any) error {
	return &Error{Why: why, Detail: fmt.Sprintf(format, args...)}
}
