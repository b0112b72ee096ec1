// SPDX-License-Identifier: Apache-2.0

package watcher

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	now := time.Now()
	l, err := parse([]byte(`{"kind":"tx","time":"2026-11-22T10:00:00.123456789Z","seq":7,"hash":"0x01","via":"broadcast","more":[1]}`), now)
	if err != nil {
		t.Fatal(err)
	}
	if l.Kind != "tx" || l.Seq != 7 || l.Hash != "0x01" || l.Via != "broadcast" || l.Time.Nanosecond() != 123456789 || l.Arrived != now {
		t.Errorf("line is %+v", l)
	}
	for _, bad := range []string{
		``, `[]`, `{"kind":"tx"`, `{"time":"2026-11-22T10:00:00Z","seq":7}`, `{"kind":"tx","seq":7}`,
		`{"kind":"tx","time":"2026-11-22T10:00:00+01:00","seq":7}`,
	} {
		if _, err := parse([]byte(bad), now); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestProblems(t *testing.T) {
	now := time.Now()
	line := func(kind string, seq uint64) Line { return Line{Kind: kind, Seq: seq, Time: now, Arrived: now} }
	late := line("tx", 2)
	late.Arrived = now.Add(-time.Second)
	for name, c := range map[string]struct {
		lines []Line
		good  bool
	}{
		"good":              {[]Line{line("tx", 1), line("summary", 2)}, true},
		"empty":             {nil, false},
		"gap":               {[]Line{line("tx", 1), line("summary", 3)}, false},
		"no summary":        {[]Line{line("tx", 1), line("tx", 2)}, false},
		"more than summary": {[]Line{line("summary", 1), line("tx", 2), line("summary", 3)}, false},
		"from the future":   {[]Line{line("tx", 1), late, line("summary", 3)}, false},
	} {
		if err := Problems(c.lines); (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
