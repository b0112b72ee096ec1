// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/ethpeer/ethpeer/cmd/ethpeer/internal/option"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/sink"
	"github.com/ethpeer/ethpeer/sink/ndjson"
	"github.com/ethpeer/ethpeer/sink/terminal"
)

// keep selects the events that get a line: a sighting only with --all, a candidate only with --candidates.
func (s *settings) keep() func(event.Event) bool {
	return func(e event.Event) bool {
		switch e.Kind() {
		case event.KindSighting:
			return s.all
		case event.KindCandidate:
			return s.candidates
		}
		return true
	}
}

// forPeople reports whether lines are for people: on a terminal, without --json.
func (p *program) forPeople(s *settings) bool { return p.screen != nil && !s.json }

// format chooses how events are written.
func (p *program) format(s *settings, log *slog.Logger) sink.Format {
	if !p.forPeople(s) {
		return &logged{Format: &ndjson.Encoder{}, log: log, loopback: s.onLoopback(), listens: s.listen != "", heads: slog.LevelDebug}
	}
	dumb := p.env["TERM"] == "dumb" // a terminal that shows text only
	return &terminal.Format{
		Color: !dumb && p.env["NO_COLOR"] == "", // https://no-color.org
		Live:  !dumb,
		Width: p.screen.width,
		Zone:  time.Local,
	}
}

// logger writes messages for people to standard error.
func (p *program) logger(s *settings) *slog.Logger {
	w := p.err
	if p.forPeople(s) && p.errs != nil && p.env["TERM"] != "dumb" {
		w = overStatus{w}
	}
	options := &slog.HandlerOptions{Level: s.logLevel, ReplaceAttr: harmless}
	if s.logJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// harmless escapes unprintable characters, because a text may come from a peer. The text handler escapes them
// too; the JSON handler leaves those that JSON allows, such as U+009B, which begins a terminal's commands.
func harmless(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		a.Value = slog.StringValue(option.Printable(v))
	case error:
		a.Value = slog.StringValue(option.Printable(v.Error()))
	}
	return a
}

// warn logs the warnings about variables and about settings, each once.
func (p *program) warn(s *settings, log *slog.Logger) {
	for _, w := range slices.Compact(append(p.warnings, s.warnings...)) {
		log.Warn(option.HideKeys(option.Printable(w)))
	}
}

// overStatus writes each message over the status line, which is drawn again below it within a second.
type overStatus struct{ w io.Writer }

func (o overStatus) Write(b []byte) (int, error) {
	if _, err := io.WriteString(o.w, "\r\x1b[K"); err != nil {
		return 0, err
	}
	return o.w.Write(b)
}

// logged logs messages for people to standard error while the lines go to a pipe or a file. It runs on the
// goroutine that writes the lines, so a blocked standard error delays lines but no peer.
type logged struct {
	sink.Format
	log      *slog.Logger
	loopback bool // no other machine is meant to reach this node
	listens  bool // the message "listening" states our first enode URL
	self     bool // our record was reported before
	losses   event.Digest
	heads    slog.Level // of one head in headsEvery; the others are at level debug
	headAt   time.Time  // when a head was logged last
}

func (l *logged) Append(dst []byte, e event.Event) []byte {
	switch e := e.(type) {
	case event.Loss:
		l.lost(l.losses.Add(e))
	case event.Peer:
		if e.Change == event.PeerUp {
			l.log.Debug("peer up", "peer", e.Source.Peer.Short(), "client", e.Client, "eth", e.Eth, "addr", e.Addr)
		} else {
			l.log.Debug("peer "+string(e.Change), "peer", e.Source.Peer.Short(), "stage", string(e.Stage), "addr", e.Addr, "by", string(e.By), "error", e.Err)
		}
	case event.Candidate:
		l.log.Debug("candidate", "peer", e.Peer.Short(), "source", e.Source, "taken", e.Taken, "why", e.Why)
	case event.Self:
		l.record(e)
	case event.Trouble:
		if e.Over {
			l.log.Info(e.Where, "over", e.Err)
		} else {
			l.log.Warn(e.Where, "trouble", e.Err)
		}
	case event.Head:
		l.head(&e)
	}
	if e.Kind() != event.KindSummary { // the summary states all losses itself
		for l.lost(l.losses.Due(e.When())) {
		}
	}
	return l.Format.Append(dst, e)
}

// head logs a head, with the source that names it.
func (l *logged) head(e *event.Head) {
	level := slog.LevelDebug
	if e.Time.Sub(l.headAt) >= headsEvery {
		level, l.headAt = l.heads, e.Time
	}
	l.log.Log(context.Background(), level, "head", "number", e.Number, "hash", e.Hash, "by", e.By, "proved", e.Proved, "supporters", e.Supporters, "stale", e.Stale)
}

// record logs a new version of our record. If the message "listening" states our URL, the first version goes
// to level debug, unless its address is private.
func (l *logged) record(e event.Self) {
	said := !l.self && l.listens
	l.self = true
	switch {
	case e.Private && !l.loopback:
		l.log.Warn("our record has a private address, until we know better: only nodes of the same network can reach us there", "enode", e.URL)
	case l.loopback || said:
		l.log.Debug("our record has changed", "enode", e.URL)
	default:
		l.log.Info("our record has changed", "enode", e.URL)
	}
}

// lost logs a sum of losses, if there is one to show; see [event.Digest].
func (l *logged) lost(sum event.Loss, shown bool) bool {
	if shown {
		l.log.Warn("lost", "where", sum.Where, "count", sum.Count)
	}
	return shown
}
