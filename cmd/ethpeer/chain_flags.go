// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/types"
)

// chainFlags say which blocks are kept, and which sources name the head.
type chainFlags struct {
	history    option.Option
	heads      option.Option
	quorum     option.Option
	engine     option.Option
	jwtSecret  option.Option
	beacon     option.Option
	checkpoint option.Option
	anyAge     option.Option
	network    option.Option
	required   option.Option
	forks      option.Option
	forksFrom  option.Option
	seals      option.Option
}

// enginePort is the default port of the engine API, which consensus clients dial.
const enginePort = 8551

// The words of --seals.
const (
	sealsOn   = "on"
	sealsOff  = "off"
	sealsTest = "test"
)

func (f *chainFlags) define(s *option.Set) {
	s.Word(&f.history, "history", "headers|N|full", "", "blocks to keep: headers, headers and the last N bodies and receipts, or full (default: with run --datadir all headers and 2048 of the others, in memory the last 1024 of everything)", "headers", "full")
	s.Words(&f.heads, "head", "SOURCES", "auto", "what names the head of the chain: gossip, peers, engine, light, fixed:HASH, several at once, or auto for what the other flags allow; engine goes before light, light before fixed, fixed before the others", option.HeadSources...)
	s.Word(&f.quorum, "quorum", "N", "", "how many unrelated peers must name a head that no other source names (default: 3, and with watch 1)")
	s.Word(&f.engine, "engine", "IP:PORT", "", fmt.Sprintf("listen there for a consensus client that names the head, over the engine API; port %d if none is given", enginePort))
	s.Word(&f.jwtSecret, "jwt-secret", "FILE", "", "the secret that the consensus client has, too: 64 hex digits (default: that of --datadir, made if there is none)")
	s.Words(&f.beacon, "beacon", "URLS", "", "beacon nodes to read proofs of the head from; may be repeated")
	s.Word(&f.checkpoint, "checkpoint", "ROOT", "", "the beacon block that the proofs begin with, of the last days: 64 hex digits, from a source that you trust")
	s.No(&f.anyAge, "checkpoint-any-age", "accept a checkpoint that is older than two weeks")
	s.Word(&f.network, "beacon-network", "NAME|FILE", "", "the beacon chain: mainnet, sepolia, hoodi, or a file (docs/heads.md); default: by --chain, else the beacon nodes are asked")
	s.Words(&f.required, "required-block", "N=HASH", "", "blocks that each peer must have, if it has that number; may be repeated")
	s.Words(&f.forks, "fork", "NAME=TIME|BLOCK", "", "when a fork comes that this build does not know, or knows wrong; may be repeated")
	s.Word(&f.forksFrom, "forks-from", "URL", "", "read the schedule of forks from this node at the start (eth_config, EIP-7910)")
	s.Word(&f.seals, "seals", "on|off|test", sealsOn, "check proofs of work: of each gossiped block, and of a sample of those that are downloaded; not at all; or those of miners in go-ethereum's test mode", sealsOn, sealsOff, sealsTest)
}

// chainSettings are the checked values of chainFlags.
type chainSettings struct {
	history    chain.History
	heads      option.Heads
	quorum     int    // 0 = the default
	engine     string // host:port; empty = none
	jwtSecret  string // a file
	beacon     []string
	checkpoint types.Hash // zero = none
	anyAge     bool
	network    light.Network // without forks, the beacon nodes are asked for it
	required   map[uint64]types.Hash
	forks      map[string]uint64
	forksFrom  string
	seals      string
}

