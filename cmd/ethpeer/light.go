// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ethpeer/ethpeer/chain/head/beacon"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/event"
)

// lightName is the file of a data directory that holds the sync committees of the light client.
const lightName = "light"

// headSources returns the sources that --head names, without the peers. They record events with record once
// the node runs.
func (s *settings) headSources(record event.Recorder) (all []sources.Source, err error) {
	h := s.blocks.heads
	if h.Fixed != nil {
		all = append(all, sources.Fixed{Hash: *h.Fixed})
	}
	if h.Light {
		f, err := s.lightClient(record)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// lightClient returns the follower of --beacon.
func (s *settings) lightClient(record event.Recorder) (*beacon.Follower, error) {
	c := &s.blocks
	cfg := beacon.Config{URLs: c.beacon, Network: c.network, Checkpoint: light.Root(c.checkpoint), AnyAge: c.anyAge, Record: record}
	if s.dataDir != "" {
		cfg.Store = beacon.File(filepath.Join(s.dataDir, lightName))
	}
	return beacon.New(cfg)
}

// beaconNetwork returns the parameters of the beacon chain: those of a file, or of the chain's name. If there
// are none, the beacon nodes are asked for them.
func (f *chainFlags) beaconNetwork(chain string) (light.Network, error) {
	name := f.network.Text()
	if name == "" {
		n, _ := light.ByName(chain)
		return n, nil
	}
	if n, ok := light.ByName(name); ok {
		return n, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return light.Network{}, fmt.Errorf("%s %s: %w: want mainnet, sepolia, hoodi, or a file", f.network.Where(), name, option.Pathless(err))
	}
	n, err := light.ParseNetwork(b)
	if err != nil {
		return light.Network{}, fmt.Errorf("%s %s: %w", f.network.Where(), name, err)
	}
	return n, nil
}

// expected lists the sources of --head that are reported as silent from the start.
func (s *settings) expected() (all []string) {
	if s.blocks.heads.Engine {
		all = append(all, event.HeadByEngine)
	}
	if s.blocks.heads.Light {
		all = append(all, event.HeadByLight)
	}
	return all
}
