// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// tells reports whether a text has a large enough part of the secret.
func tells(text, secret string) bool {
	text = strings.ToLower(text)
	for i := range len(secret) - 15 {
		if strings.Contains(text, secret[i:i+16]) {
			return true
		}
	}
	return false
}

// TestKeyIsNeverPrinted gives a key and its file at every place where a user may, right
// and wrong.
func TestKeyIsNeverPrinted(t *testing.T) {
	const secret = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"node.key": secret + "\n", "long.key": secret + "00", "short.key": secret[1:], "prefix.key": "0x" + secret,
		"key.toml": "nodekey = \"" + secret + "\"\n", "bare.toml": secret + " = 1\n", "value.toml": "port = \"" + secret + "\"\n",
		"peers.toml": "peers = [\"" + secret + "\"]\n", "open.toml": "nodekey = \"" + secret,
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil { // others can read it: a warning
			t.Fatal(err)
		}
	}
	var lines []string
	values := []string{"node.key", "@node.key", secret, "0x" + secret, strings.ToUpper(secret), "enode://" + secret + "@127.0.0.1:1", "extip:" + secret}
	for name := range samples {
		for _, value := range values {
			if (name == "trustedpeers" || name == "checkpoint") && !strings.Contains(value, "@") {
				continue // 64 hex digits are the ID of a node here, or a block's root, which are public
			}
			lines = append(lines, "config --"+name+"="+value, option.VariableOf(name)+"="+value+" config")
		}
	}
	for _, file := range []string{"long.key", "short.key", "prefix.key"} {
		lines = append(lines, "config --nodekey "+file, "config --peers @"+file, "config --chain "+file, "config --config "+file)
	}
	for _, file := range []string{"key", "bare", "value", "peers", "open"} {
		lines = append(lines, "config --config "+file+".toml")
	}
	lines = append(lines, "watch "+secret, secret, "help "+secret, "completion "+secret, "config --nodekeyhex "+secret, "config --nodekeyhex="+secret,
		"config --"+secret, "config -"+secret, "key "+secret, "key new "+secret, "config --config "+secret, "config --nodekey node.key")
	for _, line := range lines {
		text := try(line)
		_, said, _ := strings.Cut(text, "\n") // after what the user typed
		if tells(said, secret) {
			t.Errorf("tells the key: %s", text)
		}
	}

	for _, format := range []string{"text", "json"} {
		bubble.Test(t, func(t *testing.T) {
			var out text
			w := newWatching(&out, gossip)
			w.start("--log-level", "debug", "--log-format", format, "--nodekey", "node.key")
			w.signals <- os.Interrupt
			<-w.code
			if all := out.String() + w.err.String(); tells(all, secret) || !strings.Contains(all, "chmod 600 node.key") {
				t.Errorf("tells the key, or not that others can read it: %s", all)
			}
		})
	}
	if all := fmt.Sprintf("%+v %#v", settingsWithKey(t), settingsWithKey(t)); tells(all, secret) {
		t.Errorf("settings print the key: %s", all)
	}
}

func settingsWithKey(t *testing.T) settings {
	t.Helper()
	key, _, err := option.ReadKey(option.Of("nodekey", "node.key"))
	if err != nil {
		t.Fatal(err)
	}
	return settings{key: key}
}

