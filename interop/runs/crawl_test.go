// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/interop/network"
)

const crawlLimit = 60 * time.Second

// asked is what `ethpeer crawl` and `ethpeer ping --rlpx` say of a node (docs/crawl.md).
type asked struct {
	ID      string `json:"id"`
	Fork    string `json:"fork"`
	Reach   string `json:"reach"`
	Told    int    `json:"told"`
	Client  string `json:"client"`
	Eth     int    `json:"eth"`
	Network string `json:"network"`
	Genesis string `json:"genesis"`
	Head    string `json:"head"`
}

// run runs the command to its end, and returns the lines that it prints.
func run(t *testing.T, args ...string) (lines []asked) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), crawlLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t, false), args...)
	var trouble strings.Builder
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("ethpeer %v: %v\n%s", args, err, trouble.String())
	}
	for line := range bytes.Lines(out) {
		var a asked
		if err := json.Unmarshal(line, &a); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		lines = append(lines, a)
	}
	return lines
}

// crawlsAndPings has our crawl begin with one node of the network and find what all of them are,
// and our ping say the same of one.
func crawlsAndPings(t *testing.T, n *network.Network) {
	t.Helper()
	began := time.Now()
	found := map[string]asked{}
	for _, a := range run(t, "crawl", "--bootnodes", n.Nodes[0].Enode, "--addr", "127.0.0.1", "--netrestrict", "127.0.0.0/8") {
		found[a.ID] = a
	}
	t.Logf("FIGURES crawled %d nodes in %.1f s", len(found), time.Since(began).Seconds())
	for _, node := range n.Nodes {
		a, ok := found[node.ID]
		if !ok {
			t.Errorf("the crawl did not find %s", node.Name)
			continue
		}
		check(t, n, node, a)
		if a.Reach != "says its Status" || a.Told == 0 || a.Fork == "no record" {
			t.Errorf("%s: %+v", node.Name, a)
		}
	}
	pinged := run(t, "ping", "--rlpx", n.Nodes[1].Enode)
	if len(pinged) != 1 || pinged[0].ID != n.Nodes[1].ID {
		t.Fatalf("pinged %s: %+v", n.Nodes[1].Name, pinged)
	}
	check(t, n, n.Nodes[1], pinged[0])
}

// check holds what we say of a node against what it is.
func check(t *testing.T, n *network.Network, node *network.Node, a asked) {
	t.Helper()
	chain := fmt.Sprintf("%d %.10s…", n.ChainID(), a.Genesis)
	if !strings.HasPrefix(a.Client, "Geth/"+n.Client()) || a.Eth < 68 || a.Network != chain || a.Genesis == "" || a.Head == "" {
		t.Errorf("%s: %+v", node.Name, a)
	}
}
