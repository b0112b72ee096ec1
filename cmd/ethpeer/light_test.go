// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/chain/head/beacon"
	"github.com/ethpeer/ethpeer/chain/light"
)

// TestLightClientOfFlags: --beacon makes a source of heads, for the beacon chain of --chain or of
// --beacon-network. It begins at --checkpoint, or where the last run ended.
func TestLightClientOfFlags(t *testing.T) {
	root := strings.Repeat("1", 64)
	file := filepath.Join(t.TempDir(), "beacon.json")
	text := `{"name":"dev","genesis_validators_root":"0x` + root + `","genesis_time":1,"seconds_per_slot":3,
		"preset":{"SLOTS_PER_EPOCH":8,"EPOCHS_PER_SYNC_COMMITTEE_PERIOD":8,"SYNC_COMMITTEE_SIZE":32},"forks":[{"name":"altair","epoch":0,"version":"0x01000000"}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--chain sepolia": "sepolia", "--chain mainnet --beacon-network hoodi": "hoodi", "--chain mainnet --beacon-network " + file: "dev",
	} {
		s := settingsOf(t, append(strings.Fields("--beacon http://127.0.0.1:5052 --checkpoint "+root), strings.Fields(args)...)...)
		heads, err := s.headSources(nil)
		if err != nil || len(heads) != 1 {
			t.Fatal(heads, err)
		}
		if got := heads[0].(*beacon.Follower).Status().Network; got != want {
			t.Errorf("%s: %s, want %s", args, got, want)
		}
	}
	dir := t.TempDir()
	s := settingsOf(t, "--chain", "sepolia", "--beacon", "http://127.0.0.1:5052", "--datadir", dir)
	if _, err := s.headSources(nil); !errors.Is(err, beacon.ErrNoCheckpoint) {
		t.Errorf("neither a checkpoint nor a run before: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, lightName), []byte("something"), 0o600); err != nil {
		t.Fatal(err)
	}
	if heads, err := s.headSources(nil); err != nil || len(heads) != 1 { // Run looks at it
		t.Error(heads, err)
	}
	if s.blocks.network.Name != "sepolia" || s.blocks.network.Preset != light.Mainnet {
		t.Errorf("%+v", s.blocks.network)
	}
}
