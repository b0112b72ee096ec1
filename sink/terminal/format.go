// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"strings"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// A Format is a sink.Live: it writes events for people. The zero value writes plain lines
// in UTC. It has one owner; set the exported fields before the first call.
type Format struct {
	Color bool           // colours
	Live  bool           // the status line
	Width func() int     // columns of the screen, asked before each line; nil or 0 = not known: lines are not cut, the status is 80 wide
	Zone  *time.Location // of the times shown; nil = UTC

	line     live
	losses   event.Digest
	troubles troubles
}

// The colours, as parameters of the "select graphic rendition" sequence (ECMA-48, 8.3.117).
const (
	plain  = ""
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	alarm  = "1;31"
)

// Append appends e's line. A line that is wider than the screen is cut; the summary,
// troubles and this node's own address are folded instead. Losses are thinned out by an
// [event.Digest], so a loss may have no line, or that of another site. A trouble that is
// known already has no line.
func (f *Format) Append(dst []byte, e event.Event) []byte {
	if e == nil {
		return dst
	}
	if e, shown := f.thin(e); shown {
		dst = f.appendFitting(dst, e)
	}
	if e.Kind() == event.KindSummary {
		return dst // and it has all losses
	}
	return f.appendDue(dst, e.When())
}

// appendDue shows the losses that have waited long enough.
func (f *Format) appendDue(dst []byte, now time.Time) []byte {
	for {
		sum, ok := f.losses.Due(now)
		if !ok {
			return dst
		}
		dst = f.appendFitting(dst, sum)
	}
}

func (f *Format) appendFitting(dst []byte, e event.Event) []byte {
	mark := len(dst)
	dst = f.appendLine(dst, e)
	if width := f.width(); width > 0 {
		dst = append(dst[:mark], fit(string(dst[mark:]), width, e.Kind())...)
	}
	return append(dst, '\n')
}

// thin returns what is shown of e now, and false if that is nothing.
func (f *Format) thin(e event.Event) (event.Event, bool) {
	switch e := e.(type) {
	case event.Loss:
		return f.losses.Add(e)
	case event.Trouble:
		return e, f.troubles.onTrouble(e)
	}
	return e, true
}

// fit makes a line no wider than the screen.
func fit(line string, width int, kind event.Kind) string {
	switch kind {
	case event.KindSummary, event.KindTrouble, event.KindSelf:
		parts := strings.Split(line, "\n")
		for i := range parts {
			parts[i] = fold(parts[i], width)
		}
		return strings.Join(parts, "\n")
	}
	return clip(line, width)
}

func (f *Format) appendLine(dst []byte, e event.Event) []byte {
	switch e := e.(type) {
	case event.Tx:
		return appendTx(f.begin(dst, e.At, plain, "tx"), &e)
	case event.Sighting:
		dst = f.begin(dst, e.At, faint, "seen")
		return appendPeerID(appendVia(appendHash(dst, e.Hash), e.Via), e.Peer)
	case event.Block:
		return appendBlock(f.begin(dst, e.At, cyan, "block"), &e)
	case event.Head:
		dst = f.begin(dst, e.At, green, "head")
		return appendSupport(appendHash(fmt.Appendf(dst, "%d  ", e.Number), e.Hash), &e)
	case event.Sync:
		return appendSync(f.begin(dst, e.At, cyan, "sync"), &e)
	case event.Peer:
		return appendPeer(f.begin(dst, e.At, peerColor(e.Change), "peer"), &e)
	case event.Loss:
		dst = f.begin(dst, e.At, alarm, "loss")
		return appendText(fmt.Appendf(dst, "%d dropped: ", e.Count), e.Where, maxName)
	case event.Candidate:
		return appendCandidate(f.begin(dst, e.At, faint, "found"), &e)
	case event.Self:
		dst = appendText(f.begin(dst, e.At, cyan, "self"), e.URL, maxURL)
		if e.Private {
			dst = append(dst, "  a private address: only nodes of the same network can reach us there"...)
		}
		return dst
	case event.Trouble:
		return f.appendTrouble(dst, &e)
	case event.Summary:
		return appendSummary(f.line.erase(dst), &e)
	}
	g := generic{f.begin(dst, event.At{Time: e.When()}, plain, string(e.Kind()))}
	e.Visit(&g)
	return g.b
}

func (f *Format) begin(b []byte, at event.At, color, kind string) []byte {
	zone := f.Zone
	if zone == nil {
		zone = time.UTC
	}
	b = f.line.erase(b)
	b = at.Time.In(zone).AppendFormat(b, "15:04:05.000  ")
	b = f.paint(b, color, fmt.Sprintf("%-5s", kind))
	return append(b, "  "...)
}

func (f *Format) paint(b []byte, color, text string) []byte {
	if !f.Color || color == plain {
		return append(b, text...)
	}
	return fmt.Appendf(b, "\x1b[%sm%s\x1b[0m", color, text)
}

func peerColor(c event.PeerChange) string {
	switch c {
	case event.PeerUp:
		return green
	case event.PeerDown:
		return red
	}
	return yellow
}

