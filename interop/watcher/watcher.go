// SPDX-License-Identifier: Apache-2.0

package watcher

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/ethpeer/ethpeer/interop/network"
)

// stopLimit is how long the process may take from Ctrl-C to its end.
const stopLimit = 10 * time.Second

// Config says how to run a watcher.
type Config struct {
	Bin      string   // from Build
	Genesis  string   // path of a genesis.json
	Network  int      // network id
	Eth      string   // versions to offer: "68" or "68,69"; empty = the default
	Peers    []string // enode URLs to dial
	Trusted  []string // enode URLs or node IDs that may connect even if it is full
	MaxPeers int      // 0 = the default

	Bootnodes []string // enode URLs to ask for peers; empty = it looks for nobody

	IP  string   // to listen at; empty = 127.0.0.1
	Env []string // beside the test's own
}

// A Watcher is one running process.
type Watcher struct {
	ID    string // its node ID, 64 hexadecimal digits
	Enode string // its URL, for nodes that shall dial it

	ip     net.IP // four bytes
	port   int
	cmd    *exec.Cmd
	stderr bytes.Buffer
	ended  chan struct{} // closed when the process has ended and all its output is read
	exit   error         // of the process; read it after ended

	mu    sync.Mutex
	lines []Line
	bad   []error
}

// Start starts a watcher. It ends with the test.
func Start(t testing.TB, c Config) *Watcher {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "nodekey")
	if err := os.WriteFile(file, []byte(hex.EncodeToString(crypto.FromECDSA(key))), 0o600); err != nil {
		t.Fatal(err)
	}
	port := network.FreePort(t)
	ip := net.IPv4(127, 0, 0, 1)
	if c.IP != "" {
		ip = net.ParseIP(c.IP)
	}
	self := enode.NewV4(&key.PublicKey, ip, port, port)
	w := &Watcher{ID: self.ID().String(), Enode: self.URLv4(), ip: ip.To4(), port: port, ended: make(chan struct{})}

	args := []string{
		"watch", "--chain", c.Genesis, "--networkid", strconv.Itoa(c.Network), "--nodekey", file,
		"--addr", ip.String(), "--port", strconv.Itoa(port), "--nat", "none",
	}
	if len(c.Bootnodes) > 0 {
		args = append(args, "--bootnodes", strings.Join(c.Bootnodes, ","))
	} else {
		args = append(args, "--nodiscover")
	}
	if len(c.Peers) > 0 {
		args = append(args, "--peers", strings.Join(c.Peers, ","))
	}
	if len(c.Trusted) > 0 {
		args = append(args, "--trustedpeers", strings.Join(c.Trusted, ","))
	}
	if c.MaxPeers > 0 {
		args = append(args, "--maxpeers", strconv.Itoa(c.MaxPeers))
	}
	if c.Eth != "" {
		args = append(args, "--eth", c.Eth)
	}
	w.cmd = exec.Command(c.Bin, args...)
	w.cmd.Env = append(os.Environ(), c.Env...)
	w.cmd.Stderr = &w.stderr
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.cmd.Process.Kill()
		<-w.ended
		if t.Failed() {
			t.Logf("standard error of %.8s:\n%s", w.ID, tail(w.stderr.String(), 20))
		}
	})
	go w.read(out)
	return w
}

// read collects the output, then waits for the process.
func (w *Watcher) read(out io.Reader) {
	defer close(w.ended)
	in := bufio.NewScanner(out)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		l, err := parse(in.Bytes(), time.Now())
		w.mu.Lock()
		if err != nil {
			w.bad = append(w.bad, err)
		} else {
			w.lines = append(w.lines, l)
		}
		w.mu.Unlock()
	}
	w.exit = errors.Join(in.Err(), w.cmd.Wait())
}

// Lines returns what it has printed so far. The result is the caller's.
func (w *Watcher) Lines() []Line {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.lines)
}

// Has reports whether each of the hashes has a line.
func (w *Watcher) Has(hashes []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	have := map[string]bool{}
	for _, l := range w.lines {
		have[l.Hash] = true
	}
	return !slices.ContainsFunc(hashes, func(h string) bool { return !have[h] })
}

// Listening waits until the process listens on its port.
func (w *Watcher) Listening(ctx context.Context) error {
	want := fmt.Sprintf("%02X%02X%02X%02X:%04X", w.ip[3], w.ip[2], w.ip[1], w.ip[0], w.port) // as the kernel writes it; state 0A = LISTEN
	return w.until(ctx, fmt.Sprintf("listens on port %d", w.port), func() bool {
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			return false
		}
		for line := range strings.Lines(string(table)) {
			if f := strings.Fields(line); len(f) > 3 && f[1] == want && f[3] == "0A" {
				return true
			}
		}
		return false
	})
}

// Up waits until each of the peers with these IDs is up, and returns their lines in that
// order.
func (w *Watcher) Up(ctx context.Context, ids ...string) ([]Line, error) {
	up := make([]Line, len(ids))
	err := w.until(ctx, fmt.Sprintf("has %d peers up", len(ids)), func() bool {
		found := 0
		for _, l := range w.Lines() {
			if i := slices.Index(ids, l.Peer); l.Kind == "peer" && l.Event == "up" && i >= 0 {
				up[i] = l
			}
		}
		for _, l := range up {
			if l.Kind != "" {
				found++
			}
		}
		return found == len(ids)
	})
	return up, err
}

// Memory returns the most memory that the process has held so far, in bytes (VmHWM of proc_pid_status(5)).
func (w *Watcher) Memory() (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			kB, err := strconv.Atoi(f[1])
			return kB << 10, err
		}
	}
	return 0, errors.New("no VmHWM in /proc/PID/status")
}

// CPU returns the time that the process computed, once it has ended.
func (w *Watcher) CPU() time.Duration {
	return w.cmd.ProcessState.UserTime() + w.cmd.ProcessState.SystemTime()
}

// Stop sends Ctrl-C, waits for the end, and returns the whole output. An exit code other
// than 0, a line that is no event, or a race that the detector saw is an error.
func (w *Watcher) Stop() ([]Line, error) {
	var errs []error
	if err := w.cmd.Process.Signal(os.Interrupt); err != nil {
		errs = append(errs, fmt.Errorf("ended before Ctrl-C: %w", err))
	}
	select {
	case <-w.ended:
	case <-time.After(stopLimit):
		errs = append(errs, fmt.Errorf("runs on %v after Ctrl-C", stopLimit))
		w.cmd.Process.Kill()
		<-w.ended
	}
	if w.exit != nil {
		errs = append(errs, w.exit)
	}
	if strings.Contains(w.stderr.String(), "DATA RACE") {
		errs = append(errs, fmt.Errorf("data race:\n%s", w.stderr.String()))
	}
	return w.Lines(), errors.Join(append(errs, w.bad...)...)
}

// until waits for a condition, which it looks at every 20 ms.
func (w *Watcher) until(ctx context.Context, what string, ok func() bool) error {
	for !ok() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("ethpeer never %s: %w; its last lines:\n%s", what, context.Cause(ctx), w.tail())
		case <-w.ended:
			return fmt.Errorf("ethpeer ended before it %s: %w\n%s", what, w.exit, tail(w.stderr.String(), 20))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (w *Watcher) tail() string {
	lines := w.Lines()
	var b strings.Builder
	for _, l := range lines[max(0, len(lines)-10):] {
		b.WriteString(l.Raw + "\n")
	}
	return b.String()
}

func tail(s string, n int) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
