// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"strconv"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
)

// An Encoder appends one line per event and numbers the lines from 1. The zero value is
// ready. It has one owner.
type Encoder struct {
	seq uint64 // of the last line
}

// Append appends the line for ev, its newline included, and returns the longer slice. A
// type that is not one of package event's leaves dst as it was and takes no number.
func (e *Encoder) Append(dst []byte, ev event.Event) []byte {
	switch ev := ev.(type) {
	case event.Tx:
		dst = appendTx(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Sighting:
		dst = appendSighting(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Block:
		dst = appendBlock(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Head:
		dst = appendHead(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Peer:
		dst = appendPeer(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Loss:
		dst = appendLoss(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Candidate:
		dst = appendCandidate(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Self:
		dst = appendSelf(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Trouble:
		dst = appendTrouble(e.begin(dst, ev.Kind(), ev.At), &ev)
	case event.Summary:
		dst = appendSummary(e.begin(dst, ev.Kind(), ev.At), &ev)
	default:
		return dst
	}
	return append(dst, '}', '\n')
}

// begin opens the object with the three fields that every line has. The bodies append
// the rest, each field with the comma before it.
func (e *Encoder) begin(b []byte, kind event.Kind, at event.At) []byte {
	e.seq++
	b = append(b, `{"kind":"`...)
	b = append(b, kind...)
	b = append(b, `","time":"`...)
	b = at.Time.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000000Z07:00")
	b = append(b, `","seq":`...)
	return strconv.AppendUint(b, e.seq, 10)
}

func appendTx(b []byte, t *event.Tx) []byte {
	b = appendHash(b, "hash", t.Hash)
	if t.Typed {
		b = appendUint(b, "type", uint64(t.Type))
	}
	if t.Size > 0 {
		b = appendUint(b, "size", t.Size)
	}
	b = appendText(b, "via", string(t.Via))
	b = appendSource(b, &t.Source)
	if t.Update {
		b = append(b, `,"update":true`...)
	}
	if t.Body != nil {
		b = appendTxBody(b, t.Body)
	}
	return b
}

func appendTxBody(b []byte, t *event.TxBody) []byte {
	b = appendAddress(b, "from", &t.From)
	b = appendAddress(b, "to", t.To)
	b = appendUint(b, "nonce", t.Nonce)
	b = appendAmount(b, "value", t.Value)
	b = appendUint(b, "gas", t.Gas)
	b = appendAmount(b, "tip", t.Tip)
	return appendAmount(b, "feecap", t.FeeCap)
}

func appendSighting(b []byte, s *event.Sighting) []byte {
	b = appendHash(b, "hash", s.Hash)
	b = appendText(b, "via", string(s.Via))
	return appendID(b, "peer", s.Peer)
}

func appendBlock(b []byte, k *event.Block) []byte {
	b = appendUint(b, "number", k.Number)
	b = appendHash(b, "hash", k.Hash)
	b = appendHash(b, "parent", k.Parent)
	if k.Size > 0 {
		b = appendUint(b, "txs", uint64(max(0, k.Txs)))
		b = appendUint(b, "size", k.Size)
	}
	b = appendText(b, "via", string(k.Via))
	return appendSource(b, &k.Source)
}

func appendHead(b []byte, h *event.Head) []byte {
	b = appendUint(b, "number", h.Number)
	b = appendHash(b, "hash", h.Hash)
	b = appendKnown(b, "by", h.By)
	return appendUint(b, "supporters", uint64(max(0, h.Supporters)))
}

func appendPeer(b []byte, p *event.Peer) []byte {
	b = appendText(b, "event", string(p.Change))
	b = appendText(b, "stage", string(p.Stage))
	b = appendSource(b, &p.Source)
	if p.Inbound {
		b = append(b, `,"direction":"inbound"`...)
	} else {
		b = append(b, `,"direction":"outbound"`...)
	}
	if p.Static {
		b = append(b, `,"static":true`...)
	}
	if p.Eth > 0 {
		b = appendUint(b, "eth", uint64(p.Eth))
	}
	if p.Addr.IsValid() {
		b = appendAddr(b, "addr", p.Addr)
	}
	if p.Change == event.PeerUp {
		return b
	}
	b = appendKnown(b, "by", string(p.By))
	b = appendKnown(b, "reason", p.Reason)
	b = appendKnown(b, "error", p.Err)
	return appendSeconds(b, "lasted", p.Lasted)
}

func appendLoss(b []byte, l *event.Loss) []byte {
	b = appendText(b, "where", l.Where)
	return appendUint(b, "count", l.Count)
}

func appendCandidate(b []byte, c *event.Candidate) []byte {
	b = appendID(b, "peer", c.Peer)
	if c.Addr.IsValid() {
		b = appendAddr(b, "addr", c.Addr)
	}
	b = appendText(b, "source", c.Source)
	b = appendBool(b, "taken", c.Taken)
	return appendKnown(b, "why", c.Why)
}

func appendSelf(b []byte, s *event.Self) []byte {
	b = appendText(b, "enode", s.URL)
	b = appendText(b, "record", s.Record)
	b = appendUint(b, "recordseq", s.Seq)
	return appendBool(b, "private", s.Private)
}

func appendTrouble(b []byte, t *event.Trouble) []byte {
	b = appendText(b, "where", t.Where)
	b = appendText(b, "error", t.Err)
	if t.Over {
		b = append(b, `,"over":true`...)
	}
	return b
}

func appendSummary(b []byte, s *event.Summary) []byte {
	b = appendSeconds(b, "uptime", s.Uptime)
	b = appendUint(b, "peers", uint64(max(0, s.Peers)))
	b = appendUint(b, "up", s.Up)
	b = appendUint(b, "down", s.Down)
	b = appendUint(b, "failed", s.Failed)
	b = appendUint(b, "txs", s.Txs)
	b = appendUint(b, "bodies", s.Bodies)
	b = appendUint(b, "sightings", s.Sightings)
	b = appendUint(b, "blocks", s.Blocks)
	if !s.Head.Hash.IsZero() {
		b = appendUint(b, "head", s.Head.Number)
		b = appendHash(b, "hash", s.Head.Hash)
	}
	b = append(b, `,"losses":{`...)
	for i := range s.Lost {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, s.Lost[i].Where)
		b = append(b, ':')
		b = strconv.AppendUint(b, s.Lost[i].Count, 10)
	}
	return append(b, '}')
}

// appendSource names the peer. A connection that failed early has neither an ID nor a
// client.
func appendSource(b []byte, t *event.Source) []byte {
	if t.Peer != (enr.ID{}) {
		b = appendID(b, "peer", t.Peer)
	}
	return appendKnown(b, "client", t.Client)
}
