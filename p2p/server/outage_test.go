// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/p2p"
)

var errNoRoute = &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}

// A machine without a route reports that once, even with one node, and reports once that there is a route
// again.
func TestNetworkThatIsDownIsToldOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		streets, static := newStreets(), manyNodes(t, 1, 1)
		var up atomic.Bool
		other := newBench(t, nil)
		static[0].Key = other.key.Public()
		streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
			if !up.Load() {
				return nil, errNoRoute
			}
			return other.connect("9.9.9.9:30303"), nil
		}
		b := newBench(t, func(c *Config) { c.Static, c.Dial = static, streets.dial })
		time.Sleep(30 * time.Minute) // in a bubble
		b.mu.Lock()
		if len(b.troubles) != 1 || b.troubles[0].Over || b.troubles[0].Where != event.TroubleNetwork || !strings.Contains(b.troubles[0].Err, "the network is down") {
			t.Errorf("without a route: %+v", b.troubles)
		}
		b.mu.Unlock()
		up.Store(true)
		time.Sleep(10 * time.Second)
		if n := len(b.Peers()); n != 1 {
			t.Errorf("%d peers, ten seconds after the network has come back", n)
		}
		time.Sleep(30 * time.Minute)
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.troubles) != 2 || !b.troubles[1].Over {
			t.Errorf("with a route: %+v", b.troubles)
		}
	})
}

// A node that accepts a connection and closes it, or that speaks no RLPx, is no evidence of an outage. It
// waits as its verdict says.
func TestNodesThatHangUpAreNoOutage(t *testing.T) {
	for name, say := range map[string]string{"nothing": "", "something else": "HTTP/1.1 400 Bad Request\r\n\r\n" + strings.Repeat("x", 1000)} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				streets := newStreets()
				streets.answer = func(context.Context, netip.AddrPort) (net.Conn, error) {
					ours, theirs := memnet.Pipe()
					go func() {
						_, _ = theirs.Write([]byte(say))
						theirs.Close()
					}()
					return ours, nil
				}
				nodes := manyNodes(t, 1, 20)
				b := newBench(t, func(c *Config) { c.MaxPeers, c.Candidates, c.Dial = 60, &endlessly{nodes: nodes}, streets.dial })
				time.Sleep(3 * time.Minute) // in a bubble
				b.mu.Lock()
				defer b.mu.Unlock()
				if len(b.troubles) > 0 {
					t.Errorf("%+v", b.troubles)
				}
				if n := len(streets.hosts()); n > 20*6 {
					t.Errorf("%d dials to 20 nodes in three minutes", n)
				}
			})
		})
	}
}

// TestOutageKeepsItsWord: after any ends, the network is down only after dials in a row that failed before a
// connection, and each change is reported once.
func TestOutageKeepsItsWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o outage
		row, noRoute, nodes, told := 0, 0, map[enr.ID]bool{}, false
		for range rapid.IntRange(0, 60).Draw(t, "ends") {
			end := outcome{id: enr.ID{rapid.Byte().Draw(t, "node") % 6}, verdict: p2p.Judge(errNoRoute)}
			switch rapid.IntRange(0, 12).Draw(t, "end") {
			case 0:
				end.reached = true
			case 1:
				end.up, end.reached = time.Second, true
			case 2:
				o.onPeer(false)
				row, noRoute, nodes = 0, 0, map[enr.ID]bool{}
				continue
			case 3:
				o.onPeer(true)
				continue
			case 4, 5:
				end.noRoute = true
			}
			if end.reached {
				row, noRoute, nodes = 0, 0, map[enr.ID]bool{}
			} else {
				row, nodes[end.id] = row+1, true
				if noRoute++; !end.noRoute {
					noRoute = 0
				}
			}
			want := row >= outageAfter && len(nodes) >= outageNodes || noRoute >= outageNoRoute
			if got := o.onEnd(end, true, peerScopes{}); got != want {
				t.Fatalf("%d failures in a row, of %d nodes, %d without a route: %v", row, len(nodes), noRoute, got)
			}
			trouble, changed := o.report(time.Now())
			if changed != (want != told) || changed && trouble.Over == want {
				t.Fatalf("told %v, down %v: %+v, %v", told, want, trouble, changed)
			}
			told = want
		}
	})
}
