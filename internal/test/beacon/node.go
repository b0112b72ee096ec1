// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Node serves the light client API of a chain, as a beacon node does that has all blocks up to the clock's slot.
type Node struct {
	Chain *Chain // the node owns it

	// What follows is changed with Change while the node serves.

	// Fault may answer a request instead of the node, and says so. body is what the node would answer. nil = never.
	Fault func(w http.ResponseWriter, r *http.Request, body []byte) bool
	// Slot returns the slot of the node's newest block; nil = that of the clock.
	Slot func() uint64
	// NoEvents makes the node have no stream of events.
	NoEvents bool

	mu    sync.Mutex // guards what follows, and Chain
	asked []string
}

// Asked returns the paths that were asked for, with their queries. The caller owns the slice.
func (n *Node) Asked() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string{}, n.asked...)
}

// Change calls f, which may change the node's fields, while no request is looked at.
func (n *Node) Change(f func(n *Node)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(n)
}

func (n *Node) slot() uint64 {
	if n.Slot != nil {
		return n.Slot()
	}
	return (uint64(time.Now().Unix()) - n.Chain.Genesis) / n.Chain.SecondsPerSlot
}

// ServeHTTP answers one request.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	n.asked = append(n.asked, r.URL.RequestURI())
	body, ok := n.answer(r, n.slot())
	fault, noEvents := n.Fault, n.NoEvents
	n.mu.Unlock()
	events := r.URL.Path == "/eth/v1/events"
	switch {
	case fault != nil && fault(w, r, body):
	case events && noEvents, !ok && !events:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `{"statusCode":500,"error":"Internal Server Error","message":"%s"}`, body)
	case events:
		n.stream(w, r)
	default:
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}
}

// answer returns what the node has for a path, and false with a message if it has nothing.
func (n *Node) answer(r *http.Request, slot uint64) ([]byte, bool) {
	c := n.Chain
	path, light := strings.CutPrefix(r.URL.Path, "/eth/v1/beacon/light_client/")
	root, bootstrap := strings.CutPrefix(path, "bootstrap/")
	switch {
	case r.URL.Path == "/eth/v1/config/spec":
		return c.Spec(), true
	case r.URL.Path == "/eth/v1/beacon/genesis":
		v := c.Validators()
		return encode(object{"data": object{"genesis_time": text(c.Genesis), "genesis_validators_root": hx(v[:])}}), true
	case light && bootstrap:
		for _, b := range c.blocks {
			if hx(b.Root[:]) == root {
				return c.Bootstrap(b.Slot), true
			}
		}
	case light && path == "optimistic_update":
		return c.Optimistic(slot), true
	case light && path == "finality_update":
		return c.Finality(slot), true
	case light && path == "updates":
		from, err := strconv.ParseUint(r.URL.Query().Get("start_period"), 10, 64)
		count, err2 := strconv.ParseUint(r.URL.Query().Get("count"), 10, 64)
		if err == nil && err2 == nil {
			return n.updates(from, min(count, 128), slot)
		}
	}
	return []byte("nothing for " + r.URL.Path), false
}

// updates answers for closed periods only, and for none of a range in which one is missing (Lodestar 1.5.1).
func (n *Node) updates(from, count, slot uint64) ([]byte, bool) {
	var list []string
	for p := from; p < from+count; p++ {
		if p >= n.Chain.Period(slot) {
			return fmt.Appendf(nil, "No partialUpdate available for period %d", p), false
		}
		list = append(list, string(n.Chain.Update(n.Chain.best(p), slot)))
	}
	return []byte("[" + strings.Join(list, ",") + "]"), true
}

// best returns the slot of a period whose block has the most votes for the block before it: the last of those.
func (c *Chain) best(period uint64) uint64 {
	first := period * c.SlotsPerEpoch * c.EpochsPerPeriod
	best, most := uint64(0), -1
	for slot := first + 1; slot < first+c.SlotsPerEpoch*c.EpochsPerPeriod; slot++ {
		votes := c.Size
		if c.Votes != nil {
			votes = c.Votes(c.At(slot - 1).Slot)
		}
		if c.Exists(slot) && votes >= most {
			best, most = slot, votes
		}
	}
	return best
}

// Spec returns the answer to config/spec.
func (c *Chain) Spec() []byte {
	spec := object{
		"SECONDS_PER_SLOT": text(c.SecondsPerSlot), "SLOTS_PER_EPOCH": text(c.SlotsPerEpoch),
		"EPOCHS_PER_SYNC_COMMITTEE_PERIOD": text(c.EpochsPerPeriod), "SYNC_COMMITTEE_SIZE": text(uint64(c.Size)), "GENESIS_FORK_VERSION": "0x00000000",
	}
	for _, f := range c.Forks {
		spec[strings.ToUpper(f.Name)+"_FORK_EPOCH"], spec[strings.ToUpper(f.Name)+"_FORK_VERSION"] = text(f.Epoch), hx(f.Version[:])
	}
	return encode(object{"data": spec})
}

// stream sends an optimistic and a finality update a second after each slot begins.
func (n *Node) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	flush := w.(http.Flusher)
	fmt.Fprint(w, ": welcome\n\n")
	flush.Flush()
	for {
		n.mu.Lock()
		slot := n.slot()
		n.mu.Unlock()
		next := time.Unix(int64(n.Chain.Genesis+(slot+1)*n.Chain.SecondsPerSlot+1), 0)
		timer := time.NewTimer(max(time.Until(next), time.Second))
		select {
		case <-r.Context().Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		n.mu.Lock()
		slot = n.slot()
		fault := n.Fault
		events := [][2]string{
			{"light_client_optimistic_update", string(n.Chain.Optimistic(slot))}, {"light_client_finality_update", string(n.Chain.Finality(slot))},
		}
		n.mu.Unlock()
		for _, e := range events {
			if fault != nil && fault(w, r, []byte(e[1])) {
				continue
			}
			if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e[0], e[1]); err != nil {
				return
			}
		}
		flush.Flush()
	}
}
