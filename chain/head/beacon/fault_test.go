// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// bomb is 64 MiB of spaces, compressed.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(bytes.Repeat([]byte(" "), 64<<20))
	z.Close()
	return b.Bytes()
})

// faults are ways in which a beacon node, or what is before it, fails. None is a proof of a lie.
var faults = map[string]func(http.ResponseWriter, *http.Request, []byte) bool{
	"500":      fail(500),
	"404":      fail(404),
	"200 html": fail(200),
	"redirect": func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if w.Header().Get("Content-Type") == "" {
			http.Redirect(w, r, "http://evil/", http.StatusFound)
		}
		return true
	},
	"silence": func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		<-r.Context().Done()
		return true
	},
	"a slow body": func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		for i := range body {
			if _, err := w.Write(body[i : i+1]); err != nil || r.Context().Err() != nil {
				return true
			}
			w.(http.Flusher).Flush()
			time.Sleep(time.Second) // in a bubble
		}
		return true
	},
	"a cut body": func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
		w.Write(body)
		return true
	},
	"half an answer": func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		w.Write(body[:len(body)/2])
		return true
	},
	"nothing": func(http.ResponseWriter, *http.Request, []byte) bool { return true },
	"a large answer": func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		w.Write(body[:len(body)-1])
		w.Write(bytes.Repeat([]byte(" "), maxUpdates))
		w.Write([]byte("}"))
		return true
	},
	"a large answer, compressed": func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb())
		return true
	},
	"gzip that is none": func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(body)
		return true
	},
	"an empty list": func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.Write([]byte("[]"))
		return true
	},
}

// TestFaults: while the first node fails, from the start or later, the second one serves; alone it makes no head and is
// told once; when it works again, there are heads again.
func TestFaults(t *testing.T) {
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			if bubble.Race && !slices.Contains([]string{"500", "silence", "a cut body"}, name) {
				t.Skip("three kinds are enough with the race detector")
			}
			inWorld(t, "ab", func(w *world) {
				w.fault("a", f)
				w.run()
				w.wait(6)
				w.current("with b")
				w.fault("b", f)
				w.wait(30)
				before := w.last()
				if said := w.said(); len(said) != 1 || !strings.Contains(said[0], "no head is proved for ") {
					t.Errorf("%q", said)
				}
				if !w.follower.Status().Stale {
					t.Error("not stale")
				}
				w.fault("a", nil)
				w.wait(6)
				w.current("with a")
				if said := w.said(); len(said) != 1 || !strings.HasPrefix(said[0], "over: ") || w.last() == before {
					t.Errorf("%q", said)
				}
				if s := w.follower.Status(); s.Dropped != 0 || s.Bad != 0 || s.Stale {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestCompressedAnswers: what a node compresses is read.
func TestCompressedAnswers(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.hosts["a"].node.NoEvents = true
		w.fault("a", func(w http.ResponseWriter, r *http.Request, body []byte) bool {
			if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || strings.HasSuffix(r.URL.Path, "/events") {
				return false
			}
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			z.Write(body)
			z.Close()
			return true
		})
		w.run()
		w.wait(5)
		w.current("compressed")
	})
}

// TestUpdatesOneByOne: a node that answers a range of updates with an error is asked for one at a time.
func TestUpdatesOneByOne(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.fault("a", func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.HasSuffix(r.URL.Path, "/updates") && r.URL.Query().Get("count") != "1" {
				panic(http.ErrAbortHandler)
			}
			return false
		})
		w.run()
		w.wait(2)
		w.current("one by one")
	})
}

// TestStoppedNode: within four slots of the first missing head of a stopped node there is one trouble. When
// the node is started again, there are heads and one end of the trouble.
func TestStoppedNode(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		w.run()
		w.wait(10)
		w.down("a")
		w.wait(staleSlots - 1)
		if said := w.said(); len(said) != 0 || w.follower.Status().Stale {
			t.Errorf("too early: %q", said)
		}
		w.wait(2)
		if said := w.said(); len(said) != 1 || !strings.Contains(said[0], "no head is proved for ") || !strings.Contains(said[0], "http://a") {
			t.Errorf("%q", said)
		}
		w.wait(50)
		if said := w.said(); len(said) != 0 {
			t.Errorf("%q", said)
		}
		w.up("a")
		w.wait(3)
		w.current("started again")
		if said := w.said(); len(said) != 1 || said[0] != "over: heads are proved again, by http://a" {
			t.Errorf("%q", said)
		}
	})
}

// TestLateNode: a node whose newest block is more than two slots old is left for the next one.
func TestLateNode(t *testing.T) {
	inWorld(t, "ab", func(w *world) {
		node := w.hosts["a"].node
		node.NoEvents = true
		frozen := w.now()
		node.Slot = func() uint64 { return frozen }
		w.run()
		for range 20 {
			w.wait(1)
			if w.last()+3 < w.now() {
				t.Fatalf("a is frozen: head %d in slot %d", w.last(), w.now())
			}
		}
		w.current("with b")
		if said := w.said(); said != nil || w.follower.Status().Node != "http://b" {
			t.Errorf("%q", said)
		}
	})
}

