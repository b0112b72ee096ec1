// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/status"
	"github.com/ethpeer/ethpeer/types"
)

// answering serves the status of a node that has not been run, and returns its data directory.
func answering(t *testing.T) (dir string) {
	t.Helper()
	mainnet, _ := params.ByName("mainnet")
	node, err := ethpeer.New(ethpeer.Config{Chain: mainnet, Key: append(make([]byte, 31), 1)})
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = os.MkdirTemp("", "status"); err != nil { // t.TempDir's name may be too long for a socket
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	server, err := status.Listen(filepath.Join(dir, status.SocketName), node)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		server.Run(ctx)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return dir
}

func statusIn(screen *screen, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	p := program{out: &out, err: &err, screen: screen, signals: func() <-chan os.Signal { return nil }}
	code = p.run(append([]string{"status"}, args...))
	return code, out.String(), err.String()
}

// TestStatus: JSON for a program, text for a person.
func TestStatus(t *testing.T) {
	dir := answering(t)
	code, out, stderr := statusIn(nil, "--datadir", dir)
	var r status.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitOK || stderr != "" || r.Chain.Name != "mainnet" || strings.Count(out, "\n") != 1 {
		t.Errorf("exit code %d, %v: %s%s", code, err, out, stderr)
	}
	wide := &screen{width: func() int { return 60 }}
	code, out, stderr = statusIn(wide, "--datadir", dir)
	if code != exitOK || stderr != "" || !strings.Contains(out, "head      none yet: no source has named one\n") || strings.Contains(out, "{") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	for line := range strings.Lines(out) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 60 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if code, out, _ = statusIn(wide, "--datadir", dir, "--json"); code != exitOK || !strings.HasPrefix(out, "{") {
		t.Errorf("exit code %d: %s", code, out)
	}
}

// TestNothingToAsk: what to do, in one line.
func TestNothingToAsk(t *testing.T) {
	dir, err := os.MkdirTemp("", "status")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	code, _, stderr := statusIn(nil, "--datadir", dir)
	if want := "ethpeer: no ethpeer runs with --datadir " + dir + "; start one: ethpeer run --datadir " + dir + "\n"; code != exitFailed || stderr != want {
		t.Errorf("exit code %d, %q, want %q", code, stderr, want)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, status.SocketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if code, _, stderr = statusIn(nil, "--datadir", dir); code != exitFailed || !strings.Contains(stderr, "the last one was killed; start it again") {
		t.Errorf("of a killed one: exit code %d, %q", code, stderr)
	}
	long := filepath.Join(dir, strings.Repeat("x", status.MaxPath))
	if code, _, stderr = statusIn(nil, "--datadir", long); code != exitFailed || !strings.Contains(stderr, "a socket's has at most 107") {
		t.Errorf("of a long name: exit code %d, %q", code, stderr)
	}
}

// TestStatusText: everything that a report may have.
func TestStatusText(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r := &status.Report{
		Client: "ethpeer/v0.1.0", Time: at, Started: at.Add(-time.Hour), Enode: "enode://ab@203.0.113.1:30303",
		Chain: status.Chain{Name: "custom", ID: 1337, NetworkID: 1338, Fork: "fc64ec04", Next: 7},
		Head:  &status.Head{Number: 100, Hash: types.Hash{1}.String(), By: "light", Proved: true, Supporters: 1, Lag: 2, Stale: true, At: at.Add(-time.Minute)},
		Held:  status.Held{Head: 98, Headers: 1, Earliest: 50, Stored: true},
		Sync:  &status.Sync{Head: 50, Target: 99, Headers: 50, HeadersLeft: 49, BlocksLeft: 1, Peers: 2},
		Clique: &status.Clique{Blocks: 256, Signers: []status.Signer{
			{Address: types.Address{1}.String(), Signed: 200, Missed: 0, Last: 98}, {Address: types.Address{2}.String(), Missed: 56},
		}},
		Troubles: []status.Trouble{{Where: "chain", Error: "no space left\x1b[2J", Since: at.Add(-time.Second)}},
		Peers: []status.Peer{
			{ID: strings.Repeat("ab", 32), Client: "Geth/v1\u202e", Addr: "203.0.113.7:30303", Direction: "inbound", Eth: 69, Since: at.Add(-90 * time.Second), Received: 999, Sent: 1_500_000, Score: -2.5, Reason: "too many peers"},
			{ID: strings.Repeat("cd", 32), Client: "reth", Addr: "[2001:db8::7]:30303", Direction: "outbound", Eth: 71, Since: at, Received: 12_300, Sent: 7_000_000_000, Score: 10},
		},
		More: 3,
	}
	var b, bare bytes.Buffer
	new(program).statusText(&b, r)
	new(program).statusText(&bare, &status.Report{Client: "ethpeer/v0.1.0", Time: at, Started: at})
	golden(t, "status.golden", b.String()+"\n"+bare.String())
}

// writes is an output that hands each write to the test.
type writes chan string

func (w writes) Write(b []byte) (int, error) {
	w <- string(b)
	return len(b), nil
}

// TestStatusWatch prints until a signal, and ends when the node has ended.
func TestStatusWatch(t *testing.T) {
	dir := answering(t)
	for name, screen := range map[string]*screen{"pipe": nil, "terminal": {width: func() int { return 80 }}} {
		t.Run(name, func(t *testing.T) {
			var stderr text
			out := make(writes, 10)
			signals, code := make(chan os.Signal, 1), make(chan int, 1)
			p := program{out: out, err: &stderr, screen: screen, signals: func() <-chan os.Signal { return signals }}
			go func() { code <- p.run([]string{"status", "--watch", "--datadir", dir}) }()
			first, second := <-out, <-out
			signals <- os.Interrupt
			if got := <-code; got != exitOK || stderr.String() != "" {
				t.Errorf("exit code %d, %q", got, stderr.String())
			}
			for _, report := range []string{first, second} {
				if cleared := strings.HasPrefix(report, "\x1b[H\x1b[2J"); cleared != (screen != nil) || !strings.Contains(report, "mainnet") {
					t.Errorf("printed %q", report)
				}
			}
		})
	}
}
