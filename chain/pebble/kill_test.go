// SPDX-License-Identifier: Apache-2.0

package pebble

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/internal/test/chains"
)

// writer, if it is set, is the directory that this process writes a chain to until it is killed.
const writer = "ETHPEER_TEST_CHAIN_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writer); dir != "" {
		writeChain(dir)
		return
	}
	os.Exit(m.Run())
}

// killed returns the line that a killed process writes.
func killed() (*chains.World, chains.Line) {
	w := chains.Mined()
	return w, w.Genesis().Grow(300, chains.Step{Seconds: 13, Txs: 1})
}

// writeChain extends the chain in a directory and prints each block that is stored. It is at most 16 blocks
// ahead of its reader.
func writeChain(dir string) {
	w, l := killed()
	heard, ahead := bufio.NewReader(os.Stdin), 0
	c, err := OpenChain(dir, chain.Config{Params: w.Params}, func(s string) { fmt.Println(s) })
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := int(c.Head().Number) + 1; n < len(l); n++ { //nolint:gosec // small
		_, err := c.InsertHeaders(later, l.Headers(n, n))
		if err == nil {
			err = c.PutBody(l[n].Hash, l[n].Body)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(n)
		if ahead++; ahead > 16 {
			if _, err := heard.ReadByte(); err != nil {
				return
			}
		}
	}
}

// TestKill: a process that is killed at any moment leaves a chain that the next one goes on with.
func TestKill(t *testing.T) {
	w, l := killed()
	dir, last := t.TempDir(), uint64(0)
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writer+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, began, n := bufio.NewScanner(out), -1, 0
		for lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &n); err != nil {
				t.Fatalf("the writer says %q", lines.Text())
			}
			if began < 0 {
				began = n
			}
			if n == began+20+7*round {
				_ = cmd.Process.Signal(syscall.SIGKILL)
			}
			_, _ = in.Write([]byte{'\n'}) // it may be dead
		}
		_ = cmd.Wait()               // it was killed
		if uint64(began) != last+1 { //nolint:gosec // small
			t.Errorf("the writer went on with block %d, after block %d", began, last)
		}
		c := openIn(t, dir, w)
		if last = c.Head().Number; last >= uint64(len(l)) { //nolint:gosec // small
			t.Fatalf("the head is block %d", last)
		}
		follows(t, c, l[:last+1])
		mustClose(t, c)
	}
	if last == 0 {
		t.Error("nothing was written")
	}
}
