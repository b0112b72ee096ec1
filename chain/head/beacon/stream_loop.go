// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxEvents  = 16              // that wait for Run; the oldest is dropped
	streamIdle = 2 * time.Minute // after which a stream without a byte of an event is left
)

// A letter is what the reader of a stream tells Run.
type letter struct {
	number  int // of the stream
	opened  bool
	data    []byte
	end     bool
	refused bool // the node has no such stream
}

// A stream reads the events of one node on a goroutine of its own. Run's goroutine owns it, except for letters
// and dropped.
type stream struct {
	client  *http.Client
	letters chan letter
	dropped atomic.Uint64

	of     int // the node; -1 = none
	number int
	cancel context.CancelFunc
}

// start opens the stream of a node.
func (s *stream) start(ctx context.Context, readers *sync.WaitGroup, of int, base string) {
	s.of = of
	s.number++
	ctx, s.cancel = context.WithCancel(ctx)
	number := s.number
	readers.Go(func() {
		err := s.read(ctx, base+eventsPath, number)
		s.put(letter{number: number, end: true, refused: errors.Is(err, errNoStream)})
	})
}

func (s *stream) stop() {
	if s.of >= 0 {
		s.cancel()
		s.of = -1
	}
}

var errNoStream = errors.New("beacon: no stream of events")

// read reads events until the stream ends, is silent for streamIdle, or ctx ends.
func (s *stream) read(ctx context.Context, address string, number int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := time.AfterFunc(streamIdle, cancel)
	defer idle.Stop()
	res, err := get(ctx, s.client, address, "text/event-stream")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 == 4 || res.StatusCode == http.StatusOK && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return errNoStream
	}
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	s.put(letter{number: number, opened: true})
	return readEvents(res.Body, func(data []byte) {
		idle.Reset(streamIdle)
		s.put(letter{number: number, data: data})
	})
}

// put queues a letter. If there is no room, the oldest makes room: the newest event has the newest head.
func (s *stream) put(l letter) {
	for {
		select {
		case s.letters <- l:
			return
		default:
		}
		select {
		case <-s.letters:
			s.dropped.Add(1)
		default:
		}
	}
}
