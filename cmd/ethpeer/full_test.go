// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/event"
)

// TestFullOutputOfEveryCommand: a command whose output cannot be written ends with one line that says so, and
// with exit code 1. watch has a test of its own.
func TestFullOutputOfEveryCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, stderr := runIn(nil, "key", "new", "node.key"); code != exitOK {
		t.Fatal(stderr)
	}
	_, record, _ := runIn(nil, "enr", "encode", "--nodekey", "node.key")
	lines := map[string][]string{
		"ethpeer":              {},
		"ethpeer bootnode":     {"--addr", "127.0.0.1", "--port", "0"},
		"ethpeer completion":   {"zsh"},
		"ethpeer config":       {},
		"ethpeer crawl":        {"--chain", "dev"},
		"ethpeer enr":          {},
		"ethpeer export":       {"--datadir", "d", "a.rlp"},
		"ethpeer import":       {"--datadir", "d", "empty.rlp"},
		"ethpeer enr decode":   {strings.TrimSpace(record)},
		"ethpeer enr encode":   {"--nodekey", "node.key"},
		"ethpeer help":         {"crawl"},
		"ethpeer key":          {},
		"ethpeer key generate": {"--out", "a.key"},
		"ethpeer key inspect":  {"node.key"},
		"ethpeer key new":      {"b.key"},
		"ethpeer ping":         {"--addr", "127.0.0.1", "enode://" + aKey + "@127.0.0.1:9"},
		"ethpeer status":       {"--datadir", answering(t)},
		"ethpeer version":      {},
	}
	if err := os.WriteFile("empty.rlp", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	full := endsOfOutput[1]
	for _, path := range commandPaths(new(program).command()) {
		args, ok := lines[path]
		if !ok && path != "ethpeer watch" && path != "ethpeer run" { // run has no output
			t.Errorf("%s is not tried", path)
		}
		if !ok {
			continue
		}
		var stderr text
		p := program{out: failing{full.err}, err: &stderr, signals: func() <-chan os.Signal { return nil }}
		if code := p.run(append(strings.Fields(path)[1:], args...)); code != full.code || stderr.String() != full.stderr {
			t.Errorf("%s: exit code %d, %q; want %d, %q", path, code, stderr.String(), full.code, full.stderr)
		}
	}
}

// commandPaths lists the commands that a user may type, the root first.
func commandPaths(cmd *cobra.Command) (paths []string) {
	paths = []string{cmd.CommandPath()}
	for _, c := range cmd.Commands() {
		paths = append(paths, commandPaths(c)...)
	}
	slices.Sort(paths)
	return paths
}

// TestBootnodeSaysATroubleOnce: the log of a bootnode has each trouble once, and continuing losses as sums.
func TestBootnodeSaysATroubleOnce(t *testing.T) {
	var stderr text
	p := program{out: &stderr, err: &stderr}
	record := bootnodeLog(p.logger(&settings{}))
	at := time.Unix(1, 0)
	for range 5 {
		record(event.Loss{At: event.At{Time: at}, Where: "nodedb.disk", Count: 2})
		at = at.Add(time.Second)
	}
	record(event.Trouble{At: event.At{Time: at}, Where: event.TroubleStore, Err: "no space left"})
	record(event.Trouble{At: event.At{Time: at}, Where: event.TroubleStore, Err: "there is room", Over: true})
	got := stderr.String()
	for part, want := range map[string]int{
		"level=WARN msg=lost where=nodedb.disk count=2": 1, "msg=lost": 1,
		`level=WARN msg=store trouble="no space left"`: 1, `level=INFO msg=store over="there is room"`: 1,
	} {
		if n := strings.Count(got, part); n != want {
			t.Errorf("%q is there %d times, want %d: %s", part, n, want, got)
		}
	}
}