// settings reads the options. The chain is that of --chain, or dev.
func (f *chainFlags) settings(s *settings) (err error) {
	c := &s.blocks
	if err = f.keep(c); err != nil {
		return err
	}
	if c.heads, err = option.ReadHeads(&f.heads); err != nil {
		return err
	}
	if f.quorum.Text() != "" {
		least, err := option.Number(&f.quorum, 1, 1000)
		if err != nil {
			return err
		}
		c.quorum = int(least)
	}
	if c.engine, err = option.HostPort(&f.engine, enginePort); err != nil {
		return err
	}
	if c.jwtSecret = f.jwtSecret.Text(); option.HasKey(c.jwtSecret) || option.LooksLikeKey(c.jwtSecret) {
		return fmt.Errorf("%s: want the name of a file, not the secret: others see what runs with which flags", f.jwtSecret.Where())
	}
	if c.jwtSecret == "" && s.dataDir != "" {
		c.jwtSecret = filepath.Join(s.dataDir, jwtName)
	}
	if c.beacon, err = option.URLs(&f.beacon); err != nil {
		return err
	}
	if c.checkpoint, err = option.Hash(&f.checkpoint, "the root of a beacon block"); err != nil {
		return err
	}
	c.anyAge = f.anyAge.On()
	if s.chain != nil {
		if c.network, err = f.beaconNetwork(s.chain.Name); err != nil {
			return err
		}
	}
	if c.required, err = option.Required(&f.required); err != nil {
		return err
	}
	if err := f.schedule(s); err != nil {
		return err
	}
	if c.seals, err = option.OneOf(&f.seals, sealsOn, sealsOff, sealsTest); err != nil {
		return err
	}
	return f.sources(s)
}

// jwtName is the file of a data directory that holds the secret of the engine API.
const jwtName = "jwtsecret"

func (f *chainFlags) keep(c *chainSettings) (err error) {
	text := f.history.Text()
	if text == "" {
		return nil
	}
	if c.history, err = chain.ParseHistory(text); err != nil {
		return f.history.Wrong(text, "headers, full, or a number of blocks")
	}
	return nil
}

// sources checks that each source that --head names has what it needs.
func (f *chainFlags) sources(s *settings) error {
	c := &s.blocks
	h := &c.heads
	gossips := s.dev || s.chain.Terminal == nil
	named := !h.Auto
	if h.Auto {
		h.Engine = h.Engine || c.engine != ""
		h.Light = h.Light || len(c.beacon) > 0
		h.Gossip, h.Peers = h.Gossip || gossips, h.Peers || !gossips
	}
	where := f.heads.Where()
	switch {
	case h.Engine && c.engine == "":
		return fmt.Errorf("%s: engine needs --engine IP:PORT, to listen at", where)
	case h.Light && len(c.beacon) == 0:
		return fmt.Errorf("%s: light needs --beacon URL, to read proofs from", where)
	case h.Gossip && !gossips:
		return fmt.Errorf("%s: blocks of this chain are not gossiped since the merge; choose peers, engine or light", where)
	case named && c.engine != "" && !h.Engine:
		return fmt.Errorf("%s: --engine is given, and engine is not among the sources; add it, or leave --engine out", where)
	case named && len(c.beacon) > 0 && !h.Light:
		return fmt.Errorf("%s: --beacon is given, and light is not among the sources; add it, or leave --beacon out", where)
	case (h.Engine || h.Light) && gossips:
		return fmt.Errorf("%s: this chain has no beacon chain; choose gossip", where)
	case h.Engine && c.jwtSecret == "":
		return errors.New("--engine needs --jwt-secret FILE, which the consensus client has, too, or --datadir DIR, where one is made")
	case h.Light && c.checkpoint.IsZero() && s.dataDir == "": // an earlier run may have left committees there
		return errors.New("--beacon needs --checkpoint ROOT: a finalized beacon block of the last days, from a source that you trust")
	}
	return nil
}

// schedule reads the options about forks.
func (f *chainFlags) schedule(s *settings) (err error) {
	c := &s.blocks
	if c.forks, err = option.Forks(&f.forks); err != nil {
		return err
	}
	if s.dev && (len(c.forks) > 0 || f.forksFrom.Text() != "") {
		return errors.New("--fork and --forks-from: the embedded network has forks of its own")
	}
	urls, err := option.URLs(&f.forksFrom)
	if err != nil {
		return err
	}
	if len(urls) > 1 {
		return f.forksFrom.Wrong(f.forksFrom.Text(), "one URL")
	}
	if len(urls) == 1 {
		c.forksFrom = urls[0]
	}
	if s.dev {
		return nil
	}
	return s.override()
}

// needsDisk reports whether memory is too small for the history.
func needsDisk(h chain.History) bool {
	return h == chain.HistoryHeaders || h == chain.HistoryFull || h > maxInMemory
}

// historyError says what a history too large for memory needs.
func (s *settings) historyError() error {
	return fmt.Errorf("--history %v needs --datadir DIR: memory holds %d blocks at most", s.blocks.history, maxInMemory)
}

// maxInMemory is how many blocks --history may keep in memory.
const maxInMemory = 100_000
