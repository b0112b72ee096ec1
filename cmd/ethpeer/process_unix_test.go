// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSignalDuringStart: a file of nodes may be a pipe that nobody writes to.
func TestSignalDuringStart(t *testing.T) {
	binary := build(t)
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	pipe := filepath.Join(t.TempDir(), "nodes.txt")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	defer context.AfterFunc(ctx, func() { // it never came to read: go on without it
		if f, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
			f.Close()
		}
	})()
	p := startProcess(t, exec.CommandContext(ctx, binary, "watch", "--nodiscover", "--peers", "@"+pipe))
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
