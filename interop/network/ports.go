// SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
)

// Where a network's ports lie in its block of portBlock; node i adds i, from 1, and the
// clique script puts an engine port 50 above RPC.
const (
	portBlock  = 200
	portP2P    = 0
	portRPC    = 40
	portAuth   = 140
	portBeacon = 170
)

var (
	nextBlock atomic.Int64
	nextOwn   atomic.Int64
)

// Clients returns the folder into which interop/peers/install.sh built the clients.
func Clients() string {
	if dir := os.Getenv("PEERS"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), "ethpeer-peers")
	}
	return filepath.Join(home, ".cache", "ethpeer-peers")
}

// Root returns the folder of the main module.
func Root() string { return filepath.Join(sourceDir(), "..", "..") }

// sourceDir is the folder of this file: tests run where they were built. With -trimpath the binary does not know it, but go test
// runs a test in its package's folder, beside this one.
func sourceDir() string {
	_, file, _, _ := runtime.Caller(0)
	if filepath.IsAbs(file) {
		return filepath.Dir(file)
	}
	return filepath.Join("..", "network")
}

// FreePort returns a loopback TCP port that nothing listens on. It lies below the range
// from which the kernel picks ports for outgoing connections, so it stays free.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := 19000 + int(nextOwn.Add(1)+int64(os.Getpid())%900)%1000
		if free(port) {
			return port
		}
	}
	t.Fatal("no free port between 19000 and 20000")
	return 0
}

// freePorts returns the base of a block of ports in which those that a network uses are free.
func freePorts(t testing.TB) int {
	t.Helper()
	for range 60 {
		base := 20000 + int(nextBlock.Add(1)+int64(os.Getpid())%50)%60*portBlock
		if blockFree(base) {
			return base
		}
	}
	t.Fatal("no free block of ports between 20000 and 32000")
	return 0
}

func blockFree(base int) bool {
	for i := 1; i <= 5; i++ {
		for _, part := range []int{portP2P, portP2P + 10, portRPC, portRPC + 50, portAuth, portBeacon} {
			if !free(base + part + i) {
				return false
			}
		}
	}
	return true
}

func free(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}
