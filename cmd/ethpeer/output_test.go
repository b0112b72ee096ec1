// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// endsOfOutput are the errors of a write to standard output, and our messages for them.
var endsOfOutput = []struct {
	err    error
	code   int
	stderr string
}{
	{&os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}, exitOK, ""},
	{&os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}, exitFailed, "ethpeer: standard output: no space left; make room, or write elsewhere\n"},
	{errors.New("on fire"), exitFailed, "ethpeer: standard output: on fire\n"},
}

func TestEndOfTheOutputEndsTheWatch(t *testing.T) {
	for _, c := range endsOfOutput {
		bubble.Test(t, func(t *testing.T) {
			w := newWatching(failing{c.err}, gossip)
			w.start()
			w.want(t, c.code, c.stderr)
		})
	}
}

// TestExitCodes: a command that prints once exits by the result of its output. A closed reader is no error.
func TestExitCodes(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"help", "watch"}, {"watch", "-h"}, {"version"}, {"config"}, {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}} {
		for _, c := range endsOfOutput {
			var stderr strings.Builder
			p := program{out: failing{c.err}, err: &stderr}
			if code := p.run(args); code != c.code || stderr.String() != c.stderr {
				t.Errorf("%q, %v: exit code %d, %q; want %d, %q", args, c.err, code, stderr.String(), c.code, c.stderr)
			}
		}
	}
}

func TestOnATerminal(t *testing.T) {
	shared := true
	run := func(env map[string]string, args ...string) string {
		var out text
		bubble.Test(t, func(t *testing.T) {
			w := newWatching(&out, gossip)
			w.screen = &screen{width: func() int { return 40 }}
			if shared {
				w.errs = w.screen
			}
			w.env = env
			w.start(append([]string{"--log-level", "info"}, args...)...)
			w.signals <- os.Interrupt
			<-w.code
			if got := w.err.String(); !strings.Contains(got, "enode=enode://abc@127.0.0.1:1") {
				t.Errorf("standard error does not say where we listen: %q", got)
			}
			if overwrites := strings.Contains(w.err.String(), "\r\x1b[K"); overwrites != (shared && env["TERM"] != "dumb" && len(args) == 0) {
				t.Errorf("a message overwrites the status line: %v", overwrites)
			}
		})
		return out.String()
	}
	const color, status = "\x1b[32mhead \x1b[0m", "\r\x1b[K"
	full := run(nil)
	if !strings.Contains(full, color) || !strings.Contains(full, status) || !strings.Contains(full, "head 7") || !strings.HasSuffix(full, "lost 3: inbox\n") {
		t.Errorf("no colours, status line or summary: %q", full)
	}
	if s := run(map[string]string{"NO_COLOR": "1"}); strings.Contains(s, "\x1b[3") || !strings.Contains(s, status) {
		t.Errorf("NO_COLOR is set: %q", s)
	}
	if s := run(map[string]string{"TERM": "dumb"}); strings.ContainsAny(s, "\x1b\r") {
		t.Errorf("the terminal is dumb: %q", s)
	}
	if s := run(nil, "--json"); len(kinds(t, s)) != 7 {
		t.Errorf("--json: %q", s)
	}
	shared = false // standard error goes to a file: nothing for a terminal there
	if s := run(nil); !strings.Contains(s, status) {
		t.Errorf("standard error goes elsewhere, and so does the status line: %q", s)
	}
}
