// SPDX-License-Identifier: Apache-2.0

package v4

import (
	"errors"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/v4wire"
)

// TestClocks: a Pong shows how far our clock is ahead of its node's, even if the Pong has expired by our
// clock. No other expired packet does.
func TestClocks(t *testing.T) {
	d, r := newDialogue(t), remoteOf(t, 1)
	var got []time.Duration
	d.m.cfg.Clock = func(_ time.Time, by netip.Addr, ahead time.Duration) {
		if by != r.addr.Addr() {
			t.Errorf("by %v", by)
		}
		got = append(got, ahead)
	}
	until := func(ahead time.Duration) int64 { return d.now.Add(maxExpiration - ahead).Unix() }
	expect := func(what string, want ...time.Duration) {
		t.Helper()
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		got = nil
	}

	answers := d.asks(r, v4wire.TypePing)
	_, hash := want[*v4wire.Ping](d, "ping", r.addr)
	d.m.onExpired(d.now, r.addr, &v4wire.Pong{PingHash: v4wire.Hash{1}, Expiration: until(time.Hour)})
	expect("a pong that nothing waits for")
	d.m.onExpired(d.now, r.addr, &v4wire.Ping{Expiration: until(time.Hour)})
	expect("an expired ping")
	d.m.onExpired(d.now, r.addr, &v4wire.Pong{PingHash: hash, Expiration: math.MinInt64})
	expect("an impossible time")
	d.m.onExpired(d.now, r.addr, &v4wire.Pong{PingHash: hash, Expiration: until(45 * time.Second)})
	expect("an expired pong", 45*time.Second)
	if len(answers.answers) != 0 {
		t.Error("an expired pong is an answer")
	}
	d.says(r, r.addr, &v4wire.Pong{PingHash: hash, Expiration: until(-time.Second)})
	expect("a pong", -time.Second)
	if len(answers.answers) != 1 {
		t.Errorf("%+v", answers.answers)
	}
	d.says(r, r.addr, &v4wire.Ping{Version: 4, Expiration: until(-time.Hour)})
	expect("a ping", -time.Hour)
}

// TestTimeoutSaysWhoseClock: if the pongs of a node have expired by our clock, the error of the timeout says so.
func TestTimeoutSaysWhoseClock(t *testing.T) {
	for _, off := range []time.Duration{0, time.Minute} {
		d, r := newDialogue(t), remoteOf(t, 1)
		got := d.asks(r, v4wire.TypePing)
		_, hash := want[*v4wire.Ping](d, "ping", r.addr)
		text := ErrTimeout.Error()
		if off > 0 {
			d.m.onExpired(d.now, r.addr, &v4wire.Pong{PingHash: hash, Expiration: d.now.Add(maxExpiration - off).Unix()})
			text += " that is valid by our clock, which is about 1m0s ahead of the node's"
		}
		d.passes(timeout)
		if len(got.answers) != 1 || !errors.Is(got.answers[0].err, ErrTimeout) || got.answers[0].err.Error() != text {
			t.Errorf("%v: %+v, want %q", off, got.answers, text)
		}
	}
}
