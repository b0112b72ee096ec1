// SPDX-License-Identifier: Apache-2.0

package sink

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// A peer announces 98,304 hashes of nothing while the reader of the output pauses: a tx line
// for each. Heads, blocks and peers that come after them have their lines all the same, in
// order, and what was dropped is counted by kind.
func TestAFloodOfTransactionsLeavesRoomForTheRest(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const flood = 3 * 32_768
		g := newGate()
		q := New(time.Now(), nil)
		done := start(q, g, losses{})
		q.Record(event.Head{Number: 1})
		synctest.Wait() // the writer waits for the reader
		for range flood {
			q.Record(event.Tx{})
		}
		if n, want := q.Waiting(), Bound-Bound/event.ReserveShare; n != want {
			t.Errorf("%d events wait after the flood, want %d of %d", n, want, Bound)
		}
		q.Record(event.Head{Number: 2})
		q.Record(event.Tx{})
		q.Record(event.Block{})
		q.Record(event.Peer{})
		close(g.open)
		q.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		text := g.text()
		kept := Bound - Bound/event.ReserveShare
		if n := strings.Count(text, "tx\n"); n != kept {
			t.Errorf("%d tx lines, want %d", n, kept)
		}
		rest := strings.ReplaceAll(text, "tx\n", "")
		want := fmt.Sprintf("head 1\n%d tx lost\nhead 2\n1 tx lost\nblock\npeer\nsummary [{output %d}]\n", flood-kept, flood-kept+1)
		if rest != want {
			t.Errorf("beside the tx lines %q, want %q", rest, want)
		}
	})
}

// losses is plain, with the kind of what was lost.
type losses struct{}

func (losses) Append(dst []byte, e event.Event) []byte {
	switch e := e.(type) {
	case event.Loss:
		return fmt.Appendf(dst, "%d %s lost\n", e.Count, e.Of)
	case event.Summary:
		return fmt.Appendf(dst, "summary %v\n", e.Lost)
	}
	return plain{}.Append(dst, e)
}
