// SPDX-License-Identifier: Apache-2.0

// in: flags, signals, the socket of a running node · out: its report, once or every second

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/status"
)

// statusEvery is the interval of --watch.
const statusEvery = time.Second

type statusFlags struct{ dataDir, watch, json option.Option }

func (p *program) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print how a running node is: its head, its blocks, its peers",
		Long: `status asks the node that ethpeer run keeps in --datadir: who it is, which head it believes and by
which source, how far a sync is, which troubles there are, and which peers are connected. On a terminal
it prints text; on a pipe, or with --json, one JSON object (docs/status.md). A clique chain's signers
are listed, with the turns that they missed.

` + variableText,
		Example: `  ethpeer status --datadir node
  ethpeer status --datadir node --watch
  ethpeer status --datadir node | jq -r '.peers[] | [.client, .received] | @tsv'`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return p.status(&f) },
	}
	d := p.options(cmd)
	d.Word(&f.dataDir, "datadir", "DIR", "", "the directory of the node (required)")
	d.No(&f.watch, "watch", "print it again every second, until Ctrl-C")
	d.No(&f.json, "json", jsonUsage)
	return cmd
}

func (p *program) status(f *statusFlags) error {
	s := settings{json: f.json.On()}
	dir, err := option.Directory(&f.dataDir)
	if err != nil {
		return err
	}
	if dir == "" {
		return errors.New("which node? Give the --datadir that ethpeer run was started with")
	}
	ctx, _, end := p.untilSignal()
	defer end()
	show := p.showStatus
	if f.watch.On() && p.forPeople(&s) {
		show = p.redrawStatus
	}
	for {
		report, err := status.Fetch(ctx, filepath.Join(dir, status.SocketName))
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return statusError(dir, err)
		}
		if err := show(&s, report); err != nil || !f.watch.On() {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(statusEvery):
		}
	}
}

// showStatus prints a report: text for a person, a line of JSON for a program.
func (p *program) showStatus(s *settings, r *status.Report) error {
	var b bytes.Buffer
	if p.forPeople(s) {
		p.statusText(&b, r)
	} else {
		line, err := json.Marshal(r)
		if err != nil {
			return failure{err}
		}
		b.Write(append(line, '\n'))
	}
	_, err := p.out.Write(b.Bytes())
	return outputError(err)
}

// redrawStatus prints a report from the top of the screen (ECMA-48: cursor position, erase in page).
func (p *program) redrawStatus(_ *settings, r *status.Report) error {
	b := bytes.NewBufferString("\x1b[H\x1b[2J")
	p.statusText(b, r)
	_, err := p.out.Write(b.Bytes())
	return outputError(err)
}

// statusError returns why there is no report.
func statusError(dir string, err error) error {
	switch {
	case errors.Is(err, status.ErrNotRunning):
		return failure{fmt.Errorf("no ethpeer runs with --datadir %s; start one: ethpeer run --datadir %s", dir, dir)}
	case errors.Is(err, status.ErrStale):
		return failure{fmt.Errorf("no ethpeer runs with --datadir %s: the last one was killed; start it again: ethpeer run --datadir %s", dir, dir)}
	case errors.Is(err, context.DeadlineExceeded):
		return failure{fmt.Errorf("the ethpeer of --datadir %s does not answer", dir)}
	}
	return failure{fmt.Errorf("--datadir %s: %w", dir, option.Pathless(err))}
}
