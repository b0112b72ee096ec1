// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/archive"
	"github.com/ethpeer/ethpeer/chain/seals"
	"github.com/ethpeer/ethpeer/params"
)

// TestEra1: a file that go-ethereum's tests carry is imported, proofs of work included, and exported to the same bytes.
func TestEra1(t *testing.T) {
	file, err := os.ReadFile(gethFile(t, "core", "rawdb", "eradb", "testdata", "sepolia-00000-643a00f7.era1"))
	if err != nil {
		t.Fatal(err)
	}
	sepolia, _ := params.ByName("sepolia")
	work := seals.New(seals.Config{Params: sepolia})
	defer work.Close()
	c, err := chain.Open(chain.Config{Params: sepolia, History: chain.HistoryFull, Seals: work})
	if err != nil {
		t.Fatal(err)
	}
	done, err := archive.Import(t.Context(), c, bytes.NewReader(file), archive.Options{})
	if err != nil || done.Blocks != archive.Era1Blocks || c.Head().Number != archive.Era1Blocks-1 || c.Earliest() != 0 {
		t.Fatal(done, err, c.Head(), c.Earliest())
	}
	refuseBits(t, c)
	var out bytes.Buffer
	if _, err := archive.ExportEra1(t.Context(), c, &out, 0, archive.Era1Blocks-1, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), file) {
		t.Errorf("exported are %d bytes, not the same %d", out.Len(), len(file))
	}
}

// refuseBits checks that the chain refuses one of its headers with any one bit changed, and 1,000 others with a random one.
func refuseBits(t *testing.T, c *chain.Chain) {
	t.Helper()
	refuse := func(number uint64, bit int) {
		raw := bytes.Clone(c.HeaderAt(number))
		raw[bit/8] ^= 1 << (bit % 8)
		if _, err := c.CheckHeader(time.Now(), raw, true); err == nil {
			t.Errorf("block %d is accepted with bit %d changed", number, bit)
		}
	}
	if _, err := c.CheckHeader(time.Now(), c.HeaderAt(4000), true); err != nil {
		t.Error(err)
	}
	var all sync.WaitGroup
	const workers = 8
	for w := range workers {
		all.Go(func() {
			for bit := w; bit < len(c.HeaderAt(4000))*8; bit += workers {
				refuse(4000, bit)
			}
			r := rand.New(rand.NewPCG(5, uint64(w)))
			for range 1000 / workers {
				number := 1 + r.Uint64N(archive.Era1Blocks-1)
				refuse(number, r.IntN(len(c.HeaderAt(number))*8))
			}
		})
	}
	all.Wait()
}

// TestChainFile: the chain of go-ethereum's conformance tool, in files of two generations, is imported and exported to the
// same bytes. It has all forks up to Prague.
func TestChainFile(t *testing.T) {
	dir := []string{"cmd", "devp2p", "internal", "ethtest", "testdata"}
	genesis, err := os.ReadFile(gethFile(t, append(dir, "genesis.json")...))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(gethFile(t, append(dir, "chain.rlp")...))
	if err != nil {
		t.Fatal(err)
	}
	p, err := params.ParseGenesis(genesis)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chain.Open(chain.Config{Params: p, History: chain.HistoryFull})
	if err != nil {
		t.Fatal(err)
	}
	done, err := archive.Import(t.Context(), c, bytes.NewReader(file), archive.Options{})
	if err != nil || done.Blocks < 100 {
		t.Fatal(done, err)
	}
	var out bytes.Buffer
	if _, err := archive.ExportRLP(t.Context(), c, &out, 1, c.Head().Number, archive.Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), file) {
		t.Errorf("exported are %d bytes, not the same %d", out.Len(), len(file))
	}
	head := c.Head()
	t.Logf("%d blocks, head %d, total difficulty %v, known: %t", done.Blocks, head.Number, &head.TD, head.HasTD)
}
