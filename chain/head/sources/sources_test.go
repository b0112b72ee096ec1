// SPDX-License-Identifier: Apache-2.0

package sources

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/types"
)

// A speaker is a source that names block after block, one in each slot, until it has named them all.
type speaker struct {
	by   string
	last uint64
	err  error // then it returns this; nil = it is silent
}

func (s speaker) Run(ctx context.Context, believe func(head.Believed)) error {
	for n := uint64(1); n <= s.last; n++ {
		believe(head.Believed{Ref: chain.Ref{Number: n, Hash: types.Hash{byte(n)}}, By: s.by})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(head.DefaultSlot):
		}
	}
	if s.err != nil {
		return s.err
	}
	<-ctx.Done()
	return nil
}

func TestSourcesRun(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var lines []string
		note := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
		began := time.Now()
		s := New(Config{
			Policy: head.Policy{Sources: []string{event.HeadByEngine, event.HeadByLight}, Record: func(e event.Event) {
				trouble := e.(event.Trouble)
				note("%v %s over %v", trouble.Time.Sub(began), trouble.Where, trouble.Over)
			}},
			Sources: []Source{speaker{by: event.HeadByEngine, last: 2}, speaker{by: event.HeadByLight, last: 4}},
			Changed: func(h head.Selected) { note("%v %d by %s stale %v", h.At.Sub(began), h.Number, h.By, h.Stale) },
		})
		if _, ok := s.Head(); ok {
			t.Error("there is a head before Run")
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := s.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Run returned %v", err)
			}
		})
		time.Sleep(time.Hour) // in a bubble
		s.Believe(head.Believed{Ref: chain.Ref{Number: 9, Hash: types.Hash{9}}, By: event.HeadByEngine})
		synctest.Wait()
		if h, ok := s.Head(); !ok || h.Number != 9 || h.Stale {
			t.Errorf("head %+v, %v", h, ok)
		}
		cancel()
		running.Wait()
		want := []string{
			"0s 1 by engine stale false", "12s 2 by engine stale false",
			"48s engine over false", "36s 4 by light stale false",
			"1m12s light over false", "36s 4 by light stale true",
			"1h0m0s engine over true", "1h0m0s 9 by engine stale false",
		}
		// Which of two sources is heard first at 0 s and at 12 s is not determined.
		lines = slices.DeleteFunc(lines, func(s string) bool {
			return strings.Contains(s, "by light") && strings.HasSuffix(s, "false") && !strings.HasPrefix(s, "36s")
		})
		if !slices.Equal(lines, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	})
}

// A source that cannot go on ends all.
func TestSourceFails(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		broken := errors.New("the port is in use")
		s := New(Config{Sources: []Source{Fixed{Hash: types.Hash{7}}, speaker{by: event.HeadByEngine, err: broken}}})
		if err := s.Run(t.Context()); !errors.Is(err, broken) {
			t.Errorf("Run returned %v", err)
		}
	})
}

// Any number of posts while Run does not take them leave one head for each source.
func TestPostsAreBounded(t *testing.T) {
	s := New(Config{})
	for n := range uint64(10_000) {
		s.Believe(head.Believed{Ref: chain.Ref{Number: n}, By: event.HeadByPeers})
		s.Believe(head.Believed{Ref: chain.Ref{Number: n}, By: event.HeadByEngine})
	}
	all := s.waiting.take()
	if len(all) != 2 || all[0].Number != 9999 || all[1].Number != 9999 || len(s.waiting.take()) != 0 {
		t.Errorf("%d heads wait: %+v", len(all), all)
	}
}
