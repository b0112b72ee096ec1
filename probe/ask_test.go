// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

func mustKey(t *testing.T) *ecc.PrivateKey {
	t.Helper()
	k, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A remote is the node that is asked; the test plays it.
type remote struct {
	*peers.Raw
	t *testing.T
}

func newRemote(t *testing.T, stream net.Conn, key *ecc.PrivateKey) *remote {
	return &remote{&peers.Raw{Stream: stream, Key: key}, t}
}

func soon() time.Time { return time.Now().Add(time.Minute) }

// accept plays the RLPx handshake.
func (r *remote) accept() {
	if err := r.Accept(soon()); err != nil {
		r.t.Error(err)
	}
}

// greet plays RLPx and Hello, and returns the asker's Hello.
func (r *remote) greet(client string, caps ...p2p.Cap) *p2p.Hello {
	r.accept()
	h, err := r.Greet(soon(), client, caps...)
	if err != nil {
		r.t.Error(err)
	}
	return h
}

func (r *remote) say(code uint64, payload []byte) {
	if err := r.Conn.Queue(&p2p.Out{Code: code, Raw: payload}); err != nil {
		r.t.Error(err)
	}
	_ = r.Conn.Flush(soon()) // the asker may have left
}

// wantGoodbye reads until the end: the asker must say only this.
func (r *remote) wantGoodbye(reason p2p.Reason) {
	if err := r.WantGoodbye(reason); err != nil {
		r.t.Error(err)
	}
	r.wantEnd()
}

func (r *remote) wantEnd() {
	if code, payload, err := r.Read(); err == nil {
		r.t.Errorf("they said %#x %x; want the end", code, payload)
	}
}

const (
	ethStatus    = 16
	tooMany      = "\xc1\x04"
	disconnected = 1
)

func aStatus(v wire.Version) wire.Status {
	s := wire.Status{
		Version: v, NetworkID: 1 << 40, Head: types.Hash{1}, Genesis: types.Hash{2},
	}
	if v >= 64 {
		s.ForkID = params.ForkID{Hash: [4]byte{3, 4, 5, 6}, Next: 7}
	}
	if v < 69 {
		s.TD.SetUint64(99)
	} else {
		s.Earliest, s.Latest = 10, 20
	}
	return s
}

// ask asks a node whose side is played by play. In a bubble: when it returns no goroutine
// is left, or the bubble fails.
func ask(ctx context.Context, t *testing.T, change func(*Config), play func(*remote)) (Answer, time.Duration) {
	t.Helper()
	key := mustKey(t)
	var player sync.WaitGroup
	cfg := Config{Key: mustKey(t), Client: "asker", Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
		ours, theirs := memnet.Pipe()
		player.Go(func() {
			defer theirs.Close()
			play(newRemote(t, theirs, key))
		})
		return ours, nil
	}}
	if change != nil {
		change(&cfg)
	}
	began := time.Now()
	a := Ask(ctx, cfg, enr.Node{Key: key.Public(), IP: netip.MustParseAddr("10.0.0.1"), TCP: 30303})
	lasted := time.Since(began)
	player.Wait()
	return a, lasted
}

func ethCaps(versions ...uint) (caps []p2p.Cap) {
	for _, v := range versions {
		caps = append(caps, p2p.Cap{Name: "eth", Version: v})
	}
	return caps
}

// TestEveryVersion: of each version of eth the Status is heard, without one of ours, and
// the goodbye is "disconnect requested".
func TestEveryVersion(t *testing.T) {
	for _, v := range wire.Known() {
		bubble.Test(t, func(t *testing.T) {
			status := aStatus(v)
			a, _ := ask(t.Context(), t, nil, func(r *remote) {
				h := r.greet("them/v1.2", append(ethCaps(62, uint(v)), p2p.Cap{Name: "snap", Version: 1})...)
				if h.Client != "asker" || len(h.Caps) != len(wire.Known()) {
					t.Errorf("we said %+v", h)
				}
				r.say(ethStatus, status.Append(nil, v))
				r.wantGoodbye(0)
			})
			if a.Err != nil || a.Stage != event.StageEth || a.Eth != uint(v) || a.Client != "them/v1.2" || len(a.Caps) != 3 || !a.Reachable() || a.Reason != "" {
				t.Errorf("%+v", a)
			}
			if a.Addr.String() != "10.0.0.1:30303" || a.Took.Dial == 0 || a.Took.RLPx == 0 || a.Took.Hello == 0 || a.Took.Status == 0 {
				t.Errorf("%+v", a)
			}
			if diff := cmp.Diff(&status, a.Status); diff != "" {
				t.Errorf("%v (-want +got):\n%s", v, diff)
			}
		})
	}
}

