// SPDX-License-Identifier: Apache-2.0

package watcher

import (
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/ethpeer/ethpeer/interop/network"
)

// Build builds the command into dir, with the race detector if race is set, and returns
// its path.
func Build(dir string, race bool) (string, error) {
	bin := filepath.Join(dir, "ethpeer")
	args := []string{"build", "-o", bin}
	if race {
		bin += "-race"
		args = []string{"build", "-race", "-o", bin}
	}
	cmd := exec.Command("go", append(args, "./cmd/ethpeer")...)
	cmd.Dir = network.Root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go %v: %w\n%s", cmd.Args[1:], err, out)
	}
	return bin, nil
}
