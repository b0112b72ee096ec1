// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/sink"
	"github.com/ethpeer/ethpeer/types"
)

// fake is a node that does what the test says.
type fake struct {
	life func(ctx context.Context, s settings) error
	s    settings
}

func (f fake) Run(ctx context.Context) error { return f.life(ctx, f.s) }

// text is a buffer that one goroutine writes and another reads.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *text) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(b)
}

func (t *text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// watching is a watch that runs within the test, in a bubble.
type watching struct {
	program
	err     text
	signals chan os.Signal
	code    chan int // what run returned
	killed  chan int // what exit was called with
}

func newWatching(out io.Writer, life func(context.Context, settings) error) *watching {
	w := &watching{signals: make(chan os.Signal, 2), code: make(chan int, 1), killed: make(chan int, 1)}
	w.program = program{
		out: out, err: &w.err, signals: func() <-chan os.Signal { return w.signals },
		exit:    func(code int) { w.killed <- code },
		newNode: func(s settings) (node, error) { return fake{life, s}, nil },
	}
	return w
}

func (w *watching) start(args ...string) {
	go func() { w.code <- w.run(append([]string{"watch", "--log-level", "error"}, args...)) }()
	synctest.Wait()
}

func (w *watching) want(t *testing.T, code int, stderr string) {
	t.Helper()
	if got := <-w.code; got != code {
		t.Errorf("exit code %d, want %d", got, code)
	}
	if got := w.err.String(); got != stderr {
		t.Errorf("standard error says %q, want %q", got, stderr)
	}
}

// kinds lists the kinds of the lines, which must be numbered without a gap.
func kinds(t *testing.T, lines string) (kinds []string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var m struct {
			Kind string
			Seq  int
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		kinds = append(kinds, m.Kind)
		if m.Seq != len(kinds) {
			t.Errorf("line %d has the number %d", len(kinds), m.Seq)
		}
	}
	return kinds
}

// gossip is a life with one event of each kind that a node makes.
func gossip(ctx context.Context, s settings) error {
	now := event.At{Time: time.Now()}
	s.ready("enode://abc@127.0.0.1:1")
	s.record(event.Peer{At: now, Change: event.PeerUp})
	s.record(event.Tx{At: now})
	s.record(event.Sighting{At: now})
	s.record(event.Block{At: now})
	s.record(event.Head{At: now, Number: 7, Hash: types.Hash{7}})
	s.record(event.Loss{At: now, Where: "inbox", Count: 3})
	<-ctx.Done()
	s.record(event.Peer{At: now, Change: event.PeerDown})
	return nil
}

func TestWatchPrintsWhatHappensAndTheSummaryLast(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"peer", "tx", "block", "head", "loss", "peer", "summary"}},
		{[]string{"--all"}, []string{"peer", "tx", "sighting", "block", "head", "loss", "peer", "summary"}},
	} {
		bubble.Test(t, func(t *testing.T) {
			var out text
			w := newWatching(&out, gossip)
			w.start(c.args...)
			if got := kinds(t, out.String()); len(got) != len(c.want)-2 {
				t.Errorf("before the end, lines %v", got)
			}
			w.signals <- os.Interrupt
			w.want(t, exitOK, "")
			if diff := cmp.Diff(c.want, kinds(t, out.String())); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if !strings.Contains(out.String(), `"sightings":1,`) {
				t.Errorf("the summary does not count the sighting: %s", out.String())
			}
		})
	}
}

// TestSecondSignalEndsAtOnce: a second signal ends the process, but within half a second of the first it
// counts as the same.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		w := newWatching(io.Discard, func(ctx context.Context, _ settings) error {
			<-ctx.Done()
			<-release // a peer that does not take our goodbye
			return nil
		})
		w.start()
		for _, later := range []time.Duration{0, time.Millisecond, sameSignal - 2*time.Millisecond} {
			time.Sleep(later)
			w.signals <- syscall.SIGTERM
			synctest.Wait()
			select {
			case <-w.killed:
				t.Fatalf("a signal %v after the one before ended the process", later)
			default:
			}
		}
		time.Sleep(time.Millisecond)
		w.signals <- syscall.SIGHUP
		if code := <-w.killed; code != exitKilled {
			t.Errorf("exit code %d, want %d", code, exitKilled)
		}
		close(release)
		w.want(t, exitOK, "")
	})
}