func appendTx(b []byte, t *event.Tx) []byte {
	b = appendHash(b, t.Hash)
	if t.Typed {
		b = fmt.Appendf(b, "  type %d", t.Type)
	}
	if t.Size > 0 {
		b = appendBytes(append(b, "  "...), t.Size)
	}
	if t.Body != nil {
		b = appendTxBody(append(b, "  "...), t.Body)
	}
	return appendSource(appendVia(b, t.Via), &t.Source)
}

func appendTxBody(b []byte, t *event.TxBody) []byte {
	b = fmt.Appendf(b, "0x%x…→", t.From[:3])
	if t.To == nil {
		b = append(b, "new contract"...)
	} else {
		b = fmt.Appendf(b, "0x%x…", t.To[:3])
	}
	b = appendAmount(append(b, "  value "...), t.Value, 18, 6)
	b = appendAmount(append(b, "  fee "...), t.FeeCap, 9, 3)
	return append(b, " gwei"...)
}

func appendBlock(b []byte, k *event.Block) []byte {
	b = appendHash(fmt.Appendf(b, "%d  ", k.Number), k.Hash)
	if k.Size > 0 {
		b = fmt.Appendf(b, "  %s  ", count(k.Txs, "tx"))
		b = appendBytes(b, k.Size)
	} else {
		b = append(b, "  header"...)
	}
	return appendSource(appendVia(b, k.Via), &k.Source)
}

// appendSync appends how far a download of the chain is.
func appendSync(b []byte, e *event.Sync) []byte {
	b = fmt.Appendf(b, "%-5s  block %d of %d", e.State, e.Number, e.Target)
	if e.HeadersLeft > 0 {
		b = fmt.Appendf(b, "  %d headers to go", e.HeadersLeft)
	}
	if e.BlocksLeft > 0 {
		b = fmt.Appendf(b, "  %d bodies and receipts to go", e.BlocksLeft)
	}
	return append(append(b, "  "...), count(e.Peers, "peer")...)
}

// appendSupport says which part of the node chose the head and how many peers have it.
func appendSupport(b []byte, h *event.Head) []byte {
	if h.By != "" {
		b = append(append(b, "  by "...), h.By...)
	}
	if h.Supporters > 0 {
		b = append(append(b, "  "...), count(h.Supporters, "supporter")...)
	}
	if h.Proved {
		b = append(b, "  proved"...)
	}
	if h.Lag > 0 {
		b = fmt.Appendf(b, "  lag %d", h.Lag)
	}
	if h.Stale {
		b = append(b, "  stale"...)
	}
	return b
}

func appendPeer(b []byte, p *event.Peer) []byte {
	b = append(b, p.Change...)
	if p.Change == event.PeerFailed {
		b = append(append(b, " at "...), p.Stage...)
	}
	if p.Client != "" || p.Source.Peer != (enr.ID{}) {
		b = appendSource(append(b, ' '), &p.Source)
	}
	if p.Eth > 0 {
		b = fmt.Appendf(b, "  eth/%d", p.Eth)
	}
	if p.Inbound {
		b = append(b, "  inbound"...)
	} else {
		b = append(b, "  outbound"...)
	}
	if p.Static {
		b = append(b, "  static"...)
	}
	if p.Addr.IsValid() {
		b = appendText(append(b, ' '), p.Addr.String(), maxName)
	}
	if p.Change == event.PeerUp {
		return b
	}
	b = appendDuration(append(b, "  after "...), p.Lasted)
	if p.By != "" {
		b = append(append(b, "  by "...), p.By...)
	}
	if cause := firstKnown(p.Err, p.Reason); cause != "" {
		b = appendText(append(b, ": "...), cause, maxCause)
	}
	return b
}

func appendCandidate(b []byte, c *event.Candidate) []byte {
	b = appendPeerID(b, c.Peer)
	if c.Addr.IsValid() {
		b = appendText(append(b, "  "...), c.Addr.String(), maxName)
	}
	b = append(append(b, "  from "...), c.Source...)
	if c.Taken {
		return append(b, "  dialled"...)
	}
	return appendText(append(b, "  not dialled: "...), c.Why, maxName)
}

func firstKnown(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func appendVia(b []byte, v event.Via) []byte {
	switch v {
	case event.ViaAnnouncement:
		return append(b, "  announced by"...)
	case event.ViaRequest:
		return append(b, "  fetched from"...)
	case event.ViaBlock:
		return append(b, "  in a block from"...)
	}
	return append(b, "  sent by"...)
}

func appendSource(b []byte, t *event.Source) []byte {
	if t.Client != "" {
		b = appendText(append(b, ' '), t.Client, maxName)
	}
	return appendPeerID(b, t.Peer)
}

func appendPeerID(b []byte, id enr.ID) []byte {
	if id == (enr.ID{}) {
		return b
	}
	return fmt.Appendf(b, " %x…", id[:4])
}

func count[N int | uint64](n N, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case what == "tx":
		return fmt.Sprint(n, " txs")
	}
	return fmt.Sprint(n, " ", what, "s")
}
