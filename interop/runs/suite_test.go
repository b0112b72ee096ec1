// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
)

// suiteLimit is long enough for the slowest suite: new nodes are checked every few seconds.
const suiteLimit = 150 * time.Second

// TestDiscoverySuites has the conformance tests of two generations ask a fresh bootnode.
func TestDiscoverySuites(t *testing.T) {
	bin := binary(t, false)
	for _, c := range []struct {
		tool, suite string
		tests       int
	}{
		{"v1.17.5", "discv4", 15},
		{"v1.17.8", "discv4", 15},
		{"v1.17.5", "discv5", 7},
		{"v1.17.8", "discv5", 10},
	} {
		t.Run(c.suite+"-"+c.tool, func(t *testing.T) {
			t.Parallel() // each has a node and addresses of its own, and mostly waits
			b := startBootnode(t, bin)
			ctx, cancel := context.WithTimeout(t.Context(), suiteLimit)
			defer cancel()
			args := []string{c.suite, "test", "--tap", "--listen1", "127.0.0.1", "--listen2", "127.0.0.2"}
			if c.suite == "discv4" {
				args = append(args, "--remote", b.Enode)
			} else {
				args = append(args, b.Record)
			}
			out, err := exec.CommandContext(ctx, filepath.Join(network.Clients(), c.tool, "devp2p"), args...).CombinedOutput()
			passed := 0
			for line := range strings.Lines(string(out)) {
				if strings.HasPrefix(line, "ok ") {
					passed++
				}
			}
			t.Logf("FIGURES %s of devp2p %s: %d/%d", c.suite, c.tool, passed, c.tests)
			if err != nil || passed != c.tests {
				t.Errorf("%v, %d of %d pass:\n%s", err, passed, c.tests, out)
			}
		})
	}
}

// bootnode is a running `ethpeer bootnode`.
type bootnode struct {
	ID, Enode, Record string // as its first line says
}

// startBootnode starts one on loopback. It ends with the test.
func startBootnode(t *testing.T, bin string) *bootnode {
	t.Helper()
	cmd := exec.Command(bin, "bootnode", "--addr", "127.0.0.1", "--port", "0", "--nat", "none")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var trouble strings.Builder
	cmd.Stderr = &trouble
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("bootnode ended early: %v", err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("bootnode: %v\n%s", err, trouble.String())
		}
	})
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("bootnode says nothing: %v\n%s", err, trouble.String())
	}
	b := new(bootnode)
	if err := json.Unmarshal(first, b); err != nil {
		t.Fatalf("%s: %v", first, err)
	}
	go io.Copy(io.Discard, lines) // what follows, so that it never waits for us
	return b
}