// TestAnswersThatAreNoStatus: being sent away is an answer.
func TestAnswersThatAreNoStatus(t *testing.T) {
	for name, c := range map[string]struct {
		play   func(*remote)
		stage  event.Stage
		reason string
		client string
	}{
		"full before Hello": {func(r *remote) { r.accept(); r.say(disconnected, []byte(tooMany)) }, event.StageHello, "too many peers", ""},
		"full after Hello": {func(r *remote) {
			r.greet("them", ethCaps(68)...)
			r.say(disconnected, []byte(tooMany))
		}, event.StageStatus, "too many peers", "them"},
		"no reason known": {func(r *remote) { r.accept(); r.say(disconnected, []byte{0xc1, 0x55}) }, event.StageHello, "unknown disconnect reason 85", ""},
		"no eth": {func(r *remote) {
			r.greet("them", p2p.Cap{Name: "les", Version: 4})
			r.wantGoodbye(0)
		}, event.StageHello, "", "them"},
		"eth of the future": {func(r *remote) { r.greet("them", ethCaps(1000)...); r.wantGoodbye(0) }, event.StageHello, "", "them"},
		"pings first": {func(r *remote) {
			r.greet("them", ethCaps(68)...)
			r.say(2, []byte{0xc0})
			if code, _, err := r.Conn.Read(soon()); code != 3 {
				r.t.Errorf("no pong but %d, %v", code, err)
			}
			s := aStatus(68)
			r.say(ethStatus, s.Append(nil, 68))
			r.wantGoodbye(0)
		}, event.StageEth, "", "them"},
		"talks on": {func(r *remote) {
			r.greet("them", ethCaps(68)...)
			s := aStatus(68)
			r.say(ethStatus, s.Append(nil, 68))
			r.say(ethStatus+2, make([]byte, 500))
			r.say(disconnected, []byte(tooMany))
		}, event.StageEth, "", "them"},
		"escapes": {func(r *remote) { r.greet("\x1b[2J\u202eme\xff\x00", ethCaps(1)...); r.wantGoodbye(0) }, event.StageHello, "", "?[2J?me??"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				a, _ := ask(t.Context(), t, nil, func(r *remote) { r.t = t; c.play(r) })
				if a.Err != nil || a.Stage != c.stage || a.Reason != c.reason || a.Client != c.client || !a.Reachable() {
					t.Errorf("%+v", a)
				}
			})
		})
	}
}

// TestSilence: each stage has a deadline of its own, and nothing can draw it out.
func TestSilence(t *testing.T) {
	silent := func(r *remote) {
		if r.Conn != nil {
			r.Stream = nil
			for {
				if _, _, err := r.Conn.Read(time.Now().Add(time.Hour)); err != nil {
					return
				}
			}
		}
		for b := make([]byte, 1000); ; {
			if _, err := r.Stream.Read(b); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		play  func(*remote)
		stage event.Stage
		most  time.Duration
	}{
		"rlpx":  {silent, event.StageRLPx, 7 * time.Second},
		"hello": {func(r *remote) { r.accept(); silent(r) }, event.StageHello, 7 * time.Second},
		"status": {func(r *remote) {
			r.greet("them", ethCaps(68)...)
			silent(r)
		}, event.StageStatus, 7 * time.Second},
		"pings instead of a status": {func(r *remote) {
			r.greet("them", ethCaps(68)...)
			go silent(r)
			for range 20 {
				r.say(2, []byte{0xc0})
				time.Sleep(time.Second)
			}
		}, event.StageStatus, 8 * time.Second},
		"trickles": {func(r *remote) {
			for range 20 {
				if _, err := r.Stream.Write([]byte{1}); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}, event.StageRLPx, 7 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				a, lasted := ask(t.Context(), t, func(c *Config) { c.Timeout = 6 * time.Second }, func(r *remote) { r.t = t; c.play(r) })
				if a.Err == nil || a.Stage != c.stage || lasted < 6*time.Second || lasted > c.most {
					t.Errorf("after %v: %+v", lasted, a)
				}
				if a.Reachable() != (c.stage == event.StageStatus) {
					t.Errorf("reachable: %v", a.Reachable())
				}
			})
		})
	}
}