func TestNodeThatCannotStart(t *testing.T) {
	listen := func(errno error) error {
		return fmt.Errorf("cannot listen: %w", &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", errno)})
	}
	for _, c := range []struct {
		err    error
		code   int
		stderr string
	}{
		{listen(syscall.EADDRINUSE), exitUsage, "TCP 0.0.0.0:30303 is in use; end the program that holds it, or choose another with --port (0: any that is free)"},
		{
			&net.OpError{Op: "listen", Net: "udp4", Addr: &net.UDPAddr{IP: net.IPv4zero, Port: 30304}, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, exitUsage,
			"UDP 0.0.0.0:30304 is in use; end the program that holds it, or choose another with --discovery.port (0: any that is free)",
		},
		{listen(syscall.EACCES), exitUsage, "not allowed to listen on TCP 0.0.0.0:30303; choose a port from 1024 up with --port"},
		{listen(syscall.EADDRNOTAVAIL), exitUsage, "TCP 0.0.0.0:30303 is no address of this machine; choose another with --addr"},
		{listen(syscall.EAFNOSUPPORT), exitUsage, "cannot listen on TCP 0.0.0.0:30303: bind: address family not supported by protocol; choose another with --addr and --port"},
		{errors.New("the moon fell\non us\x1b"), exitFailed, `the moon fell on us\u001b`},
	} {
		bubble.Test(t, func(t *testing.T) {
			var out text
			w := newWatching(&out, func(context.Context, settings) error { return c.err })
			w.start()
			w.want(t, c.code, "ethpeer: "+c.stderr+"\n")
			if got := out.String(); (c.code == exitUsage) != (got == "") {
				t.Errorf("standard output says %q", got)
			}
		})
	}
}

// slow is a reader that takes a while for every write.
type slow struct {
	each time.Duration
	text
}

func (s *slow) Write(b []byte) (int, error) {
	time.Sleep(s.each)
	return s.text.Write(b)
}

func flood(n int) func(context.Context, settings) error {
	return func(ctx context.Context, s settings) error {
		for range n {
			s.record(event.Tx{At: event.At{Time: time.Now()}})
		}
		<-ctx.Done()
		return nil
	}
}

func TestSlowReaderIsWaitedForAtTheEnd(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		out := &slow{each: patience - time.Second}
		w := newWatching(out, flood(1000)) // 200 kB, seven writes
		w.start()
		w.signals <- os.Interrupt
		w.want(t, exitOK, "")
		if got := kinds(t, out.String()); len(got) != 1001 {
			t.Errorf("%d lines, want 1001", len(got))
		}
	})
}

func TestReaderThatStopsIsNotWaitedForForEver(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		out := &slow{each: time.Hour}
		w := newWatching(out, flood(1))
		w.start()
		began := time.Now()
		w.signals <- os.Interrupt
		w.want(t, exitFailed, "ethpeer: standard output: nothing was read for 10 s; the rest is lost\n")
		if d := time.Since(began); d != 10*time.Second {
			t.Errorf("left after %v", d)
		}
		time.Sleep(2 * time.Hour) // the process would have ended; in a test the writer must
	})
}

// TestFullQueueAndASlowReaderEndInTime: a signal, a full queue, and a reader that takes a write each 9 s.
func TestFullQueueAndASlowReaderEndInTime(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		out := &slow{each: patience - time.Second}
		w := newWatching(out, flood(2*sink.Bound))
		w.start()
		began := time.Now()
		w.signals <- os.Interrupt
		w.want(t, exitFailed, "ethpeer: standard output: not everything was read within 75 s; the rest is lost\n")
		if d := time.Since(began); d != 75*time.Second {
			t.Errorf("left after %v, want 75 s", d)
		}
		time.Sleep(24 * time.Hour) // the process would have ended; in a test the writer must
	})
}

