// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocumentedFile reads the files that docs/config.md shows.
func TestDocumentedFile(t *testing.T) {
	b, err := os.ReadFile("../../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "c.toml")
	blocks := strings.Split(string(b), "```toml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("shows none")
	}
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Chdir(dir)
		if err := os.WriteFile("nodes.txt", []byte("enode://"+aKey+"@127.0.0.1:1 # one\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := runIn(nil, "key", "new", "node.key"); code != exitOK {
			t.Fatal(stderr)
		}
		if code, _, stderr := runIn(nil, "config", "--config", file); code != exitOK || stderr != "" {
			t.Errorf("exit code %d, %s, for:\n%s", code, stderr, text)
		}
	}
}
