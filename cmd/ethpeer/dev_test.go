// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestEmbeddedNetwork runs the first command of the README, as a process, until it has
// told of everything, and ends it as a user would.
func TestEmbeddedNetwork(t *testing.T) {
	p := startProcess(t, exec.CommandContext(t.Context(), build(t), "watch", "--chain", "dev"))
	missing := map[string]bool{"peer": true, "tx": true, "block": true, "head": true}
	lines := bufio.NewScanner(p.out)
	for len(missing) > 0 {
		if !lines.Scan() {
			t.Fatalf("the output ended: %v; no %v", lines.Err(), missing)
		}
		var e struct{ Kind string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		delete(missing, e.Kind)
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, p.out); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(p.stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
	if n := strings.Count(string(said), devNotice); n != 1 {
		t.Errorf("standard error has the notice %d times:\n%s", n, said)
	}
}

func TestSettingsOfTheEmbeddedNetwork(t *testing.T) {
	for args, listen := range map[string]string{
		"--chain DEV":                        "127.0.0.1:0",
		"--chain dev --addr :: --port 30303": "[::]:30303",
		"--chain dev --addr none":            "",
		"--chain dev --networkid 1337":       "127.0.0.1:0",
	} {
		t.Run(args, func(t *testing.T) {
			if s := settingsOf(t, strings.Fields(args)...); !s.dev || s.chain != nil || s.listen != listen || len(s.static) != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
	code, _, stderr := runIn(nil, "config", "--chain", "dev", "--networkid", "1")
	if code != exitUsage || !strings.Contains(stderr, `--networkid "1": want none: the embedded network has its own`) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}