// TestOldBlocksAreNoHead: a node that repeats old updates, alone, makes no head of them; it is no liar either.
func TestOldBlocksAreNoHead(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		frozen := w.now() - 20
		w.hosts["a"].node.Slot = func() uint64 { return frozen }
		w.run()
		w.wait(20)
		if n := len(w.told()); n != 0 {
			t.Errorf("%d heads", n)
		}
		if said := w.said(); len(said) != 1 || !strings.Contains(said[0], "no head is proved yet") {
			t.Errorf("%q", said)
		}
		if s := w.follower.Status(); s.Bad != 0 || !s.Stale {
			t.Errorf("%+v", s)
		}
		w.hosts["a"].node.Change(func(n *beacon.Node) { n.Slot = nil })
		w.wait(3)
		w.current("in sync")
	})
}

// TestTooFewVotes: without two thirds of the committee there is no head, and no node is blamed.
func TestTooFewVotes(t *testing.T) {
	inWorld(t, "a", func(w *world) {
		from, to := w.now()+5, w.now()+25
		w.hosts["a"].node.Chain.Votes = func(slot uint64) int {
			if slot >= from && slot < to {
				return 5
			}
			return 8
		}
		w.run()
		w.wait(20)
		if last := w.last(); last != from-1 {
			t.Errorf("head %d, want %d", last, from-1)
		}
		if said := w.said(); len(said) != 1 || !strings.Contains(said[0], "5 of 8 signed, less than two thirds") {
			t.Errorf("%q", said)
		}
		w.wait(8)
		w.current("votes again")
		if s := w.follower.Status(); s.Bad != 0 || s.Dropped != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestForeignCommittee: a node of a chain with other keys is dropped, reported and counted, and the other
// node serves. If it is the only node, it is asked again after an hour.
func TestForeignCommittee(t *testing.T) {
	inWorld(t, "ab", func(w *world) {
		w.down("b")
		w.run()
		w.wait(4)
		w.foreign("a")
		w.wait(2)
		w.up("b")
		w.wait(20)
		w.current("with b")
		said := w.said()
		if len(said) != 2 || !strings.Contains(said[0], "http://a gave a bad answer: light: signature") || !strings.HasSuffix(said[0], ": it is not asked again") || !strings.HasPrefix(said[1], "over:") {
			t.Errorf("%q", said)
		}
		if s := w.follower.Status(); s.Bad != 1 || s.Dropped != 1 || s.Node != "http://b" {
			t.Errorf("%+v", s)
		}
		w.foreign("b")
		w.wait(20)
		before := w.last()
		if said := w.said(); len(said) != 2 || !strings.Contains(said[0], "no beacon node is left; they are asked again in 1h0m0s") || !strings.Contains(said[1], "no head is proved for") {
			t.Errorf("%q", said)
		}
		w.fault("b", nil)
		w.wait(200)
		if w.last() != before {
			t.Error("a dropped node was asked")
		}
		w.wait(110)
		w.current("after an hour")
		if said := w.said(); len(said) < 1 || !strings.HasPrefix(said[len(said)-1], "over:") {
			t.Errorf("%q", said)
		}
	})
}

// foreign makes a node answer as one of a chain with other keys and the same beginning.
func (w *world) foreign(name string) {
	other := beacon.New(w.config)
	for p := other.Period(w.now()); p < other.Period(w.now())+10; p++ {
		other.Rotate(p, "foreign")
	}
	node := &beacon.Node{Chain: other}
	w.fault(name, func(rw http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.URL.Path == "/eth/v1/events" {
			return false
		}
		node.ServeHTTP(rw, r)
		return true
	})
	w.hosts[name].node.Change(func(n *beacon.Node) { n.NoEvents = true })
	w.hosts[name].server.Close()
	w.hosts[name].serving.Wait()
	w.up(name)
}

// TestWrongClock: with a clock that is an hour early or late there is no head, and the difference is
// reported. When the clock is right there are heads.
func TestWrongClock(t *testing.T) {
	for _, wrong := range []time.Duration{time.Hour, -time.Hour} {
		inWorld(t, "a", func(w *world) {
			var off atomic.Int64
			off.Store(int64(wrong))
			w.cfg.Now = func() time.Time { return time.Now().Add(time.Duration(off.Load())) }
			w.run()
			w.wait(20)
			way := "1h0m0s ahead of"
			if wrong < 0 {
				way = "1h0m0s behind"
			}
			if said := w.said(); len(said) != 1 || !strings.Contains(said[0], "this machine's clock is "+way) {
				t.Errorf("%q", said)
			}
			w.mu.Lock()
			told := len(w.heads)
			w.mu.Unlock()
			if told != 0 {
				t.Errorf("%v: %d heads", wrong, told)
			}
			off.Store(0)
			w.wait(10)
			if w.last()+2 < w.now() || w.follower.Status().Dropped != 0 {
				t.Errorf("the clock is right: head %d in slot %d; %q", w.last(), w.now(), w.said())
			}
		})
		if bubble.Race { // one of the two clocks is enough with the race detector
			break
		}
	}
}
