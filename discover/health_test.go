// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
)

// troubles collects event.Trouble.
type troubles struct {
	mu  sync.Mutex // guards what follows
	all []event.Trouble
}

func (l *troubles) record(e event.Event) {
	if e, ok := e.(event.Trouble); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, e)
	}
}

func (l *troubles) take() []event.Trouble {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.all
	l.all = nil
	return all
}

// long is far beyond blockedAfter and noRouteAfter, less far with the race detector, which makes each request cost
// milliseconds.
func long() time.Duration {
	if bubble.Race {
		return 2 * time.Minute
	}
	return 10 * time.Minute
}

// TestBlockedUDP: if the network is up but no datagram arrives, this is recorded once, and once when it ends.
func TestBlockedUDP(t *testing.T) {
	for _, test := range []struct {
		name   string
		boot   int
		online bool
		told   int
	}{
		{"blocked", 6, true, 1},
		{"few were asked", 4, true, 0},
		{"nothing says that the network is up", 6, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				var told troubles
				network := memnet.NewDatagrams()
				stop := start(t, network, 1, func(c *Config) {
					c.Online, c.Record = func() bool { return test.online }, told.record
					for i := range test.boot {
						c.Bootnodes = append(c.Bootnodes, nodeOf(t, 2+i))
					}
				})
				defer stop()
				time.Sleep(long())
				all := told.take()
				if len(all) != test.told {
					t.Fatalf("%+v", all)
				}
				if test.told == 0 {
					return
				}
				if e := all[0]; e.Where != event.TroubleUDP || e.Over || !strings.Contains(e.Err, "firewall") || !strings.Contains(e.Err, "30303") {
					t.Errorf("%+v", e)
				}
				defer start(t, network, 2, func(*Config) {})()
				time.Sleep(time.Minute)
				if all := told.take(); len(all) != 1 || all[0].Where != event.TroubleUDP || !all[0].Over {
					t.Errorf("afterwards: %+v", all)
				}
			})
		})
	}
}

// TestNamesAreEvidence: a successful DNS lookup shows that the network is up.
func TestNamesAreEvidence(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var told troubles
		stop := start(t, memnet.NewDatagrams(), 1, func(c *Config) {
			c.Record = told.record
			for i := range 6 {
				c.Bootnodes = append(c.Bootnodes, namedNode(t, 2+i, string(rune('a'+i))+".example"))
			}
			c.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
				return []netip.Addr{netip.AddrFrom4([4]byte{20, host[0], 1, 1})}, nil
			}
		})
		defer stop()
		time.Sleep(long())
		if all := told.take(); len(all) != 1 || all[0].Where != event.TroubleUDP {
			t.Errorf("%+v", all)
		}
	})
}

func TestClock(t *testing.T) {
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{20, byte(i), 1, 1}) }
	for _, test := range []struct {
		name  string
		ahead []time.Duration // by nodes of as many networks
		want  string
	}{
		{"right", []time.Duration{0, time.Second, -time.Second, -40 * time.Second}, ""},
		{"ahead", []time.Duration{45 * time.Second, 46 * time.Second, 44 * time.Second}, "ahead by about 45s"},
		{"behind", []time.Duration{-time.Hour, -time.Hour, -time.Hour - time.Second}, "behind by about 1h0m0s"},
		{"by two nodes only", []time.Duration{45 * time.Second, 46 * time.Second}, ""},
		{"others disagree", []time.Duration{0, time.Second, time.Minute, time.Minute, time.Minute}, ""},
		{"one disagrees", []time.Duration{0, time.Minute, time.Minute, time.Minute}, "ahead by about 1m0s"},
	} {
		c := newClock()
		var said []string
		for range 3 {
			for i, d := range test.ahead {
				if wrong, over := c.onClock(at(i), d); wrong != "" || over {
					said = append(said, wrong)
				}
			}
		}
		if test.want == "" && len(said) > 0 || test.want != "" && (len(said) != 1 || !strings.Contains(said[0], test.want)) {
			t.Errorf("%s: %q", test.name, said)
		}
	}
	c := newClock()
	for i := range 3 {
		_, _ = c.onClock(at(1), time.Minute)                                          // one network
		_, _ = c.onClock(netip.AddrFrom4([4]byte{192, 168, byte(i), 1}), time.Minute) // and local ones
	}
	if c.told {
		t.Error("one network moves the clock")
	}
	for i := range 3 {
		_, _ = c.onClock(at(i), time.Minute)
	}
	told := c.told
	over := false
	for i := range 3 {
		_, ended := c.onClock(at(i), 0)
		over = over || ended
	}
	if !told || !over || c.told {
		t.Errorf("told %v, over %v", told, over)
	}
}

// TestClocksThatAgree: no event is recorded if the clocks agree.
func TestClocksThatAgree(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var told troubles
		network := memnet.NewDatagrams()
		for i := range 3 {
			defer start(t, network, 2+i, onlyV4)()
		}
		defer start(t, network, 1, func(c *Config) {
			onlyV4(c)
			c.Record = told.record
			c.Bootnodes = []enr.Node{nodeOf(t, 2), nodeOf(t, 3), nodeOf(t, 4)}
		})()
		time.Sleep(time.Minute)
		if all := told.take(); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}
