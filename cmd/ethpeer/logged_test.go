// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ethpeer/ethpeer/event"
)

// The log for people gets a sum of losses a minute, and a trouble's end at level info; the
// lines beside it stay complete.
func TestLogThinsOutLossesAndSaysWhenATroubleIsOver(t *testing.T) {
	var b bytes.Buffer
	l := logged{Format: nothing{}, log: slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))}
	begin := time.Unix(0, 0)
	at := func(s int) event.At { return event.At{Time: begin.Add(time.Duration(s) * time.Second)} }
	for s := range 100 {
		l.Append(nil, event.Loss{At: at(s), Where: "v4.send", Count: 2})
	}
	l.Append(nil, event.Trouble{At: at(100), Where: event.TroubleUDP, Err: "blocked"})
	l.Append(nil, event.Trouble{At: at(130), Where: event.TroubleUDP, Err: "works", Over: true})
	l.Append(nil, event.Loss{At: at(131), Where: "v4.send", Count: 1})
	l.Append(nil, event.Summary{At: at(999)})
	want := `level=WARN msg=lost where=v4.send count=2
level=WARN msg=lost where=v4.send count=120
level=WARN msg=udp trouble=blocked
level=INFO msg=udp over=works
level=WARN msg=lost where=v4.send count=78
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("logged (-want +got):\n%s", diff)
	}
}

// Our enode URL is logged once at a start: by "listening" where we listen, else with the first
// record. A private address is a warning each time.
func TestLogSaysOurRecordOnce(t *testing.T) {
	first := event.Self{URL: "enode://first"}
	private := event.Self{URL: "enode://private", Private: true}
	second := event.Self{URL: "enode://second"}
	const info, warning = "level=INFO msg=\"our record has changed\" enode=", "level=WARN msg=\"our record has a private address"
	for _, test := range []struct {
		name    string
		l       logged
		records []event.Self
		want    []string // how the lines begin
	}{
		{"listens", logged{listens: true}, []event.Self{first, second}, []string{info + "enode://second"}},
		{"does not listen", logged{}, []event.Self{first, second}, []string{info + "enode://first", info + "enode://second"}},
		{"private at first", logged{listens: true}, []event.Self{private, second}, []string{warning, info + "enode://second"}},
		{"loopback", logged{listens: true, loopback: true}, []event.Self{private, second}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			test.l.Format, test.l.log = nothing{}, slog.New(slog.NewTextHandler(&b, nil))
			for _, e := range test.records {
				test.l.Append(nil, e)
			}
			var got []string
			for line := range strings.Lines(b.String()) {
				_, text, _ := strings.Cut(line, " ") // the time
				got = append(got, strings.TrimSpace(text))
			}
			if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
				t.Errorf("logged %q, want %q", got, test.want)
			}
		})
	}
}
