// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/params"
)

// The engine port is open before the node is made, with a secret that is made, and has the node's chain.
func TestEnginePort(t *testing.T) {
	hoodi, _ := params.ByName("hoodi")
	s := settings{chain: hoodi}
	s.blocks.heads, s.blocks.engine = option.Heads{Engine: true}, "127.0.0.1:0"
	s.blocks.jwtSecret = filepath.Join(t.TempDir(), jwtName)
	port, err := s.engineListener(nil)
	if err != nil || port == nil {
		t.Fatalf("%v, %v", port, err)
	}
	if info, err := os.Stat(s.blocks.jwtSecret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("secret: %v, %v", info, err)
	}
	addr, _ := port.Listen()
	s.blocks.engine = addr.String()
	if _, err := s.engineListener(nil); err == nil || !strings.Contains(err.Error(), "--engine") {
		t.Errorf("a port in use: %v", err)
	}
	n, err := ethpeer.New(ethpeer.Config{Chain: hoodi})
	if err != nil {
		t.Fatal(err)
	}
	b := engineBackend(n)
	if b.Head().Hash != hoodi.GenesisHash || b.Header(hoodi.GenesisHash) == nil || b.AddBlock(nil, nil, nil) == nil {
		t.Errorf("head %v", b.Head())
	}
	s.blocks.heads.Engine = false
	if port, err := s.engineListener(nil); port != nil || err != nil {
		t.Errorf("without --engine: %v, %v", port, err)
	}
}

// --fork and --forks-from change the chain's schedule, or say what is wrong.
func TestForkFlags(t *testing.T) {
	make := func(forks map[string]uint64) (*settings, error) {
		hoodi, _ := params.ByName("hoodi")
		s := &settings{chain: hoodi}
		s.blocks.forks = forks
		return s, s.override()
	}
	s, err := make(map[string]uint64{"amsterdam": 1_793_000_000})
	if at, ok := s.chain.Forks.At("amsterdamTime"); err != nil || !ok || at != 1_793_000_000 {
		t.Errorf("amsterdam at %d, %v", at, err)
	}
	for name, want := range map[string]string{"nosuch": "not known to ethpeer", "cancun": "genesis block"} {
		if _, err := make(map[string]uint64{name: 1_793_000_000}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--fork") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, _ = make(nil)
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"result":{"current":{"activationTime":1762955544,"chainId":"0x1","forkId":"0x23aa1351"}}}`)
	}))
	defer node.Close()
	s.blocks.forksFrom = node.URL
	if err := s.learnForks(t.Context()); err == nil || !strings.Contains(err.Error(), "--forks-from") || !strings.Contains(err.Error(), "chain 1") {
		t.Errorf("a node of another chain: %v", err)
	}
}
