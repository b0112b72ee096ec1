// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/interop/observer"
	"github.com/ethpeer/ethpeer/interop/watcher"
)

const (
	redial     = 35 * time.Second // from a dial's beginning to the next
	redialSoon = 45 * time.Second // the same, with what a busy machine adds
	full       = "too many peers"
)

// TestTrustedAndStatic has geth see what the two words mean: a static node is dialled
// again and again, a trusted one is let in when we are full, and neither has the other's
// right. Each watcher has one place. The first one dials a and trusts b; c is a stranger.
// The second one dials a and d, and trusts nobody.
//
// geth v1.10.26 and v1.13.15 would not do: before Hello, they read every Disconnect as
// "disconnect requested", because they expect the reason outside of a list.
func TestTrustedAndStatic(t *testing.T) {
	n := network.Start(t, network.Config{
		Script: "start-clique.sh", Client: "v1.9.25", Nodes: 4, Period: "1", TPS: 1, ChainID: 1927,
		Env: []string{"NOLINK=1", "NOTX=1", "VERB=5"},
	})
	a, b, c, d := n.Nodes[0], n.Nodes[1], n.Nodes[2], n.Nodes[3]
	w := observer.Watch(t, n.Nodes...)
	one := startWith(t, n, watcher.Config{Peers: []string{a.Enode}, Trusted: []string{b.ID}, MaxPeers: 1})
	two := startWith(t, n, watcher.Config{Peers: []string{a.Enode, d.Enode}, MaxPeers: 1})

	up := waitPeer(t, one, "up", a, 1)
	waitConnection(t, a, one, true)
	addPeer(t, b, one)
	waitPeer(t, one, "up", b, 1)
	waitConnection(t, b, one, false)
	refused(t, n, c, one)
	holder, other := a, d
	isUp := func(l watcher.Line) bool { return l.Event == "up" }
	if waitLine(t, two, 1, "the second watcher has a peer", isUp).Peer == d.ID {
		holder, other = d, a
	}
	refused(t, n, other, two)
	from := time.Now()

	removePeer(t, b, one) // also a trusted peer takes a place: with b there, a could not come back
	waitPeer(t, one, "down", b, 1)
	dropped := time.Now()
	removePeer(t, a, one)
	waitPeer(t, one, "down", a, 1)
	again := waitPeer(t, one, "up", a, 2)
	waitConnection(t, a, one, true)
	if gap := again.Time.Sub(up.Time); gap < redial-time.Second || again.Time.Sub(dropped) > redialSoon {
		t.Errorf("a was up again %v after it came up first and %v after it dropped us, want %v or later, and within %v",
			gap, again.Time.Sub(dropped), redial, redialSoon)
	}

	to := time.Now()
	removePeer(t, holder, two) // one of the two takes the place that is free
	waitPeer(t, two, "down", holder, 1)
	waitLine(t, two, 2, "the second watcher has a peer again", isUp)
	w.Stop()

	never(t, w.Polls(c, time.Time{}, time.Now()), one.ID)
	never(t, w.Polls(other, time.Time{}, to), two.ID)
	if err := observer.Unchanged(w.Polls(holder, from, to), two.ID, 65, true); err != nil {
		t.Errorf("%s, which holds the only place: %v", holder.Name, err)
	}
	checkPlaces(t, one, b.ID)
	checkPlaces(t, two, "")
	t.Logf("FIGURES trust          %-8s up again %.1f s after the first dial, %.1f s after the drop · %s held the only place for %.0f s",
		n.Client(), again.Time.Sub(up.Time).Seconds(), again.Time.Sub(dropped).Seconds(), holder.Name, to.Sub(from).Seconds())
}

// startWith starts a watcher that offers eth/65 and returns when it listens.
func startWith(t *testing.T, n *network.Network, c watcher.Config) *watcher.Watcher {
	t.Helper()
	c.Bin, c.Genesis, c.Network, c.Eth = binary(t, false), n.Genesis(), n.ChainID(), "65"
	w := watcher.Start(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), upLimit)
	defer cancel()
	if err := w.Listening(ctx); err != nil {
		t.Fatal(err)
	}
	return w
}

func addPeer(t *testing.T, node *network.Node, w *watcher.Watcher) {
	t.Helper()
	if err := node.AddPeer(t.Context(), w.Enode); err != nil {
		t.Fatal(err)
	}
}

