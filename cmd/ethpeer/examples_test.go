// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// aRecord is the record of a node on loopback, with the private key 1.
const aRecord = "enr:-Jq4QAVGDP2BRjOUEXRWUq00pHx8EDbMKJBnEe3U0jpRlvGuIe-hDXxnTVDDX3rHQtXrg6Xu2eh3GqeCP_knAj1GwwwHg2V0aMrJhPxk7ASDEYwwgmlkgnY0gmlwhMsAcQeJc2VjcDI1NmsxoQJ5vmZ--dy7rFWgYpXOhwsHApv82y3OKNlZ8oFbFvgXmIN0Y3CCdl-DdWRwgnZd"

// errBegun is what the first use of the world outside panics with: the command line was right.
var errBegun = errors.New("the command has begun")

// inExample finds the command lines of ours in a line of shell.
var inExample = regexp.MustCompile(`(?:^|[|(] *)(ethpeer [^|>)]*)`)

// TestExamplesOfTheHelp runs every command line that a help text shows, in order, as far as the
// network.
func TestExamplesOfTheHelp(t *testing.T) {
	for _, c := range commands((&program{}).command()) {
		if c.Example == "" {
			continue
		}
		t.Run(c.Name(), func(t *testing.T) {
			exampleFolder(t, !strings.Contains(c.Example, "ethpeer key "+"generate") && c.Name() != "new")
			ran := 0
			for line := range strings.Lines(c.Example) {
				line = strings.TrimSpace(line)
				if line == "" || strings.HasPrefix(line, "#") {
					continue
				}
				found := inExample.FindAllStringSubmatch(line, -1)
				if len(found) == 0 {
					t.Errorf("no command of ours: %s", line)
				}
				for _, m := range found {
					runExample(t, strings.TrimSpace(m[1]))
					ran++
				}
			}
			if ran == 0 {
				t.Error("nothing was run")
			}
		})
	}
}

// exampleFolder makes the files that examples name.
func exampleFolder(t *testing.T, key bool) {
	t.Helper()
	genesis, err := os.ReadFile(filepath.Join(files, "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"genesis.json": string(genesis), "nodes.txt": "enode://" + aKey + "@127.0.0.1:1\n", "ethpeer.toml": "chain = \"sepolia\"\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, stderr := runIn(nil, "key", "new", "node.key"); code != exitOK {
		t.Fatal(stderr)
	}
	if !key {
		if err := os.Remove("node.key"); err != nil {
			t.Fatal(err)
		}
	}
}

// runExample runs one command line. Its end is a success, or the first use of the network.
func runExample(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(strings.NewReplacer("ROOT", "0x"+strings.Repeat("1", 64), "KEY", aKey, "HOST", "127.0.0.1", "enr:-IS4Q…", aRecord).Replace(line))
	var out, stderr bytes.Buffer
	p := program{
		in: strings.NewReader(aRecord + "\n"), out: &out, err: &stderr, exit: func(int) {},
		signals: func() <-chan os.Signal { panic(errBegun) },
		newNode: func(settings) (node, error) { panic(errBegun) },
	}
	defer func() {
		if r := recover(); r != nil && r != any(errBegun) {
			panic(r)
		}
	}()
	if code := p.run(words[1:]); code != exitOK {
		t.Errorf("%s\nexit %d: %s", line, code, stderr.String())
	}
}
