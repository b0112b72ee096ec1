// SPDX-License-Identifier: Apache-2.0

// in: a report of a node · out: text

package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/status"
)

// statusText writes a report for a person. Lines are cut at the width of the screen.
func (p *program) statusText(w io.Writer, r *status.Report) {
	var b strings.Builder
	nodeLines(&b, r)
	cliqueLines(&b, r)
	peerLines(&b, r)
	width := 0
	if p.screen != nil {
		width = p.screen.width()
	}
	for line := range strings.Lines(b.String()) {
		line = option.Printable(strings.TrimSuffix(line, "\n"))
		if runes := []rune(line); width > 1 && len(runes) > width {
			line = string(runes[:width-1]) + "…"
		}
		fmt.Fprintln(w, line)
	}
}

// nodeLines writes our identity, our chain, the believed head, and what is wrong.
func nodeLines(b *strings.Builder, r *status.Report) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(b, "%-9s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("node", "%s, up %s", r.Client, since(r.Started, r.Time))
	line("enode", "%s", r.Enode)
	next := ""
	if r.Chain.Next > 0 {
		next = fmt.Sprintf(", next %d", r.Chain.Next)
	}
	line("chain", "%s (chain %d, network %d), fork 0x%s%s", r.Chain.Name, r.Chain.ID, r.Chain.NetworkID, r.Chain.Fork, next)
	line("head", "%s", headText(r))
	held := fmt.Sprintf("blocks to %d, headers from %d, bodies and receipts from %d", r.Held.Head, r.Held.Headers, r.Held.Earliest)
	if !r.Held.Stored {
		held += ", in memory"
	}
	line("holds", "%s", held)
	if s := r.Sync; s != nil {
		line("sync", "block %d of %d, %s of headers; missing %s and the content of %s; from %s", s.Head, s.Target, percent(s.Headers, s.Headers+s.HeadersLeft),
			counted(int(s.HeadersLeft), "header", "headers"), counted(int(s.BlocksLeft), "block", "blocks"), counted(s.Peers, "peer", "peers")) //nolint:gosec // numbers of blocks
	}
	for _, t := range r.Troubles {
		line("trouble", "%s: %s (for %s)", t.Where, t.Error, since(t.Since, r.Time))
	}
}

// headText returns the believed head, with its source and whether it is proved.
func headText(r *status.Report) string {
	h := r.Head
	if h == nil {
		return "none yet: no source has named one"
	}
	text := fmt.Sprintf("%d  %s  by %s, ", h.Number, h.Hash, h.By)
	if h.Proved {
		text += "proved"
	} else {
		text += "not proved"
	}
	if h.Supporters > 0 {
		text += ", " + counted(h.Supporters, "supporter", "supporters")
	}
	if h.Lag > 0 {
		text += fmt.Sprintf(", %d behind the newest", h.Lag)
	}
	text += ", " + since(h.At, r.Time) + " ago"
	if h.Stale {
		text += ", STALE: its source is silent"
	}
	return text
}

// percent returns whole numbers, rounded down, so that 100 % means complete.
func percent(part, whole uint64) string {
	if whole == 0 {
		return "100 %"
	}
	return fmt.Sprintf("%.0f %%", math.Floor(float64(part)*100/float64(whole)))
}

// cliqueLines writes the signers (EIP-225).
func cliqueLines(b *strings.Builder, r *status.Report) {
	if r.Clique == nil {
		return
	}
	fmt.Fprintf(b, "\n%-42s %8s %8s %12s   in the last %s\n", "signer", "signed", "missed", "last block", counted(r.Clique.Blocks, "block", "blocks"))
	for _, s := range r.Clique.Signers {
		last := "none"
		if s.Last > 0 {
			last = fmt.Sprint(s.Last)
		}
		fmt.Fprintf(b, "%-42s %8d %8d %12s\n", s.Address, s.Signed, s.Missed, last)
	}
}

// peerLines writes the peers.
func peerLines(b *strings.Builder, r *status.Report) {
	fmt.Fprintf(b, "\n%-10s %-3s %-6s %8s %9s %9s %5s  %-21s  %s\n", "peer", "", "eth", "age", "in", "out", "score", "address", "client")
	for i := range r.Peers {
		p := &r.Peers[i]
		direction := "out"
		if p.Direction == "inbound" {
			direction = "in"
		}
		client := p.Client
		if p.Reason != "" {
			client += "  (last end: " + p.Reason + ")"
		}
		fmt.Fprintf(b, "%-10.10s %-3s %-6s %8s %9s %9s %5.1f  %-21s  %s\n", p.ID, direction, fmt.Sprint("eth/", p.Eth),
			since(p.Since, r.Time), bytesText(p.Received), bytesText(p.Sent), p.Score, p.Addr, client)
	}
	if len(r.Peers) == 0 {
		fmt.Fprintln(b, "none")
	}
	if r.More > 0 {
		fmt.Fprintf(b, "and %d more\n", r.More)
	}
}

// since is a duration in whole seconds.
func since(from, to time.Time) string { return max(0, to.Sub(from)).Truncate(time.Second).String() }

// bytesText shows a size with a unit, in steps of 1,000.
func bytesText(n uint64) string {
	switch {
	case n < 1_000:
		return fmt.Sprintf("%d B", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
