// SPDX-License-Identifier: Apache-2.0

package discover_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
)

// fixed is a resolver that knows the texts of one list.
type fixed map[string]string

func (f fixed) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := f[name]; ok {
		return []string{text}, nil
	}
	return nil, errors.New("no such name")
}

// Find nodes: here in a list in DNS alone. V4 and V5 look over UDP, too.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	key, _ := ecc.ParsePrivateKey([]byte{31: 1})
	var b enr.Builder
	b.SetIP(netip.MustParseAddr("203.0.113.5"))
	b.SetTCP(30303)
	record, _ := b.Sign(key, 1)
	url, texts := dnstree.Build(1, []*enr.Record{record}, nil).Publish(key, "nodes.example.org")

	us, _ := ecc.ParsePrivateKey([]byte{31: 2})
	finder, err := discover.New(discover.Config{
		Key: us, Self: self.New(self.Config{Key: us, Start: time.Now()}),
		Lists: []string{url.String()}, TXT: fixed(texts),
	})
	if err != nil {
		panic(err)
	}
	if err := finder.Open(); err != nil {
		panic(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- finder.Run(ctx) }()
	found, ok := finder.Next(ctx)
	fmt.Println(found.Node.IP, "from", found.Source, ok)
	cancel()
	fmt.Println(<-ended)
	// Output:
	// 203.0.113.5 from dns true
	// <nil>
}