func TestNewKey(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, stderr := runIn(nil, "key", "new", "node.key")
	if code != exitOK || stderr != "" || len(out) != len("enode://")+128+1 {
		t.Fatal(code, out, stderr)
	}
	info, err := os.Stat("node.key")
	if err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("%v, %v; want a file with mode 600", info.Mode(), err)
	}
	text, err := os.ReadFile("node.key")
	if err != nil || len(text) != 65 || tells(out, string(text[:64])) {
		t.Error("the file has no key, or it was printed")
	}
	key, warning, err := option.ReadKey(option.Of("nodekey", "node.key"))
	if err != nil || warning != "" {
		t.Fatal(warning, err)
	}
	if xy := key.Public().Bytes(); !strings.Contains(out, fmt.Sprintf("%x", xy)) {
		t.Errorf("printed %s, which is not its public key", out)
	}

	if code, _, stderr := runIn(nil, "key", "new", "node.key"); code != exitUsage || !strings.Contains(stderr, "never overwritten") {
		t.Error(code, stderr)
	}
	if again, err := os.ReadFile("node.key"); err != nil || !bytes.Equal(again, text) {
		t.Error("a key was overwritten")
	}
	other := filepath.Join(t.TempDir(), "other.key")
	if runIn(nil, "key", "new", other); other != "" {
		if b, err := os.ReadFile(other); err != nil || bytes.Equal(b, text) {
			t.Error("two keys are the same")
		}
	}
}

// TestLogIsHarmless: names that a peer chose cannot control a terminal that shows the log.
func TestLogIsHarmless(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var b bytes.Buffer
		p := program{err: &b}
		log := p.logger(&settings{logLevel: slog.LevelDebug, logJSON: asJSON})
		l := logged{Format: nothing{}, log: log}
		l.Append(nil, event.Peer{Change: event.PeerUp, Source: event.Source{Client: "\x1b[2J\u009b1m\u202e\xff\n\x7f"}})
		l.Append(nil, event.Peer{Change: event.PeerFailed, Err: "\x1b]0;\u009bx\a"})
		text := b.String()
		if strings.ContainsAny(text, "\x1b\u009b\u202e\a\x7f") || strings.Contains(text, "\xff") || strings.Count(text, "\n") != 2 {
			t.Errorf("%q", text)
		}
	}
}

// nothing is a format without lines.
type nothing struct{}

func (nothing) Append(dst []byte, _ event.Event) []byte { return dst }

// TestAKeyThatOthersCanReadIsWarnedOf: there is one warning about a key file that other users can read.
func TestAKeyThatOthersCanReadIsWarnedOf(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("data", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"node.key", "data/nodekey"} {
		if code, _, stderr := runIn(nil, "key", "new", name); code != exitOK {
			t.Fatal(stderr)
		}
		if err := os.Chmod(name, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	warned := func(stderr, name string, lines []string) {
		t.Helper()
		if n := strings.Count(stderr, "others can read it; chmod 600 "+name); n != 1 {
			t.Errorf("%q: warned %d times, want once: %s", lines, n, stderr)
		}
	}
	node := "enode://" + aKey + "@127.0.0.1:9"
	for name, lines := range map[string][][]string{
		"node.key": {
			{"key", "inspect", "node.key"},
			{"enr", "encode", "--nodekey", "node.key"},
			{"ping", "--nodekey", "node.key", "--addr", "127.0.0.1", node},
			{"crawl", "--nodekey", "node.key", "--bootnodes", node, "--no-probe", "--addr", "127.0.0.1", "--time", "2s"},
			{"bootnode", "--nodekey", "node.key", "--addr", "127.0.0.1", "--port", "0"},
		},
		"data/nodekey": {
			{"key", "inspect", "data/nodekey"},
			{"bootnode", "--datadir", "data", "--addr", "127.0.0.1", "--port", "0"},
		},
	} {
		for _, args := range lines {
			var stderr text
			p := program{out: failing{endsOfOutput[0].err}, err: &stderr, signals: func() <-chan os.Signal { return nil }}
			p.run(args) // its reader has left, so that it ends
			warned(stderr.String(), name, args)
		}
	}
	for name, args := range map[string][]string{
		"node.key":     {"--nodekey", "node.key"},
		"data/nodekey": {"--datadir", "data"},
	} {
		bubble.Test(t, func(t *testing.T) {
			var out text
			w := newWatching(&out, gossip)
			w.start(append([]string{"--log-level", "warn", "--nodiscover"}, args...)...)
			w.signals <- os.Interrupt
			<-w.code
			warned(w.err.String(), name, args)
		})
	}
}
