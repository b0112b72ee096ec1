// SPDX-License-Identifier: Apache-2.0

package beacon

import (
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/light"
	"github.com/ethpeer/ethpeer/event"
)

// TestEventFlood: events that come faster than they are taken make room, the oldest first, and are counted.
func TestEventFlood(t *testing.T) {
	var lost uint64
	f, err := New(Config{URLs: []string{"http://a"}, Checkpoint: light.Root{1}, Record: func(e event.Event) {
		if l, ok := e.(event.Loss); ok && l.Where == "beacon.events" {
			lost += l.Count
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{letters: make(chan letter, maxEvents), number: 1}
	for i := range 100 {
		s.put(letter{number: 1, data: []byte{byte(i)}})
	}
	if len(s.letters) != maxEvents {
		t.Fatalf("%d letters", len(s.letters))
	}
	for i := range maxEvents {
		l := <-s.letters
		if int(l.data[0]) != 100-maxEvents+i {
			t.Errorf("letter %d", l.data[0])
		}
		f.receive(s, l)
	}
	if lost != 100-maxEvents {
		t.Errorf("%d lost", lost)
	}
}

// TestReadEvents: server-sent events as the standard has them.
func TestReadEvents(t *testing.T) {
	read := func(text string) (events []string, err error) {
		err = readEvents(strings.NewReader(text), func(data []byte) { events = append(events, string(data)) })
		return events, err
	}
	events, err := read(": comment\n\nevent: a\ndata: one\n\ndata:two\r\ndata: and more\r\nid: 7\r\n\r\nevent: empty\n\ndata: cut")
	if want := []string{"one", "two\nand more"}; err != nil || strings.Join(events, "|") != strings.Join(want, "|") {
		t.Errorf("%q, %v", events, err)
	}
	if events, err := read("data: " + strings.Repeat("x", maxAnswer) + "\n\n"); err == nil || len(events) > 0 {
		t.Error("a long line is read")
	}
	if events, err := read(strings.Repeat("data: "+strings.Repeat("x", 1000)+"\n", maxAnswer/1000+1) + "\n"); err == nil || len(events) > 0 {
		t.Error("a long event is read")
	}
}

// TestNoEndlessTurns: whatever is answered, at once and for ever, the machine asks at most a few times a second.
func TestNoEndlessTurns(t *testing.T) {
	for name, body := range map[string]string{"empty": "", "list": "[]", "object": "{}", "facts": `{"data":{}}`} {
		for _, known := range []bool{true, false} {
			now := time.Unix(1_000_000, 0)
			cfg := chainOf("turns")
			cfg.Genesis = uint64(now.Unix()) - 1000
			c := Config{URLs: []string{"http://a", "http://b"}, Checkpoint: light.Root{1}}
			if known {
				c.Network = factsOf(cfg)
			}
			nodes, err := nodesOf(c.URLs)
			if err != nil {
				t.Fatal(err)
			}
			m, asked := newMachine(c, nodes, nil), 0
			for end := now.Add(time.Minute); now.Before(end); {
				s := m.next(now)
				if s.ask == nil {
					now = s.wait
					continue
				}
				if asked++; asked > 100 {
					t.Fatalf("%s: too many", name)
				}
				m.onAnswer(now, s.ask, answer{body: []byte(body)})
			}
			if asked < 4 {
				t.Errorf("%s: asked %d times", name, asked)
			}
		}
	}
}
