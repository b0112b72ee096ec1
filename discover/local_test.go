// SPDX-License-Identifier: Apache-2.0

package discover

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

type zone map[string]string

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	if s, ok := z[name]; ok {
		return []string{s}, nil
	}
	return nil, errors.New("no such name")
}

// TestListsNameNoLocalNodes: a list in DNS cannot make us dial services of our own network, unless the
// operator named that network.
func TestListsNameNoLocalNodes(t *testing.T) {
	var records []*enr.Record
	for i, at := range []string{"127.0.0.1:22", "192.168.1.1:80", "10.0.0.1:443", "169.254.169.254:80", "[::1]:5432", "34.1.1.1:30303"} {
		a := netip.MustParseAddrPort(at)
		var b enr.Builder
		b.SetIP(a.Addr())
		b.SetTCP(a.Port())
		r, err := b.Sign(keyOf(t, 10+i), 1)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	url, texts := dnstree.Build(1, records, nil).Publish(keyOf(t, 1), "nodes.example.org")
	for _, test := range []struct {
		restrict []netip.Prefix
		want     int
	}{{nil, 1}, {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, 2}} {
		bubble.Test(t, func(t *testing.T) {
			refused := make(chan event.Candidate, 100)
			h, err := NewHost(HostConfig{Config: Config{
				Key: keyOf(t, 1), Lists: []string{url.String()}, TXT: zone(texts), Restrict: test.restrict,
				Record: func(e event.Event) {
					if c, ok := e.(event.Candidate); ok {
						select {
						case refused <- c:
						default:
						}
					}
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Open(); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
			defer stop()
			var all sync.WaitGroup
			all.Go(func() { _ = h.Run(ctx) })
			found := map[netip.Addr]bool{}
			for {
				f, ok := h.Finder().Next(ctx)
				if !ok {
					break
				}
				found[f.Node.IP] = true
			}
			all.Wait()
			if len(found) != test.want || !found[netip.MustParseAddr("34.1.1.1")] {
				t.Errorf("found %v", found)
			}
			if c := <-refused; c.Why != "local address" || c.Source != SourceDNS || c.Taken {
				t.Errorf("%+v", c)
			}
		})
	}
}