func TestMessagesWhileTheLinesGoElsewhere(t *testing.T) {
	for level, want := range map[string][]string{
		"error": nil,
		"warn":  {"discovery is off", "lost"},
		"info":  {"discovery is off", "listening", "lost"},
		"debug": {"discovery is off", "listening", "peer up", "head", "lost", "peer down"},
	} {
		bubble.Test(t, func(t *testing.T) {
			w := newWatching(io.Discard, gossip)
			w.start("--nodiscover", "--log-level", level)
			w.signals <- os.Interrupt
			<-w.code
			got := w.err.String()
			if n := strings.Count(got, "\n"); n != len(want) {
				t.Errorf("%s: %d messages, want %d:\n%s", level, n, len(want), got)
			}
			for _, m := range want {
				if !strings.Contains(got, m) {
					t.Errorf("%s: nothing about %q:\n%s", level, m, got)
				}
			}
		})
	}
}

// TestNoNodeToBeginWith: the missing nodes are reported at once, with what to do.
func TestNoNodeToBeginWith(t *testing.T) {
	t.Chdir(files)
	peer := "enode://" + aKey + "@127.0.0.1:1"
	for _, c := range []struct{ args, want string }{
		{"--chain genesis.json", "no node to begin with: the chain names no bootnodes; name one with --bootnodes or --peers; waiting for others to connect"},
		{"--chain genesis.json --bootnodes=", "no node to begin with: --bootnodes names none; name one there or with --peers; waiting for others to connect"},
		{"--chain sepolia --bootnodes= --discovery.dns=false", "no node to begin with: --bootnodes names none; name one there or with --peers; waiting for others to connect"},
		{"--chain sepolia --nodiscover", "no node is named with --peers, and discovery is off; waiting for others to connect"},
		{"--chain sepolia --trusted-only", "--trusted-only keeps every node out: none is named with --peers or --trustedpeers"},
		{"--chain sepolia --trusted-only --trustedpeers " + peer, "no node is named with --peers, and discovery is off; waiting for others to connect"},
		{"--chain sepolia", ""},
		{"--chain sepolia --bootnodes=", ""}, // lists in DNS
		{"--chain sepolia --discovery.v4=false --discovery.v5=false", ""},
		{"--chain genesis.json --peers " + peer, ""},
		{"--chain genesis.json --bootnodes " + peer, ""},
		{"--chain genesis.json --bootnodes enrtree://AKA3AM6LPBYEUDMVNU3BSVQJ5AD45Y7YPOHJLEF6W26QOE4VTUDPE@nodes.example.org", ""},
		{"--chain dev --log-level warn", ""},
	} {
		t.Run(c.args, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				w := newWatching(io.Discard, func(ctx context.Context, _ settings) error { <-ctx.Done(); return nil })
				w.start(append([]string{"--log-level", "warn"}, strings.Fields(c.args)...)...)
				w.signals <- os.Interrupt
				<-w.code
				var got []string
				for line := range strings.Lines(w.err.String()) {
					_, text, _ := strings.Cut(line, "msg=")
					if text = strings.Trim(text, "\"\n"); !strings.HasPrefix(text, "genesis file: ") {
						got = append(got, text)
					}
				}
				if text := strings.Join(got, "\n"); text != c.want {
					t.Errorf("%q, want %q", text, c.want)
				}
			})
		})
	}
	for _, args := range []string{"--chain genesis.json --addr none", "--chain sepolia --addr none --bootnodes= --discovery.dns=false"} {
		if text := try("watch " + args); !strings.Contains(text, "no node to hear: ") || !strings.HasSuffix(text, "exit 2\n\n") {
			t.Error(text)
		}
	}
}

// TestWarningsOfTheChain: a line each, by watch and by config.
func TestWarningsOfTheChain(t *testing.T) {
	t.Chdir(files)
	b, err := os.ReadFile("genesis.json")
	if err != nil {
		t.Fatal(err)
	}
	chain, err := params.ParseGenesis(b)
	if err != nil {
		t.Fatal(err)
	}
	_, _, stderr := runIn(nil, "config", "--chain", "genesis.json")
	if got := strings.Count(stderr, "level=WARN"); got != len(chain.Warnings) || strings.Count(stderr, "\n") != got {
		t.Errorf("%d warnings, want %q: %s", got, chain.Warnings, stderr)
	}
	odd := strings.Replace(string(b), `"chainId":1337`, `"chainId":0`, 1)
	file := filepath.Join(t.TempDir(), "odd.json")
	if err := os.WriteFile(file, []byte(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := runIn(nil, "config", "--chain", file)
	if code != exitOK || !strings.Contains(stderr, `msg="genesis file: config.chainId: `) {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