// TestRulesBroken: what breaks the rules is an error, and as much as was understood stays.
func TestRulesBroken(t *testing.T) {
	other := mustKey(t)
	for name, c := range map[string]struct {
		play  func(*remote)
		stage event.Stage
		err   string
	}{
		"hangs up":      {func(*remote) {}, event.StageRLPx, "without a Disconnect"},
		"another's key": {func(r *remote) { r.Key = other; _, _, _ = p2p.Accept(r.Stream, rand.Reader, r.Key, soon()) }, event.StageRLPx, "without a Disconnect"},
		"junk": {func(r *remote) {
			go func() { _, _ = io.Copy(io.Discard, r.Stream) }()
			_, _ = r.Stream.Write(bytes.Repeat([]byte{0xee}, 70000))
		}, event.StageRLPx, "ack"},
		"no hello":       {func(r *remote) { r.accept(); r.say(ethStatus, []byte{0xc0}) }, event.StageHello, "want a Hello"},
		"large hello":    {func(r *remote) { r.accept(); r.say(0, make([]byte, 5000)) }, event.StageHello, "limit"},
		"gone after":     {func(r *remote) { r.greet("them", ethCaps(68)...) }, event.StageStatus, "without a Disconnect"},
		"no status":      {func(r *remote) { r.greet("them", ethCaps(68)...); r.say(ethStatus+2, []byte{0xc0}) }, event.StageStatus, "first message"},
		"junk status":    {func(r *remote) { r.greet("them", ethCaps(68)...); r.say(ethStatus, []byte{0xc1, 0x80}) }, event.StageStatus, "Status"},
		"large status":   {func(r *remote) { r.greet("them", ethCaps(68)...); r.say(ethStatus, make([]byte, maxStatus+1)) }, event.StageStatus, "limit"},
		"another's code": {func(r *remote) { r.greet("them", ethCaps(68)...); r.say(1000, []byte{0xc0}) }, event.StageStatus, "no shared protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				a, lasted := ask(t.Context(), t, nil, func(r *remote) { r.t = t; c.play(r) })
				if a.Err == nil || a.Stage != c.stage || !strings.Contains(a.Err.Error(), c.err) || a.Status != nil || lasted > 2*time.Second {
					t.Errorf("after %v: %+v", lasted, a)
				}
				if (a.Client == "them") != (c.stage == event.StageStatus) {
					t.Errorf("client %q", a.Client)
				}
			})
		})
	}
}

func TestEndOfTheContext(t *testing.T) {
	errEnough := errors.New("enough")
	for name, play := range map[string]func(*remote){
		"rlpx":   func(r *remote) { _, _ = r.Stream.Read(make([]byte, 1)); time.Sleep(time.Minute) },
		"hello":  func(r *remote) { r.accept(); time.Sleep(time.Minute) },
		"status": func(r *remote) { r.greet("them", ethCaps(68)...); time.Sleep(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(2*time.Second, func() { cancel(errEnough) })
				a, lasted := ask(ctx, t, nil, func(r *remote) { r.t = t; play(r) })
				if !errors.Is(a.Err, errEnough) || lasted > 4*time.Second {
					t.Errorf("after %v: %v", lasted, a.Err)
				}
			})
		})
	}
}

