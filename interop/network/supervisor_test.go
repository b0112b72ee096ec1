// SPDX-License-Identifier: Apache-2.0

package network

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSupervisor lets the holder of the supervisor's input vanish at the worst moments: nothing may be left.
func TestSupervisor(t *testing.T) {
	const script = `mkdir -p "$0/net"; sleep 300 & echo $! > "$0/net/pids"; sleep 301 & sleep 0.3`
	for _, c := range []struct {
		name    string
		started bool // the holder vanishes after the script has ended
	}{{"while it starts", false}, {"while it runs", true}} {
		t.Run(c.name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "root")
			if err := os.Mkdir(root, 0o700); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("bash", "-c", supervisor, "supervisor", root, "bash", "-c", script, root)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			hold, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if c.started {
				if line, _ := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "started" {
					t.Errorf("the supervisor says %q", line)
				}
			}
			hold.Close()
			out.Close()
			cmd.Wait() // killed, always
			if !groupEnded(cmd.Process.Pid) {
				t.Error("processes are left")
			}
			if _, err := os.Stat(root); !os.IsNotExist(err) {
				t.Errorf("the folder is left: %v", err)
			}
		})
	}
}
