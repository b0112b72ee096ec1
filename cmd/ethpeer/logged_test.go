// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"log/slog"
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
