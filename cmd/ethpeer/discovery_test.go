// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// boots starts a bootnode on loopback and returns what its first line says.
func boots(ctx context.Context, t *testing.T, args ...string) (p *process, first map[string]any) {
	t.Helper()
	p = startProcess(t, exec.CommandContext(ctx, build(t), append([]string{"bootnode", "--addr", "127.0.0.1", "--port", "0"}, args...)...))
	line, err := bufio.NewReader(p.out).ReadBytes('\n')
	if err != nil {
		rest, _ := io.ReadAll(p.stderr)
		t.Fatalf("%v: %s", err, rest)
	}
	if err := json.Unmarshal(line, &first); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return p, first
}

// runs a command to its end.
func runs(ctx context.Context, t *testing.T, args ...string) (code int, out, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, build(t), args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	b, _ := cmd.Output()
	return cmd.ProcessState.ExitCode(), string(b), errs.String()
}

// TestLookingAtTheNetwork: a bootnode is pinged in both versions and found by a crawl; a missing node is not.
func TestLookingAtTheNetwork(t *testing.T) {
	ctx := t.Context()
	p, self := boots(ctx, t)
	enode, record := self["enode"].(string), self["record"].(string)
	if self["private"] != true || self["ip"] != "127.0.0.1" || !strings.Contains(enode, "127.0.0.1") {
		t.Errorf("%v", self)
	}
	for _, target := range []string{enode, record} {
		code, out, stderr := runs(ctx, t, "ping", "--addr", "127.0.0.1", target)
		var got struct {
			ID     string
			V4, V5 struct {
				MS  float64
				Seq uint64
			}
			SeenAt string
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s %s: %v", out, stderr, err)
		}
		if code != exitOK || got.ID != self["id"] || got.V4.Seq == 0 || got.V4.Seq != got.V5.Seq || got.V4.MS == 0 || got.V5.MS == 0 ||
			!strings.HasPrefix(got.SeenAt, "127.0.0.1:") {
			t.Errorf("exit %d, %s%s", code, out, stderr)
		}
	}
	code, out, stderr := runs(ctx, t, "crawl", "--addr", "127.0.0.1", "--no-probe", "--bootnodes", enode)
	if code != exitOK || strings.Count(out, `"discovery":true`) != 1 || !strings.Contains(out, self["id"].(string)) || !strings.Contains(out, `"fork":"no eth entry"`) || stderr != "" {
		t.Errorf("crawl: exit %d, %s%s", code, out, stderr)
	}
	p.Process.Signal(syscall.SIGINT)
	p.wantExit(t, exitOK, "")

	code, out, stderr = runs(ctx, t, "ping", "--addr", "127.0.0.1", "--rlpx", enode)
	if code != exitUsage && code != exitFailed || strings.Contains(out, `"ms"`) || stderr == "" {
		t.Errorf("ping of a node that has ended: exit %d, %s%s", code, out, stderr)
	}
}

// TestCrawlOfTheEmbeddedNetwork needs nothing else.
func TestCrawlOfTheEmbeddedNetwork(t *testing.T) {
	ctx := t.Context()
	code, out, stderr := runs(ctx, t, "crawl", "--chain", "dev")
	if code != exitOK || strings.Count(out, `"reach":"says its Status"`) < 5 || stderr != "" {
		t.Errorf("exit %d, %s%s", code, out, stderr)
	}
}

