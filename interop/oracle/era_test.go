// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/beacon/types"
	gethtypes "github.com/ethereum/go-ethereum/core/types"
	"github.com/golang/snappy"
)

// Entry types of an era1 file (github.com/eth-clients/e2store-format-specs).
const (
	eraHeader   = 0x03
	eraBody     = 0x04
	eraReceipts = 0x05
)

// era is what an era1 file holds: one header, body and list of receipts for each block.
type era struct{ headers, bodies, receipts []entry }

// entry is RLP in framed snappy, as it lies in the file.
type entry []byte

func (e entry) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := io.ReadAll(snappy.NewReader(bytes.NewReader(e)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// gethDir finds go-ethereum's source in the module cache.
var gethDir = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/ethereum/go-ethereum").Output()
	return strings.TrimSpace(string(out)), err
})

func gethFile(t testing.TB, path ...string) string {
	t.Helper()
	dir, err := gethDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{dir}, path...)...)
}

// eras reads Sepolia's blocks 0 to 8191 (no transactions) and 172032 to 180223.
func eras(t testing.TB) []era {
	t.Helper()
	var all []era
	for _, name := range []string{"sepolia-00000-643a00f7.era1", "sepolia-00021-b8814b14.era1"} {
		file, err := os.ReadFile(gethFile(t, "core", "rawdb", "eradb", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		e := readEra(file)
		if len(e.headers) != 8192 || len(e.bodies) != 8192 || len(e.receipts) != 8192 {
			t.Fatalf("%s has %d headers, %d bodies, %d receipts", name, len(e.headers), len(e.bodies), len(e.receipts))
		}
		all = append(all, e)
	}
	return all
}

// readEra takes an era1 file apart: entries of a type (2 bytes), a length (4), two zero
// bytes, and framed snappy.
func readEra(file []byte) (e era) {
	for len(file) >= 8 {
		kind, size := binary.LittleEndian.Uint16(file), int(binary.LittleEndian.Uint32(file[2:]))
		content := file[8 : 8+size]
		file = file[8+size:]
		switch kind {
		case eraHeader:
			e.headers = append(e.headers, content)
		case eraBody:
			e.bodies = append(e.bodies, content)
		case eraReceipts:
			e.receipts = append(e.receipts, content)
		}
	}
	return e
}

// mainnet reads blocks 18189758 (Capella) and 19431837 (Deneb), with their transactions.
func mainnet(t testing.TB) []*gethtypes.Block {
	t.Helper()
	var blocks []*gethtypes.Block
	for _, fork := range []string{"capella", "deneb"} {
		file, err := os.ReadFile(gethFile(t, "beacon", "types", "testdata", "block_"+fork+".json"))
		if err != nil {
			t.Fatal(err)
		}
		beacon, err := types.BlockFromJSON(fork, file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := beacon.ExecutionPayload()
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
	return blocks
}
