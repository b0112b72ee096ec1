// SPDX-License-Identifier: Apache-2.0

// in: flags, signals, a file or a chain on disk · out: a chain on disk or a file, and the progress

package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/archive"
	"github.com/ethpeer/ethpeer/chain/pebble"
	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/params"
)

// archiveFlags are the options of import and export, by the names that run has for them.
type archiveFlags struct{ dataDir, chain, history, seals, first, last, json option.Option }

func (p *program) importCommand() *cobra.Command {
	var f archiveFlags
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Read blocks from files into the chain of a data directory",
		Long: `import reads blocks in RLP, as geth export writes them, plain or compressed with gzip, and .era1 files,
which archives of history are made of. Each block is checked as one that a peer sends. Blocks that are
held are skipped, so an import that was interrupted can be repeated. No ethpeer may run on the
directory.

` + variableText2,
		Example: `  ethpeer import --datadir node --chain genesis.json --history full blocks.rlp
  ethpeer import --datadir mainnet --history full mainnet-00000-5ec1ffb8.era1`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, files []string) error { return p.importFiles(&f, files) },
	}
	d := p.options(cmd)
	f.define(d)
	d.Word(&f.history, "history", "headers|N|full", "", "blocks to keep: headers, headers and the last N bodies and receipts, or full (default: all headers and 2048 of the others)", "headers", "full")
	d.Word(&f.seals, "seals", "on|off|test", sealsOn, "check a sample of the proofs of work, or none, or those of miners in go-ethereum's test mode", sealsOn, sealsOff, sealsTest)
	d.No(&f.json, "json", jsonUsage)
	return cmd
}

func (p *program) exportCommand() *cobra.Command {
	var f archiveFlags
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write the blocks of a data directory to a file",
		Long: `export writes blocks in RLP, as geth import reads them; compressed if the name ends in .gz; or an era1
file, with receipts, if it ends in .era1. A file that exists is never overwritten. No ethpeer may run on
the directory.

` + variableText2,
		Example: `  ethpeer export --datadir node --chain genesis.json blocks.rlp.gz
  ethpeer export --datadir mainnet --first 0 --last 8191 mainnet-00000.era1`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, files []string) error { return p.exportFile(&f, files) },
	}
	d := p.options(cmd)
	f.define(d)
	d.Word(&f.first, "first", "N", "", "the first block (default: the lowest that is held whole)")
	d.Word(&f.last, "last", "N", "", "the last block (default: the head)")
	d.No(&f.json, "json", jsonUsage)
	return cmd
}

// variableText2 is the rule for import and export.
const variableText2 = `Each flag can also be given as a variable: --datadir node is ETHPEER_DATADIR=node.`

func (f *archiveFlags) define(d *option.Set) {
	d.Word(&f.dataDir, "datadir", "DIR", "", "the data directory (required)")
	d.Word(&f.chain, "chain", "NAME|FILE", "mainnet", strings.Join(params.Names(), ", ")+", or the path of a genesis.json", params.Names()...)
}

func someFiles(cmd *cobra.Command, files []string) error {
	switch {
	case len(files) == 0:
		return fmt.Errorf("which file? See %s --help", cmd.CommandPath())
	case len(files) > 1 && cmd.Name() == "export":
		return fmt.Errorf("export writes one file, not %d", len(files))
	}
	return nil
}

// openArchive opens the chain of the options. The caller calls closeChain.
func (p *program) openArchive(f *archiveFlags, log *slog.Logger) (c *chain.Chain, closeChain func() error, err error) {
	dir, err := option.Directory(&f.dataDir)
	if err != nil {
		return nil, nil, err
	}
	if dir == "" {
		return nil, nil, errors.New("which chain? Give the --datadir that ethpeer run has, or is to have")
	}
	network, err := option.Chain(&f.chain)
	if err != nil {
		return nil, nil, err
	}
	cfg := chain.Config{Params: network}
	if text := f.history.Text(); text != "" {
		if cfg.History, err = chain.ParseHistory(text); err != nil {
			return nil, nil, f.history.Wrong(text, "headers, full, or a number of blocks")
		}
	}
	mode := sealsOff
	if f.seals.Name != "" {
		if mode, err = option.OneOf(&f.seals, sealsOn, sealsOff, sealsTest); err != nil {
			return nil, nil, err
		}
	} else {
		cfg.History = chain.HistoryFull // so that opening the chain for an export drops no blocks
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("--datadir %s: cannot make it: %w; choose another", dir, option.Pathless(err))
	}
	var closeSeals func()
	cfg.Seals, closeSeals = sealsOf(network, mode)
	if c, err = pebble.OpenChain(dir, cfg, func(trouble string) { log.Warn(trouble) }); err != nil {
		closeSeals()
		return nil, nil, storeError(dir, err)
	}
	return c, func() error {
		defer closeSeals()
		return c.Close()
	}, nil
}

