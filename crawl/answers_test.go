// SPDX-License-Identifier: Apache-2.0

package crawl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/internal/test/memnet"
	"github.com/ethpeer/ethpeer/probe"
)

// TestOneLostAnswerDoesNotEndAVisit: a visit goes on after one lost answer, or every second one, and ends
// after two in a row. A node that never answered is asked once.
func TestOneLostAnswerDoesNotEndAVisit(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	for name, c := range map[string]struct {
		ctx  context.Context
		any  bool
		lost string // an x for each request without an answer
		want int    // requests
		told int
	}{
		"none":          {t.Context(), true, "........", v4Targets, 8},
		"the first":     {t.Context(), true, "x.......", v4Targets, 7},
		"each second":   {t.Context(), true, ".x.x.x.x", v4Targets, 4},
		"two in a row":  {t.Context(), true, "..xx....", 4, 2},
		"all":           {t.Context(), true, "xxxxxxxx", 2, 0},
		"silent":        {t.Context(), false, "xxxxxxxx", 1, 0},
		"late to speak": {t.Context(), false, ".x......", v4Targets, 7},
		"our own end":   {ended, true, "x.......", 1, 0},
	} {
		a := answers{any: c.any}
		n := 0
		a.askTargets(c.ctx, func() ([]enr.Node, error) {
			n++
			if c.lost[n-1] == 'x' {
				return nil, errors.New("no answer")
			}
			return make([]enr.Node, 1), nil
		})
		if n != c.want || len(a.told) != c.told || a.any != (c.any || c.told > 0) {
			t.Errorf("%s: %d requests, want %d; told of %d nodes, want %d; answers %v", name, n, c.want, len(a.told), c.told, a.any)
		}
	}
}

// TestFound: a node is found if it answers over UDP, or proves its key over TCP.
func TestFound(t *testing.T) {
	for name, c := range map[string]struct {
		visit Visit
		want  bool
	}{
		"silent":       {Visit{}, false},
		"UDP":          {Visit{Answered: true}, true},
		"UDP alone":    {Visit{Answered: true, Probe: &probe.Answer{}}, true},
		"TCP accepted": {Visit{Probe: &probe.Answer{Took: probe.Times{Dial: 1}}}, false},
		"Hello":        {Visit{Probe: &probe.Answer{Took: probe.Times{Dial: 1, RLPx: 1, Hello: 1}}}, true},
		"sent away":    {Visit{Probe: &probe.Answer{Took: probe.Times{Dial: 1, RLPx: 1}, Reason: "too many peers"}}, true},
	} {
		if got := c.visit.alive(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// texts is a DNS of TXT records.
type texts map[string]string

func (z texts) LookupTXT(_ context.Context, name string) ([]string, error) {
	if s, ok := z[name]; ok {
		return []string{s}, nil
	}
	return nil, errors.New("no such name")
}

// TestBeginsWithListsInDNS: up to 64 nodes of the lists are visited beside those of Start. A list without
// nodes is an error if there is no other node to begin with; the end of the crawl is no error.
func TestBeginsWithListsInDNS(t *testing.T) {
	var records []*enr.Record
	for i := range 70 {
		var b enr.Builder
		b.SetIP(at(i).Addr())
		b.SetUDP(30303)
		r, err := b.Sign(keyOf(t, 10+i), 1)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	list, zone := dnstree.Build(1, records, nil).Publish(keyOf(t, 1), "nodes.example.org")
	other := enr.Node{Key: keyOf(t, 999).Public(), IP: at(99).Addr(), UDP: 30303}
	for name, c := range map[string]struct {
		start []enr.Node
		zone  texts
		end   time.Duration // 0 = the caller has ended the crawl
		want  int           // nodes known; -1 = an error
	}{
		"list alone":    {nil, zone, time.Hour, listed},
		"beside":        {[]enr.Node{other}, zone, time.Hour, listed + 1},
		"nothing":       {nil, nil, time.Hour, -1},
		"out of time":   {nil, nil, time.Second, -1},
		"other nodes":   {[]enr.Node{other}, nil, time.Hour, 1},
		"already ended": {nil, zone, 0, 0},
	} {
		bubble.Test(t, func(t *testing.T) {
			w := &town{packets: memnet.NewDatagrams()}
			cfg := w.config(t, c.start...)
			cfg.Lists, cfg.txt = []string{list.String()}, c.zone
			ctx, stop := context.WithTimeout(t.Context(), c.end)
			defer stop()
			if c.end == 0 {
				ctx, stop = context.WithCancel(t.Context())
				stop()
			}
			r, err := Run(ctx, cfg)
			if c.want < 0 {
				if err == nil || !strings.Contains(err.Error(), "nodes.example.org brought none") {
					t.Errorf("%s: %v", name, err)
				}
				synctest.Wait()
				return
			}
			if err != nil || r.Known != c.want {
				t.Errorf("%s: %+v, %v; want %d nodes", name, r, err, c.want)
			}
		})
	}
}
