// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fakeGateway answers at once, unless it is mute.
type fakeGateway struct {
	mu    sync.Mutex // guards what follows
	ip    netip.Addr
	grant func(wanted uint16) (Grant, error)
	mute  bool
	lost  bool // answers to Map get lost
	log   []string
	begin time.Time
}

func newFake(ip string) *fakeGateway {
	return &fakeGateway{
		ip:    netip.MustParseAddr(ip),
		grant: func(wanted uint16) (Grant, error) { return Grant{wanted, lease}, nil },
		begin: time.Now(),
	}
}

func (f *fakeGateway) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeGateway) say(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, fmt.Sprintf("%v "+format, append([]any{time.Since(f.begin)}, args...)...))
}

func (f *fakeGateway) String() string { return "the fake gateway" }

func (f *fakeGateway) wait(ctx context.Context) error {
	f.mu.Lock()
	mute := f.mute
	f.mu.Unlock()
	if mute {
		<-ctx.Done()
	}
	return plain(ctx.Err())
}

func (f *fakeGateway) ExternalIP(ctx context.Context) (netip.Addr, error) {
	err := f.wait(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ip, err
}

func (f *fakeGateway) Map(ctx context.Context, proto Proto, internal, wanted uint16, lifetime time.Duration) (Grant, error) {
	f.say("map %v %d to %d for %v", proto, wanted, internal, lifetime)
	if err := f.wait(ctx); err != nil {
		return Grant{}, err
	}
	if f.lost {
		<-ctx.Done()
		return Grant{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.grant(wanted)
}

func (f *fakeGateway) Unmap(ctx context.Context, proto Proto, internal, external uint16) error {
	f.say("unmap %v %d to %d", proto, external, internal)
	return f.wait(ctx)
}

// running is Run in a bubble, with what it said. What it logs is read while it waits.
type running struct {
	gateway *fakeGateway
	cancel  func()
	done    chan error
}

func start(t *testing.T, spec string, f *fakeGateway) *running {
	t.Helper()
	m, err := Parse(spec)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{f, cancel, make(chan error, 1)}
	go func() {
		r.done <- Run(ctx, Config{
			Method: m, Ports: Ports{30303, 30304},
			Changed: func(e External) { f.say("changed: %v", show(e)) },
			Trouble: func(err error) { f.say("trouble: %v", err) },
			Over:    func(works string) { f.say("over: %s", works) },
			Find:    func(context.Context) (Gateway, error) { return f, nil },
		})
	}()
	return r
}

// expect takes what was logged.
func (r *running) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	r.gateway.mu.Lock()
	defer r.gateway.mu.Unlock()
	if got := strings.Join(r.gateway.log, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	r.gateway.log = nil
}

// stop ends Run, and returns how long it took.
func (r *running) stop(t *testing.T) time.Duration {
	t.Helper()
	synctest.Wait()
	begin := time.Now()
	r.cancel()
	if err := <-r.done; err != nil {
		t.Error(err)
	}
	return time.Since(begin)
}

// TestRunMapsRefreshesDeletes is the whole life of mappings.
func TestRunMapsRefreshesDeletes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		r := start(t, "any", newFake("34.1.1.1"))
		r.expect(t, "0s map TCP 30303 to 30303 for 10m0s", "0s map UDP 30304 to 30304 for 10m0s", "0s changed: 34.1.1.1")
		time.Sleep(8*time.Minute - time.Second)
		r.expect(t)
		time.Sleep(time.Second)
		r.expect(t, "8m0s map TCP 30303 to 30303 for 10m0s", "8m0s map UDP 30304 to 30304 for 10m0s")
		time.Sleep(time.Minute)
		if d := r.stop(t); d != 0 {
			t.Errorf("took %v to stop", d)
		}
		r.expect(t, "9m0s unmap TCP 30303 to 30303", "9m0s unmap UDP 30304 to 30304")
	})
}

// TestRunPublishesAlternatePorts, and a new address.
func TestRunPublishesAlternatePorts(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("34.1.1.1")
		f.grant = func(uint16) (Grant, error) { return Grant{50000, lease}, nil }
		r := start(t, "upnp", f)
		r.expect(t, "0s map TCP 30303 to 30303 for 10m0s", "0s map UDP 30304 to 30304 for 10m0s", "0s changed: 34.1.1.1 tcp 50000 udp 50000")
		f.set(func() { f.ip = netip.MustParseAddr("34.1.1.2") })
		time.Sleep(2 * time.Minute)
		r.expect(t, "2m0s map TCP 50000 to 30303 for 10m0s", "2m0s map UDP 50000 to 30304 for 10m0s", "2m0s changed: 34.1.1.2 tcp 50000 udp 50000")
		r.stop(t)
		r.expect(t, "2m0s unmap TCP 50000 to 30303", "2m0s unmap UDP 50000 to 30304")
	})
}