// TestDataDirectory: our identity lasts, its sequence number rises, and no other process may use it
// at the same time.
func TestDataDirectory(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Join(t.TempDir(), "a", "b")
	p, first := boots(ctx, t, "--datadir", dir)
	info, err := os.Stat(filepath.Join(dir, keyName))
	if err != nil || info.Mode() != fs.FileMode(0o600) {
		t.Errorf("%v, %v; want a key with mode 600", info, err)
	}
	code, _, stderr := runs(ctx, t, "bootnode", "--addr", "127.0.0.1", "--port", "0", "--datadir", dir)
	if code != exitUsage || !strings.Contains(stderr, "another ethpeer uses it") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit %d, %s", code, stderr)
	}
	p.Process.Signal(syscall.SIGINT)
	p.wantExit(t, exitOK, "")
	p, second := boots(ctx, t, "--datadir", dir)
	if first["id"] != second["id"] || second["seq"].(float64) <= first["seq"].(float64) {
		t.Errorf("%v, then %v", first, second)
	}
	p.Process.Kill()
	p.Wait()
	manifests, err := filepath.Glob(filepath.Join(dir, "nodes", "MANIFEST-*"))
	if err != nil || len(manifests) == 0 {
		t.Fatal(manifests, err)
	}
	for _, name := range manifests {
		if err := os.Truncate(name, 3); err != nil {
			t.Fatal(err)
		}
	}
	p, third := boots(ctx, t, "--datadir", dir)
	if first["id"] != third["id"] {
		t.Errorf("%v, then %v", first, third)
	}
	p.Process.Signal(syscall.SIGTERM)
	p.wantExit(t, exitOK, "set aside")
}

// TestRecordsByHand: an encoded record is decoded again; text that is no record is refused in one line.
func TestRecordsByHand(t *testing.T) {
	t.Chdir(files)
	digits, err := os.ReadFile("good.key")
	if err != nil {
		t.Fatal(err)
	}
	key, text := filepath.Join(t.TempDir(), "node.key"), ""
	for mode, warning := range map[fs.FileMode]string{0o600: "", 0o644: "others can read it"} {
		if err := errors.Join(os.WriteFile(key, digits, mode), os.Chmod(key, mode)); err != nil {
			t.Fatal(err)
		}
		code, out, stderr := runIn(nil, "enr", "encode", "--nodekey", key, "--seq", "7", "--ip", "203.0.113.7", "--ip6", "2001:db8::7",
			"--tcp", "30303", "--udp", "30301", "--eth", "0xfc64ec04,1150000")
		if code != exitOK || !strings.Contains(stderr, warning) || warning == "" && stderr != "" {
			t.Fatal(mode, code, stderr)
		}
		text = strings.TrimSpace(out)
	}
	code, out, _ := runIn(nil, "enr", "decode", text)
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
		t.Fatal(code, out, err)
	}
	for name, want := range map[string]any{
		"seq": 7.0, "ip": "203.0.113.7", "ip6": "2001:db8::7", "tcp": 30303.0, "udp": 30301.0, "eth": "fc64ec04/1150000 mainnet genesis",
		"public": aKey, "signature": "valid",
	} {
		if got[name] != want {
			t.Errorf("%s: %v, want %v", name, got[name], want)
		}
	}
	for i := range text {
		if code, _, stderr := runIn(nil, "enr", "decode", text[:i]); code != exitUsage || strings.Count(stderr, "\n") != 1 {
			t.Fatalf("%d characters: exit %d, %s", i, code, stderr)
		}
	}
	if code, _, stderr := runIn(nil, "enr", "decode", strings.Repeat("4c", 32)); code != exitUsage || strings.Contains(stderr, "4c4c") {
		t.Errorf("a private key: exit %d, %s", code, stderr)
	}
}

func TestKeysByHand(t *testing.T) {
	t.Chdir(t.TempDir())
	code, url, stderr := runIn(nil, "key", "generate", "--out", "node.key")
	if code != exitOK || stderr != "" {
		t.Fatal(code, stderr)
	}
	code, out, stderr := runIn(nil, "key", "inspect", "node.key")
	var got map[string]string
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK || stderr != "" {
		t.Fatal(code, out, stderr, err)
	}
	if got["enode"] != strings.TrimSpace(url) || "enode://"+got["public"] != got["enode"] || len(got["id"]) != 64 {
		t.Errorf("%v, generated %s", got, url)
	}
	secret, err := os.ReadFile("node.key")
	if err != nil || tells(out+url, strings.TrimSpace(string(secret))) {
		t.Error("the private key was printed", err)
	}
}