func removePeer(t *testing.T, node *network.Node, w *watcher.Watcher) {
	t.Helper()
	if err := node.RemovePeer(t.Context(), w.Enode); err != nil {
		t.Fatal(err)
	}
}

// refused has a node dial a watcher, and waits until both say why it is not let in. Then
// the node stops dialling. The watcher's line names no node: it refuses before a frame has proven the
// node's ID.
func refused(t *testing.T, n *network.Network, node *network.Node, w *watcher.Watcher) {
	t.Helper()
	addPeer(t, node, w)
	waitLine(t, w, 1, "refuses "+node.Name, func(l watcher.Line) bool {
		return l.Event == "failed" && (l.Peer == "" || l.Peer == node.ID) && l.Direction == "inbound" && l.By == "us" && l.Reason == full
	})
	poll(t, node.Name+" logs that its dial was refused", func() bool {
		for line := range strings.Lines(n.Log(t, node)) {
			// With trusted nodes a full watcher says so after the Hellos, when geth has a peer already.
			if strings.Contains(line, full) && (strings.Contains(line, "conn=staticdial") || strings.Contains(line, "Removing p2p peer")) {
				return true
			}
		}
		return false
	})
	removePeer(t, node, w)
}

// waitPeer waits until an event has happened to a node for the nth time.
func waitPeer(t *testing.T, w *watcher.Watcher, event string, node *network.Node, nth int) watcher.Line {
	t.Helper()
	return waitLine(t, w, nth, node.Name+" "+event, func(l watcher.Line) bool {
		return l.Event == event && l.Peer == node.ID
	})
}

// waitLine waits for the nth line about a peer that matches.
func waitLine(t *testing.T, w *watcher.Watcher, nth int, what string, match func(watcher.Line) bool) (found watcher.Line) {
	t.Helper()
	poll(t, what, func() bool {
		count := 0
		for _, l := range w.Lines() {
			if l.Kind == "peer" && match(l) {
				if count++; count == nth {
					found = l
					return true
				}
			}
		}
		return false
	})
	return found
}

// waitConnection waits until a node lists a watcher's connection, as inbound or not.
func waitConnection(t *testing.T, node *network.Node, w *watcher.Watcher, inbound bool) {
	t.Helper()
	poll(t, node.Name+" lists the connection", func() bool {
		cs, err := node.Connections(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(cs, func(c network.Connection) bool { return c.ID == w.ID && c.Eth == 65 })
		if i >= 0 && cs[i].Inbound != inbound {
			t.Errorf("%s: inbound is not %v: %+v", node.Name, inbound, cs[i])
		}
		return i >= 0
	})
}

// poll waits for a condition, as long as a peer may take to be dialled again.
func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(upLimit); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", upLimit, what)
		}
	}
}

// never checks that no poll lists an ID as a peer that speaks eth.
func never(t *testing.T, polls []observer.Poll, id string) {
	t.Helper()
	for _, p := range polls {
		for _, c := range p.Connections {
			if c.ID == id && c.Eth != 0 {
				t.Errorf("a node that was to be refused was let in: %+v", c)
				return
			}
		}
	}
	if len(polls) == 0 {
		t.Error("no polls")
	}
}

// checkPlaces stops a watcher and checks that it never had two peers that are not trusted,
// and that it dialled those and not the trusted one.
func checkPlaces(t *testing.T, w *watcher.Watcher, trusted string) {
	t.Helper()
	lines, err := w.Stop()
	if err := errors.Join(err, watcher.Problems(lines)); err != nil {
		t.Error(err)
	}
	held := ""
	for _, l := range lines {
		switch {
		case l.Kind == "loss":
			t.Errorf("lost: %s", l.Raw)
		case l.Kind != "peer":
		case l.Peer == trusted && l.Direction != "inbound", l.Event == "up" && l.Peer != trusted && l.Direction != "outbound":
			t.Errorf("wrong direction: %s", l.Raw)
		case l.Peer == trusted:
		case l.Event == "up" && held != "":
			t.Errorf("%.8s holds the only place: %s", held, l.Raw)
		case l.Event == "up":
			held = l.Peer
		case l.Event == "down":
			held = ""
		}
	}
}