// TestRunPublishesNothingPrivate, and says why, once.
func TestRunPublishesNothingPrivate(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("192.168.1.2")
		r := start(t, "pmp", f)
		const private = "trouble: nat: the fake gateway says that our address is 192.168.1.2, which is private: there is another router before the Internet; use --nat extip:IP or forward the port there"
		r.expect(t, "0s "+private, "0s map TCP 30303 to 30303 for 10m0s", "0s map UDP 30304 to 30304 for 10m0s")
		time.Sleep(7 * time.Minute)
		r.expect(t)
		f.set(func() { f.ip = netip.MustParseAddr("34.1.1.1") })
		time.Sleep(time.Minute)
		r.expect(t, "8m0s map TCP 30303 to 30303 for 10m0s", "8m0s map UDP 30304 to 30304 for 10m0s", "8m0s changed: 34.1.1.1", "8m0s "+over)
		f.set(func() { f.ip = netip.MustParseAddr("192.168.1.2") })
		time.Sleep(2 * time.Minute)
		r.expect(t, "10m0s "+private, "10m0s map TCP 30303 to 30303 for 10m0s", "10m0s map UDP 30304 to 30304 for 10m0s", "10m0s changed: nothing")
		r.stop(t)
	})
}

// TestRunSaysRefusalsOnce, and again after success.
func TestRunSaysRefusalsOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("34.1.1.1")
		good := f.grant
		bad := func(wanted uint16) (Grant, error) {
			if wanted == 30303 {
				return Grant{0, 1 << 62}, nil
			}
			return good(wanted)
		}
		f.grant = bad
		r := start(t, "any", f)
		const trouble = "trouble: nat: the fake gateway does not map TCP port 30303: it granted port 0, which is none"
		r.expect(t, "0s map TCP 30303 to 30303 for 10m0s", "0s "+trouble, "0s map UDP 30304 to 30304 for 10m0s", "0s changed: 34.1.1.1")
		time.Sleep(5 * time.Minute)
		r.expect(t, "5m0s map TCP 30303 to 30303 for 10m0s")
		f.set(func() { f.grant = good })
		time.Sleep(5 * time.Minute)
		r.expect(t, "8m0s map UDP 30304 to 30304 for 10m0s", "10m0s map TCP 30303 to 30303 for 10m0s", "10m0s "+over)
		f.set(func() { f.grant = bad })
		time.Sleep(8*time.Minute + time.Second)
		r.expect(t, "16m0s map UDP 30304 to 30304 for 10m0s", "18m0s map TCP 30303 to 30303 for 10m0s", "18m0s "+trouble)
		r.stop(t)
	})
}

// TestRunEndsWhateverTheGatewayDoes: a gateway that never answers delays the end by what is
// allowed for deleting, and not at all before there is anything to delete.
func TestRunEndsWhateverTheGatewayDoes(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("34.1.1.1")
		f.mute = true
		r := start(t, "any", f)
		time.Sleep(time.Second)
		if d := r.stop(t); d != 0 {
			t.Errorf("took %v with nothing to delete", d)
		}
		r.expect(t)

		f = newFake("34.1.1.1")
		r = start(t, "any", f)
		time.Sleep(time.Second)
		synctest.Wait()
		f.set(func() { f.mute, f.log = true, nil })
		if d := r.stop(t); d != stopTimeout {
			t.Errorf("took %v, want %v", d, stopTimeout)
		}
		r.expect(t, "1s unmap TCP 30303 to 30303",
			"3s trouble: nat: the fake gateway has not deleted the mapping of TCP port 30303, which should end by itself in 10m0s: it does not answer",
			"3s unmap UDP 30304 to 30304",
			"3s trouble: nat: the fake gateway has not deleted the mapping of UDP port 30304, which should end by itself in 10m0s: it does not answer")
	})
}

// TestRunDeletesWhatWasNotAnswered: ctx ends while a mapping is asked for, which may exist.
func TestRunDeletesWhatWasNotAnswered(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("34.1.1.1")
		f.lost = true
		r := start(t, "any", f)
		time.Sleep(time.Second)
		r.stop(t)
		r.expect(t, "0s map TCP 30303 to 30303 for 10m0s", "1s unmap TCP 30303 to 30303")
	})
}

// TestRunGivesASilentGatewayUp after five questions of 10 seconds each.
func TestRunGivesASilentGatewayUp(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("34.1.1.1")
		r := start(t, "any", f)
		synctest.Wait()
		f.set(func() { f.mute, f.log = true, nil })
		time.Sleep(11*time.Minute + time.Second)
		f.set(func() {
			f.log = slices.DeleteFunc(f.log, func(line string) bool { return strings.HasSuffix(line, "for 10m0s") })
		})
		r.expect(t,
			"2m10s trouble: nat: the fake gateway does not tell our address: it does not answer",
			"8m10s trouble: nat: the fake gateway does not map TCP port 30303: it does not answer",
			"8m20s trouble: nat: the fake gateway does not map UDP port 30304: it does not answer",
			"10m50s changed: nothing")
		r.stop(t)
	})
}

