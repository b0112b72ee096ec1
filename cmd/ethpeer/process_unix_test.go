// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestSignalDuringStart: a file of nodes may be a pipe without a writer.
func TestSignalDuringStart(t *testing.T) {
	binary := build(t)
	pipe := filepath.Join(t.TempDir(), "nodes.txt")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	p := startProcess(t, exec.CommandContext(t.Context(), binary, "watch", "--nodiscover", "--peers", "@"+pipe))
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until it reads
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	p.Process.Signal(syscall.SIGTERM)
	p.wantExit(t, -1, "") // by the signal
	if s, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGTERM {
		t.Errorf("%v, want the end by SIGTERM", p.ProcessState)
	}
}

// A child inherits an ignored signal (nohup). If this test run handles the signal instead, its children get
// the default.
func init() {
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// TestSignals: one signal, or two within an instant as timeout and sudo send them, end a watch in
// order.
func TestSignals(t *testing.T) {
	binary := build(t)
	for name, signals := range map[string][]syscall.Signal{
		"interrupt": {syscall.SIGINT}, "term": {syscall.SIGTERM}, "hangup": {syscall.SIGHUP},
		"twice": {syscall.SIGTERM, syscall.SIGTERM}, "and the terminal's": {syscall.SIGINT, syscall.SIGHUP, syscall.SIGTERM},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProcess(t, exec.CommandContext(t.Context(), binary, "watch", "--addr", "127.0.0.1", "--port", "0", "--nodiscover", "--log-level", "info"))
			p.listening(t)
			for _, s := range signals {
				_ = p.Process.Signal(s) // unless the first has ended it
			}
			summed(t, p.out)
			p.wantExit(t, exitOK, "")
		})
	}
}

// TestTimeoutCommand: timeout(1) sends its signal to the process and to the group.
func TestTimeoutCommand(t *testing.T) {
	binary := build(t)
	timeout, err := exec.LookPath("timeout")
	if err != nil {
		t.Skip(err)
	}
	p := startProcess(t, exec.CommandContext(t.Context(), timeout, "--preserve-status", "1000", binary, "watch", "--addr", "127.0.0.1", "--port", "0", "--nodiscover"))
	p.listening(t)
	_ = p.Process.Signal(syscall.SIGTERM) // as when its time is over
	summed(t, p.out)
	p.wantExit(t, exitOK, "")
}

// TestSignalsOfABootnode: the same rule as for a watch.
func TestSignalsOfABootnode(t *testing.T) {
	binary := build(t)
	for _, signals := range [][]syscall.Signal{{syscall.SIGINT}, {syscall.SIGTERM, syscall.SIGTERM}, {syscall.SIGHUP}} {
		p := startProcess(t, exec.CommandContext(t.Context(), binary, "bootnode", "--addr", "127.0.0.1", "--port", "0"))
		if _, err := bufio.NewReader(p.out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		for _, s := range signals {
			_ = p.Process.Signal(s)
		}
		_, _ = io.Copy(io.Discard, p.out)
		p.wantExit(t, exitOK, "")
	}
}

// TestStuckProcess: a second signal ends a process that does not end in order.
func TestStuckProcess(t *testing.T) {
	p := livingProcess(t, "stuck")
	p.listening(t)
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	again := time.NewTicker(sameSignal / 5)
	defer again.Stop()
	for running := true; running; {
		_ = p.Process.Signal(syscall.SIGINT)
		select {
		case <-again.C:
		case <-ended:
			running = false
		}
	}
	if code := p.ProcessState.ExitCode(); code != exitKilled {
		t.Errorf("exit code %d, want %d", code, exitKilled)
	}
}