func TestDial(t *testing.T) {
	key := mustKey(t)
	cfg := Config{Key: mustKey(t)}
	node := enr.Node{Key: key.Public(), IP: netip.MustParseAddr("10.0.0.1")}
	for name, c := range map[string]struct {
		change func(*Config, *enr.Node)
		addr   string
		err    string
	}{
		"no key":  {func(c *Config, _ *enr.Node) { c.Key = nil }, "", "no Key"},
		"no port": {func(*Config, *enr.Node) {}, "", "no TCP address"},
		"refused": {func(c *Config, n *enr.Node) { n.TCP = 1 }, "10.0.0.1:1", "refused"},
		"silent": {func(c *Config, n *enr.Node) {
			n.TCP = 1
			c.Dial = func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
		}, "10.0.0.1:1", "no answer in time"},
		"timeout of a socket": {func(c *Config, n *enr.Node) {
			n.TCP = 1
			c.Dial = func(context.Context, netip.AddrPort) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
			}
		}, "10.0.0.1:1", "no answer in time"},
		"by name": {func(c *Config, n *enr.Node) {
			n.TCP, n.IP, n.Host = 5, netip.Addr{}, "node.example"
			c.Lookup = func(_ context.Context, host string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("::ffff:10.0.0.9")}, nil
			}
		}, "10.0.0.9:5", "refused"},
		"several addresses": {func(c *Config, n *enr.Node) {
			n.TCP, n.IP, n.Host = 5, netip.Addr{}, "node.example"
			c.Lookup = func(context.Context, string) ([]netip.Addr, error) {
				var all []netip.Addr
				for i := range byte(9) {
					all = append(all, netip.AddrFrom4([4]byte{10, 0, 0, i + 1}))
				}
				return all, nil
			}
		}, "10.0.0.4:5", "refused"},
		"no such name": {func(c *Config, n *enr.Node) {
			n.TCP, n.IP, n.Host = 5, netip.Addr{}, "node.example"
			c.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }
		}, "", "no such host"},
		"a name without addresses": {func(c *Config, n *enr.Node) {
			n.TCP, n.IP, n.Host = 5, netip.Addr{}, "node.example"
			c.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, nil }
		}, "", "no TCP address"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				cfg, node := cfg, node
				cfg.Dial = func(context.Context, netip.AddrPort) (net.Conn, error) {
					return nil, memnet.ErrRefused
				}
				c.change(&cfg, &node)
				a := Ask(t.Context(), cfg, node)
				addr := ""
				if a.Addr.IsValid() {
					addr = a.Addr.String()
				}
				if a.Err == nil || !strings.Contains(a.Err.Error(), c.err) || a.Stage != event.StageDial || addr != c.addr || a.Reachable() {
					t.Errorf("%+v", a)
				}
			})
		})
	}
}

// TestSecondAddress: the node is at the second address of its name. At the first nothing listens, or
// another server does.
func TestSecondAddress(t *testing.T) {
	for _, other := range []bool{false, true} {
		bubble.Test(t, func(t *testing.T) {
			key := mustKey(t)
			n := enr.Node{Key: key.Public(), TCP: 30303, Host: "node.example"}
			a := Ask(t.Context(), Config{
				Key: mustKey(t),
				Lookup: func(context.Context, string) ([]netip.Addr, error) {
					return []netip.Addr{netip.MustParseAddr("::1"), netip.MustParseAddr("10.0.0.1")}, nil
				},
				Dial: func(_ context.Context, at netip.AddrPort) (net.Conn, error) {
					ours, theirs := memnet.Pipe()
					switch {
					case at.Addr().Is4():
						go func() {
							r := newRemote(t, theirs, key)
							r.greet("them")
							r.wantGoodbye(0)
						}()
					case other:
						theirs.Close()
					default:
						return nil, memnet.ErrRefused
					}
					return ours, nil
				},
			}, n)
			if a.Err != nil || a.Client != "them" || a.Addr.String() != "10.0.0.1:30303" {
				t.Errorf("another server %v: %+v", other, a)
			}
		})
	}
}

// A node without room says so right after its Hello, before it compresses.
func TestPlainDisconnectIsAnAnswer(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		key := mustKey(t)
		a := Ask(t.Context(), Config{
			Key: mustKey(t),
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
				ours, theirs := memnet.Pipe()
				go func() {
					r := newRemote(t, theirs, key)
					r.greet("them", ethCaps(68)...)
					r.Conn.SetSnappy(false)
					r.say(1, []byte{0xc1, 0x04})
					r.Conn.Close()
				}()
				return ours, nil
			},
		}, enr.Node{Key: key.Public(), TCP: 30303, IP: netip.MustParseAddr("10.0.0.1")})
		if a.Err != nil || a.Reason != "too many peers" || a.Stage != event.StageStatus || a.Client != "them" {
			t.Errorf("%+v", a)
		}
	})
}

// TestRealSockets asks a node at a real port: the defaults dial and look up.
func TestRealSockets(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	key := mustKey(t)
	played := make(chan struct{})
	go func() {
		defer close(played)
		stream, err := l.Accept()
		if err != nil {
			return
		}
		defer stream.Close()
		r := newRemote(t, stream, key)
		r.greet("them", ethCaps(68)...)
		s := aStatus(68)
		r.say(ethStatus, s.Append(nil, 68))
		r.wantGoodbye(0)
	}()
	n, err := enr.ParseNode(fmt.Sprintf("enode://%x@localhost:%d", key.Public().Bytes(), l.Addr().(*net.TCPAddr).Port))
	if err != nil {
		t.Fatal(err)
	}
	a := Ask(t.Context(), Config{Key: mustKey(t)}, n) // localhost may be ::1 first
	<-played
	if a.Err != nil || a.Status == nil || a.Status.NetworkID != 1<<40 {
		t.Errorf("%+v", a)
	}
}
