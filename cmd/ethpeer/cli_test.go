// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/ethpeer/ethpeer/eth/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	if os.Getenv(floodVariable) != "" {
		floodMain() // we are a process of TestSlowReaderOfAProcess
	}
	goleak.VerifyTestMain(m)
}

// aKey is the public key of the private key 1. In arguments and golden files it is KEY.
const aKey = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// try runs a command line that must not start a node, and returns the whole dialogue.
func try(args string) string {
	var out, err bytes.Buffer
	p := program{out: &out, err: &err, env: func(string) string { return "" }, newNode: func(settings) (node, error) {
		panic("a node was started")
	}}
	var words []string
	for word := range strings.FieldsSeq(strings.ReplaceAll(args, "KEY", aKey)) {
		words = append(words, strings.Trim(word, "'"))
	}
	code := p.run(words)
	text := fmt.Sprintf("$ ethpeer %s\n%s%s", args, out.String(), strings.ReplaceAll(err.String(), aKey, "KEY"))
	if strings.Count(err.String(), "\n") > 1 {
		text += "NOT ONE LINE\n"
	}
	return fmt.Sprintf("%sexit %d\n\n", text, code)
}

// TestWrongUse holds every refusal: one line that says what is wrong and what to do, and
// exit code 2.
func TestWrongUse(t *testing.T) {
	var b strings.Builder
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("testdata/files")
	for _, args := range []string{
		"wach", "watch now", "version now", "watch --nope", "watch --port", "watch --all=perhaps",
		"watch --chain ropsten", "watch --chain ''", "watch --chain .", "watch --chain wrong-genesis.json", "watch --chain broken-genesis.json",
		"watch --networkid x", "watch --networkid 0", "watch --networkid 18446744073709551616",
		"watch --nodekey none.key", "watch --nodekey short.key", "watch --nodekey letters.key", "watch --nodekey zero.key",
		"watch --nodekey long.key", "watch --nodekey .",
		"watch --peers enode://KEY", "watch --peers enode://KEY@127.0.0.1", "watch --peers enode://KEY@127.0.0.1:0",
		"watch --peers enode://KEY@127.0.0.1:1,enode://beef@127.0.0.1:1", "watch --peers http://127.0.0.1", "watch --peers enr:abc",
		"watch --peers @none.txt", "watch --peers @wrong-nodes.txt", "watch --peers \x1b[2J\u202e\xff",
		"watch --addr localhost", "watch --addr ''", "watch --port 65536", "watch --port -1", "watch --addr none",
		"watch --maxpeers 0", "watch --maxpeers many",
		"watch --netrestrict 10.0.0.1", "watch --netrestrict 10.0.0.0/8,10.0.0.0/33",
		"watch --nat upnp", "watch --nat any", "watch --nat extip", "watch --nat extip:0.0.0.0", "watch --nat extip:example.org", "watch --nat tunnel:1.2.3.4",
		"watch --identity a/b", "watch --identity " + strings.Repeat("x", maxIdentity+1),
		"watch --eth 72", "watch --eth 71,x", "watch --eth eth", "watch --log-level loud",
	} {
		text := try(args)
		if !strings.HasSuffix(text, "\nexit 2\n\n") {
			t.Errorf("not refused with exit code 2:\n%s", text)
		}
		fmt.Fprint(&b, strings.NewReplacer("\x1b", "␛", "\u202e", "<U+202E>", "\xff", "<FF>").Replace(text))
	}
	t.Chdir(dir)
	golden(t, "wrong-use.golden", b.String())
}

func TestHelp(t *testing.T) {
	golden(t, "help.golden", try("")+try("watch --help"))
}

func TestHelpIsNoWiderThanAScreen(t *testing.T) {
	for line := range strings.Lines(try("") + try("watch --help")) {
		if limit := 105; len(line) > limit {
			t.Errorf("%d columns, want at most %d: %s", len(line), limit, line)
		}
	}
}

func TestVersion(t *testing.T) {
	if text := try("version"); !strings.HasPrefix(text, "$ ethpeer version\nethpeer ") || !strings.HasSuffix(text, "exit 0\n\n") {
		t.Error(text)
	}
	info := &debug.BuildInfo{}
	info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}
	if text := versionText("1.2.3", info); !strings.HasPrefix(text, "ethpeer 1.2.3 commit 0123456789ab go") {
		t.Error(text)
	}
	if text := versionText("1.2.3", nil); !strings.HasPrefix(text, "ethpeer 1.2.3 go") {
		t.Error(text)
	}
}

// settingsOf returns what the arguments of watch come to.
func settingsOf(t *testing.T, args ...string) settings {
	t.Helper()
	t.Chdir("testdata/files")
	var got settings
	var stderr bytes.Buffer
	p := program{out: &bytes.Buffer{}, err: &stderr, env: func(string) string { return "" }, newNode: func(s settings) (node, error) {
		got = s
		return nil, fmt.Errorf("this is far enough")
	}}
	if p.run(append([]string{"watch"}, args...)); !strings.Contains(stderr.String(), "far enough") {
		t.Fatal(stderr.String())
	}
	return got
}

func TestDefaults(t *testing.T) {
	s := settingsOf(t)
	if s.chain.Name != "mainnet" || s.networkID != 0 || s.key != nil || s.listen != "0.0.0.0:30303" || s.external.IsValid() ||
		s.maxPeers != 50 || len(s.static) != 0 || len(s.netRestrict) != 0 || s.identity != "" || s.all || s.json || s.logLevel != slog.LevelInfo {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff(wire.Supported(), s.versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
}

func TestEveryFlag(t *testing.T) {
	s := settingsOf(t, "--chain", "genesis.json", "--networkid", "18446744073709551615", "--nodekey", "good.key",
		"--peers", "@nodes.txt,enode://"+aKey+"@example.org:1", "--peers", "", "--addr", "[::1]", "--port", "0", "--maxpeers", "7",
		"--netrestrict", "10.1.2.3/8, fd00::/8", "--netrestrict", "127.0.0.0/8", "--nodiscover", "--identity", "sentry-1",
		"--nat", "extip:203.0.113.7", "--eth", "69,eth/68", "--eth", "69", "--all", "--json", "--log-level", "Debug")
	if s.chain.ChainID != 1337 || s.networkID != 1<<64-1 || s.key.Public().Bytes()[0] != 0x79 || s.listen != "[::1]:0" ||
		s.external != netip.MustParseAddr("203.0.113.7") || s.maxPeers != 7 || s.identity != "sentry-1" ||
		!s.all || !s.json || s.logLevel != slog.LevelDebug {
		t.Errorf("%+v", s)
	}
	if len(s.static) != 1 || s.static[0].URL() != "enode://"+aKey+"@127.0.0.1:30303" {
		t.Errorf("peers %v, want one", s.static)
	}
	if diff := cmp.Diff([]wire.Version{69, 68}, s.versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	if got := fmt.Sprint(s.netRestrict); got != "[10.0.0.0/8 fd00::/8 127.0.0.0/8]" {
		t.Errorf("networks %s", got)
	}
}

func TestNotListening(t *testing.T) {
	if s := settingsOf(t, "--addr", "none", "--peers", "enode://"+aKey+"@127.0.0.1:1"); s.listen != "" {
		t.Errorf("listens on %q", s.listen)
	}
}
