// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/archive"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/status"
)

// sourceOf runs a node that has the blocks of a file, and returns its URL.
func sourceOf(t *testing.T, blocks []byte) (url string) {
	t.Helper()
	p, err := params.ParseGenesis([]byte(peers.Genesis))
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	n, err := ethpeer.New(ethpeer.Config{
		Chain: p, History: chain.HistoryFull, Listen: "127.0.0.1:0", Ready: func(url string) { ready <- url },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Import(t.Context(), n.Chain(), bytes.NewReader(blocks), archive.Options{}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case url = <-ready:
	case <-time.After(time.Minute):
		t.Fatal("a source does not listen")
	}
	return url
}

// await asks a node for its status until it is as wanted.
func await(t *testing.T, socket string, is func(*status.Report) bool) *status.Report {
	t.Helper()
	var last *status.Report
	often := time.NewTicker(5 * time.Millisecond)
	defer often.Stop()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); <-often.C {
		r, err := status.Fetch(t.Context(), socket)
		if err == nil && is(r) {
			return r
		}
		if err == nil {
			last = r
		}
	}
	t.Fatalf("the last status: %+v", last)
	return nil
}

// TestKilledInASync kills the process again and again while it synchronises from five peers. The store opens each time, and
// in the end the chain is that of the peers, byte by byte. With the race detector there are fewer kills, as the sources are slower.
func TestKilledInASync(t *testing.T) {
	binary := build(t)
	kills, n := 10, 2400
	if bubble.Race {
		kills, n = 3, 600
	}
	all := blocksFile(t, n)
	args := []string{
		"run", "--datadir", "d", "--chain", "genesis.json", "--seals", "off", "--history", "full", "--nodiscover", "--addr", "127.0.0.1", "--port", "0",
	}
	for range 5 { // as many as begin a synchronisation at once
		args = append(args, "--peers", sourceOf(t, all))
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "d", status.SocketName)
	start := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), binary, args...)
		cmd.Stderr = new(bytes.Buffer)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	within := 0
	for kill := range kills {
		cmd := start()
		after := uint64((kill + 1) * n / (kills + 2)) //nolint:gosec // small
		if r := await(t, socket, func(r *status.Report) bool { return r.Held.Head >= after }); r.Sync != nil {
			within++
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	if within == 0 {
		t.Error("no kill came within a synchronisation")
	}
	cmd := start()
	await(t, socket, func(r *status.Report) bool {
		return r.Held.Head == uint64(n) && r.Held.Earliest <= 1 && r.Held.Stored && r.Sync == nil //nolint:gosec // small
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, cmd.Stderr)
	}
	t.Logf("%d of %d kills came within a synchronisation", within, kills)
	if code, _, stderr := runArchive(t, "export --datadir d --chain genesis.json out.rlp"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if got, err := os.ReadFile("out.rlp"); err != nil || !bytes.Equal(got, all) {
		t.Errorf("%d bytes after the kills, want the %d of the peers: %v", len(got), len(all), err)
	}
}