const over = "over: nat: the fake gateway works: our address on the Internet is known"

// TestRunSaysTheEndOnce: after a silent gateway, and a search that found none, the end of the trouble is
// reported once: when both the address and the ports are known again.
func TestRunSaysTheEndOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		f := newFake("34.1.1.1")
		f.mute = true
		r := start(t, "any", f)
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		overs := func() (n int) {
			f.set(func() {
				for _, line := range f.log {
					if strings.HasSuffix(line, over) {
						n++
					}
				}
			})
			return n
		}
		if n := overs(); n != 0 {
			t.Errorf("the end was said %d times of a gateway that does not answer", n)
		}
		good := f.grant
		f.set(func() {
			f.mute = false
			f.grant = func(uint16) (Grant, error) { return Grant{}, errors.New("refused") }
		})
		time.Sleep(30 * time.Minute)
		if synctest.Wait(); overs() != 0 {
			t.Error("the end was said while ports are not mapped")
		}
		f.set(func() { f.grant = good })
		time.Sleep(time.Hour)
		if synctest.Wait(); overs() != 1 {
			t.Errorf("the end was said %d times", overs())
		}
		r.stop(t)
	})
}

// TestRunSearchesAgain every 5 minutes, and says once that there is nothing.
func TestRunSearchesAgain(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Minute)
		defer cancel()
		begin, at, said := time.Now(), "", []string(nil)
		Run(ctx, Config{
			Method:  Method{kind: upnp},
			Changed: func(e External) { t.Errorf("changed to %v", e) },
			Trouble: func(err error) { said = append(said, err.Error()) },
			Find: func(context.Context) (Gateway, error) {
				at += time.Since(begin).String() + " "
				return nil, nil
			},
		})
		if at != "0s 5m0s 10m0s " || strings.Join(said, "|") != "nat: upnp: there is no gateway" {
			t.Errorf("searched at %s; said %q", at, said)
		}
	})
}

// TestRunWithoutGateway: none and extip end at once; a private extip counts, with a word.
func TestRunWithoutGateway(t *testing.T) {
	for spec, want := range map[string]string{
		"none":              "",
		"extip:34.1.1.1":    "changed 34.1.1.1\n",
		"extip:192.168.1.2": "trouble nat: extip:192.168.1.2 is private: it is published all the same, but nobody on the Internet reaches it\nchanged 192.168.1.2\n",
	} {
		m, err := Parse(spec)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		cfg := Config{
			Method: m, Ports: Ports{1, 2},
			Changed: func(e External) { got += "changed " + show(e) + "\n" },
			Trouble: func(err error) { got += "trouble " + err.Error() + "\n" },
		}
		if err := Run(t.Context(), cfg); err != nil || got != want {
			t.Errorf("%s: %v, got %q, want %q", spec, err, got, want)
		}
		Run(t.Context(), Config{Method: m}) // without Changed and Trouble
	}
}

// TestRunMapsNothingWithSTUN.
func TestRunMapsNothingWithSTUN(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		r := start(t, "stun", newFake("34.1.1.1"))
		r.expect(t, "0s changed: 34.1.1.1")
		r.stop(t)
		r.expect(t)
	})
}

// TestRace: the first that finds wins, the others are told to end and waited for.
func TestRace(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		fake := newFake("34.1.1.1")
		after := func(d time.Duration, g Gateway, err error) finder {
			return func(ctx context.Context) (Gateway, error) {
				if pause(ctx, d) != nil {
					return nil, ctx.Err()
				}
				return g, err
			}
		}
		never := after(time.Hour, fake, nil)
		fails := after(time.Second, nil, errors.New("nothing here"))
		begin := time.Now()
		g, err := race(t.Context(), []finder{never, fails, after(2*time.Second, fake, nil), after(2*time.Second, fake, nil)})
		if g != fake || err != nil || time.Since(begin) != 2*time.Second {
			t.Errorf("%v, %v after %v", g, err, time.Since(begin))
		}
		if g, err := race(t.Context(), []finder{fails, fails}); g != nil || err.Error() != "nothing here" {
			t.Errorf("%v, %v", g, err)
		}
		if g, err := race(t.Context(), nil); g != nil || err == nil {
			t.Errorf("%v, %v", g, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if g, err := race(ctx, []finder{never, never}); g != nil || err == nil {
			t.Errorf("%v, %v", g, err)
		}
	})
}
