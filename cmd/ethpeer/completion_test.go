// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
)

// offers returns what a shell offers after these words, and whether files too.
func offers(t *testing.T, words ...string) (items []string, files bool) {
	t.Helper()
	code, out, _ := runIn(nil, append([]string{"__complete"}, words...)...)
	if code != exitOK {
		t.Fatalf("%q: exit code %d", words, code)
	}
	for line := range strings.Lines(out) {
		item, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		items = append(items, item)
	}
	last := len(items) - 1
	return items[:last], items[last] == ":0"
}

func TestCompletion(t *testing.T) {
	chains := strings.Join(chainNames(), " ")
	for _, c := range []struct {
		words []string
		want  string
		files bool
	}{
		{[]string{""}, "bootnode completion config crawl enr export help import key ping run status version watch", false},
		{[]string{"wa"}, "watch", false},
		{[]string{"help", ""}, "bootnode completion config crawl enr export import key ping run status version watch", false},
		{[]string{"key", ""}, "generate inspect new", false},
		{[]string{"completion", ""}, "bash zsh fish", false},
		{[]string{"watch", "--log"}, "--log-level --log-format", false},
		{[]string{"watch", "--log-level", ""}, "error warn info debug", false},
		{[]string{"watch", "--log-format", "j"}, "text json", false}, // the shell's script picks what fits
		{[]string{"watch", "--log-format="}, "text json", false},
		{[]string{"watch", "--chain", ""}, chains, true},
		{[]string{"config", "--chain", ""}, chains, true},
		{[]string{"watch", "--nat", ""}, "any none upnp pmp extip: stun", false},
		{[]string{"watch", "--eth", ""}, strings.ReplaceAll(option.VersionList(option.Offered()), ",", " "), false},
		{[]string{"watch", "--eth", option.VersionList(option.Offered()) + ","}, "", false},
		{[]string{"watch", "--nodekey", ""}, "", true},
		{[]string{"watch", "--config", ""}, "", true},
		{[]string{"watch", "--identity", ""}, "", false},
	} {
		items, files := offers(t, c.words...)
		if got := strings.Join(items, " "); got != c.want || files != c.files {
			t.Errorf("%q: offers %q, files %v; want %q, %v", c.words, got, files, c.want, c.files)
		}
	}
	if items, _ := offers(t, "watch", "--eth", "69,"); len(items) != len(option.Offered())-1 || !strings.HasPrefix(items[0], "69,") {
		t.Errorf("after one version: %q", items)
	}
}

// TestCompletionScripts gives each script to its shell, where that is installed.
func TestCompletionScripts(t *testing.T) {
	for _, s := range shells {
		code, script, stderr := runIn(nil, "completion", s.name)
		if code != exitOK || stderr != "" || !strings.Contains(script, "__complete") {
			t.Errorf("%s: exit code %d, %s", s.name, code, stderr)
		}
		if _, err := exec.LookPath(s.name); err != nil {
			continue
		}
		cmd := exec.CommandContext(t.Context(), s.name, "-n") // read, do not run
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s does not read it: %v\n%s", s.name, err, out)
		}
	}
}
