// SPDX-License-Identifier: Apache-2.0

//go:build interop

package runs

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/consensus/beacon"
	"github.com/ethereum/go-ethereum/consensus/ethash"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	gethwire "github.com/ethereum/go-ethereum/eth/protocols/eth"
	gethrlp "github.com/ethereum/go-ethereum/rlp"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/interop/network"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// ethTests are the tests of the conformance tool's eth suite that need no transactions to be relayed or fetched.
var ethTests = []string{
	"Status", "MaliciousHandshake", "BlockRangeUpdateExpired", "BlockRangeUpdateFuture", "BlockRangeUpdateInvalid",
	"GetBlockHeaders", "GetNonexistentBlockHeaders", "SimultaneousRequests", "SameRequestID", "ZeroRequestID",
	"GetBlockBodies", "GetReceipts", "GetLargeReceipts",
}

// TestEthSuites has the conformance tests of two generations ask a fresh node, which has the tool's chain: headers and bodies
// of its file, and the receipts that go-ethereum finds in executing it, each checked against its header. The node's head
// is the one in its store: no source of heads is asked.
func TestEthSuites(t *testing.T) {
	for _, c := range []struct {
		tool  string
		tests []string
	}{
		{"v1.17.5", ethTests},
		{"v1.17.8", append(slices.Clone(ethTests), "GetBlockAccessLists")},
	} {
		t.Run(c.tool, func(t *testing.T) {
			data := conformanceData(t, c.tool)
			enode := startConformanceNode(t, data)
			engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusUnauthorized) // the tool does not look
			}))
			defer engine.Close()
			ctx, cancel := context.WithTimeout(t.Context(), suiteLimit)
			defer cancel()
			out, err := exec.CommandContext(ctx, filepath.Join(network.Clients(), c.tool, "devp2p"), "rlpx", "eth-test", "--tap",
				"--run", "^("+strings.Join(c.tests, "|")+")$", "--node", enode, "--chain", data, "--engineapi", engine.URL,
				"--jwtsecret", "0x"+strings.Repeat("7365637265747365", 4)).CombinedOutput()
			if err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
			passed := passedTests(out)
			for _, name := range c.tests {
				if !slices.Contains(passed, name) {
					t.Errorf("%s fails:\n%s", name, out)
				}
			}
			t.Logf("FIGURES eth suite of devp2p %s, head by import: %d/%d, without those of transactions: %s", c.tool, len(passed), len(c.tests), strings.Join(passed, " "))
		})
	}
}

// passedTests reads what the tool says in the Test Anything Protocol.
func passedTests(out []byte) (names []string) {
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == "ok" {
			names = append(names, fields[2])
		}
	}
	return names
}

// conformanceData returns the folder of the tool's chain, in the module cache.
func conformanceData(t *testing.T, tool string) string {
	t.Helper()
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(cache)), "github.com/ethereum/go-ethereum@"+tool, "cmd/devp2p/internal/ethtest/testdata")
	if _, err := os.Stat(filepath.Join(dir, "chain.rlp")); err != nil {
		t.Fatalf("%v: interop/peers/install.sh downloads it", err)
	}
	return dir
}

// startConformanceNode starts a node that has the chain, and returns its URL.
func startConformanceNode(t *testing.T, data string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(data, "genesis.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := params.ParseGenesis(file)
	if err != nil {
		t.Fatal(err)
	}
	store := chain.NewMemory()
	if err := importConformance(p, store, data, file); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	node, err := ethpeer.New(ethpeer.Config{
		Chain: p, Store: store, History: chain.HistoryFull, Listen: "127.0.0.1:0", Ready: func(url string) { ready <- url },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- node.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case url := <-ready:
		return url
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
		return ""
	}
}

// importConformance puts the chain of the tool's file into a store, with the receipts that go-ethereum makes of it.
func importConformance(p *params.Chain, store chain.Store, data string, genesis []byte) error {
	blocks, err := readBlocks(filepath.Join(data, "chain.rlp"))
	if err != nil {
		return err
	}
	receipts, err := execute(genesis, blocks)
	if err != nil {
		return err
	}
	c, err := chain.Open(chain.Config{Params: p, Store: store, History: chain.HistoryFull})
	if err != nil {
		return err
	}
	var headers [][]byte
	for _, b := range blocks {
		headers = append(headers, b.header)
	}
	if _, err := c.InsertHeaders(time.Now(), headers); err != nil {
		return err
	}
	last := blocks[len(blocks)-1]
	if err := c.SetHead(chain.Ref{Number: uint64(len(blocks)), Hash: last.hash}, last.header); err != nil {
		return err
	}
	for i, b := range blocks {
		if err := c.PutBody(b.hash, b.body); err != nil {
			return err
		}
		if err := c.PutReceipts(b.hash, receipts[i]); err != nil {
			return err
		}
	}
	return nil
}

// A block is one of the tool's file.
type block struct {
	hash              types.Hash
	raw, header, body []byte
}

func readBlocks(name string) (blocks []block, err error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	stream := gethrlp.NewStream(bufio.NewReader(bytes.NewReader(raw)), 0)
	for {
		raw, err := stream.Raw()
		if errors.Is(err, io.EOF) {
			return blocks, nil
		}
		if err != nil {
			return nil, err
		}
		b, err := types.DecodeBlock(raw)
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block{b.Header.Hash(), raw, b.Header.Append(nil), b.Body.Append(nil)})
	}
}

// execute returns the receipts of each block in the form of eth/69, as go-ethereum makes them.
func execute(genesis []byte, blocks []block) (receipts [][]byte, err error) {
	spec := new(core.Genesis)
	if err := spec.UnmarshalJSON(genesis); err != nil {
		return nil, err
	}
	geth, err := core.NewBlockChain(rawdb.NewMemoryDatabase(), spec, beacon.New(ethash.NewFaker()), nil)
	if err != nil {
		return nil, err
	}
	defer geth.Stop()
	for _, b := range blocks {
		decoded := new(gethtypes.Block)
		if err := gethrlp.DecodeBytes(b.raw, decoded); err != nil {
			return nil, err
		}
		if _, err := geth.InsertChain(gethtypes.Blocks{decoded}); err != nil {
			return nil, err
		}
		flat, err := gethrlp.EncodeToBytes(gethwire.NewReceiptList(geth.GetReceiptsByHash(decoded.Hash())))
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, flat)
	}
	return receipts, nil
}
