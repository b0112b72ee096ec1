// SPDX-License-Identifier: Apache-2.0

package params

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readFile returns a file of testdata.
func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestGenesisHashes: files that geth v1.17.8 has read, among them what the test networks
// run and every form that geth accepts, have the hashes that it found.
func TestGenesisHashes(t *testing.T) {
	n := 0
	for line := range strings.Lines(string(readFile(t, "hashes.txt"))) {
		name, want, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		c, err := ParseGenesis(readFile(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.GenesisHash.String() != want {
			t.Errorf("%s: %s, want %s", name, c.GenesisHash, want)
		}
	}
	if n < 10 {
		t.Errorf("only %d files", n)
	}
}
