// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/archive"
	"github.com/ethpeer/ethpeer/internal/test/peers"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// blocksFile writes a genesis file and a file of n blocks, and returns the blocks in RLP, the genesis block's included.
func blocksFile(t *testing.T, n int) (all []byte) {
	t.Helper()
	t.Chdir(t.TempDir())
	chain, err := params.ParseGenesis([]byte(peers.Genesis))
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := peers.NewBlocks(chain)
	if err != nil {
		t.Fatal(err)
	}
	b := blocks.Head()
	all = types.AppendBlock(nil, &b.Header, &b.Body)
	for range n {
		b = blocks.Grow(time.Unix(1_000_000_000, 0))
		all = append(all, types.AppendBlock(nil, &b.Header, &b.Body)...)
	}
	for name, b := range map[string][]byte{"genesis.json": []byte(peers.Genesis), "blocks.rlp": all} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func runArchive(t *testing.T, line string) (code int, out, stderr string) {
	t.Helper()
	var o, e bytes.Buffer
	p := program{out: &o, err: &e, signals: func() <-chan os.Signal { return nil }}
	code = p.run(strings.Fields(line))
	return code, o.String(), e.String()
}

// TestImportAndExport: an export equals the import, byte by byte, after any number of imports.
func TestImportAndExport(t *testing.T) {
	all := blocksFile(t, 300)
	const args = " --datadir d --chain genesis.json "
	for range 2 {
		code, out, stderr := runArchive(t, "import"+args+"--seals off --history full blocks.rlp")
		if code != exitOK || !strings.Contains(out, `"head":300,`) || stderr != "" {
			t.Fatalf("exit code %d: %s%s", code, out, stderr)
		}
	}
	for _, name := range []string{"out.rlp", "out.rlp.gz"} {
		if code, out, stderr := runArchive(t, "export"+args+name); code != exitOK || !strings.Contains(out, `"last":300`) {
			t.Fatalf("exit code %d: %s%s", code, out, stderr)
		}
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		in := io.Reader(file)
		if strings.HasSuffix(name, ".gz") {
			if in, err = gzip.NewReader(file); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, all) {
			t.Errorf("%s has %d bytes, want the %d that were imported: %v", name, len(got), len(all), err)
		}
	}
	for _, line := range []string{"export" + args + "out.era1", "import --datadir d2 --chain genesis.json --seals off out.era1"} {
		if code, out, stderr := runArchive(t, line); code != exitOK || !strings.Contains(out, ":300") {
			t.Errorf("%s: exit code %d: %s%s", line, code, out, stderr)
		}
	}
	if code, out, stderr := runArchive(t, "export --first 10 --last 12"+args+"few.rlp"); code != exitOK || !strings.Contains(out, `"blocks":3`) {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
}

// TestArchiveRefusals: each refusal is one line, with the right exit code, and leaves no incomplete file.
func TestArchiveRefusals(t *testing.T) {
	all := blocksFile(t, 20)
	if err := os.WriteFile("broken.rlp", append(all[:len(all)-40:len(all)-40], 0xff), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("text.rlp", []byte("no blocks at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	const args = " --datadir d --chain genesis.json "
	for _, c := range []struct {
		line string
		code int
		says string
	}{
		{"import", exitUsage, "which file?"},
		{"import blocks.rlp", exitUsage, "Give the --datadir"},
		{"import" + args + "none.rlp", exitFailed, "none.rlp: no such file"},
		{"import" + args + "text.rlp", exitFailed, "neither blocks in RLP nor"},
		{"import" + args + "--seals off broken.rlp", exitFailed, "broken.rlp: block 20, at byte"},
		{"import" + args + "--seals perhaps blocks.rlp", exitUsage, "want on, off or test"},
		{"import" + args + "--history some blocks.rlp", exitUsage, "want headers, full"},
		{"import --datadir d blocks.rlp", exitUsage, "--datadir d holds the chain custom (genesis block 0x"},
		{"export" + args + "a b", exitUsage, "one file, not 2"},
		{"export" + args + "blocks.rlp", exitUsage, "never overwritten"},
		{"export --first 5 --last 4" + args + "new.rlp", exitUsage, "there are no blocks 5 to 4"},
		{"export --last 21" + args + "new.rlp", exitUsage, "the head is 19"},
		{"export" + args + "none/new.rlp", exitFailed, "none/new.rlp: no such file"},
	} {
		code, out, stderr := runArchive(t, c.line)
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 || out != "" {
			t.Errorf("%s: exit code %d, %s%s; want %d, %q", c.line, code, out, stderr, c.code, c.says)
		}
	}
	if _, err := os.Stat("new.rlp"); err == nil {
		t.Error("new.rlp is left")
	}
}

// TestBar: what a terminal shows.
func TestBar(t *testing.T) {
	got := barText("imported", archive.Progress{Blocks: 500, Number: 499}, 0.5, 2*time.Second)
	if want := "[###############...............]  50 %  imported 500 blocks, to number 499; 250 a second"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