func (p *program) importFiles(f *archiveFlags, files []string) (err error) {
	s := settings{json: f.json.On()}
	log := p.logger(&s)
	c, closeChain, err := p.openArchive(f, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeChain()) }()
	ctx, _, end := p.untilSignal()
	defer end()
	var blocks uint64
	for _, name := range files {
		done, err := p.importFile(ctx, c, name, log)
		blocks += done.Blocks
		if err == nil && c.Dead() != nil {
			err = fmt.Errorf("--datadir %s: %w", f.dataDir.Text(), c.Dead())
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return failure{fmt.Errorf("%s: %w", name, err)}
		}
	}
	head := c.Head()
	return p.show(&s, []field{{"blocks", blocks}, {"head", head.Number}, {"hash", head.Hash.String()}})
}

func (p *program) importFile(ctx context.Context, c *chain.Chain, name string, log *slog.Logger) (done archive.Progress, err error) {
	in, err := os.Open(name)
	if err != nil {
		return done, option.Pathless(err)
	}
	defer in.Close()
	size := int64(0)
	if info, err := in.Stat(); err == nil {
		size = info.Size()
	}
	show := p.archiveProgress("imported", log, func(archive.Progress) float64 {
		at, err := in.Seek(0, io.SeekCurrent)
		if err != nil || size == 0 {
			return 0
		}
		return float64(at) / float64(size)
	})
	defer show.line.clear()
	return archive.Import(ctx, c, in, archive.Options{Progress: show.draw})
}

func (p *program) exportFile(f *archiveFlags, files []string) (err error) {
	s := settings{json: f.json.On()}
	log := p.logger(&s)
	if _, err := os.Lstat(files[0]); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists, and files are never overwritten; choose another name", files[0])
	}
	c, closeChain, err := p.openArchive(f, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeChain()) }()
	ctx, _, end := p.untilSignal()
	defer end()
	first, last, err := f.blocks(c)
	if err != nil {
		return err
	}
	show := p.archiveProgress("exported", log, func(now archive.Progress) float64 {
		return float64(now.Number-first+1) / float64(last-first+1)
	})
	done, err := exportTo(ctx, c, files[0], first, last, archive.Options{Progress: show.draw})
	show.line.clear()
	if err != nil {
		_ = os.Remove(files[0]) // an incomplete archive is useless
		if ctx.Err() != nil {
			return nil
		}
		return failure{fmt.Errorf("%s: %w", files[0], option.Pathless(err))}
	}
	return p.show(&s, []field{{"blocks", done.Blocks}, {"first", first}, {"last", last}})
}

// blocks reads the range of blocks to export.
func (f *archiveFlags) blocks(c *chain.Chain) (first, last uint64, err error) {
	head := c.Head().Number
	first, last = c.Earliest(), head
	if first == 1 {
		first = 0 // the genesis block is always held
	}
	if f.first.Text() != "" {
		if first, err = option.Number(&f.first, 0, math.MaxUint64); err != nil {
			return 0, 0, err
		}
	}
	if f.last.Text() != "" {
		if last, err = option.Number(&f.last, 0, math.MaxUint64); err != nil {
			return 0, 0, err
		}
	}
	if first > last || last > head {
		return 0, 0, fmt.Errorf("there are no blocks %d to %d: the head is %d, and blocks are held whole from %d on", first, last, head, c.Earliest())
	}
	return first, last, nil
}

func exportTo(ctx context.Context, c *chain.Chain, name string, first, last uint64, o archive.Options) (done archive.Progress, err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	switch {
	case strings.HasSuffix(name, ".era1"):
		return archive.ExportEra1(ctx, c, file, first, last, o)
	case strings.HasSuffix(name, ".gz"):
		z := gzip.NewWriter(file)
		done, err = archive.ExportRLP(ctx, c, z, first, last, o)
		return done, errors.Join(err, z.Close())
	}
	return archive.ExportRLP(ctx, c, file, first, last, o)
}
