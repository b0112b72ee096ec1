// SPDX-License-Identifier: Apache-2.0

package server

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
)

// GHSA-6r9q-wjp4-34gh: connections that never send a Status. Each counts as a peer, so there are
// never more of them than places, and each ends after 5 s, so that others get the places.
func TestConnectionsWithoutStatusAreBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const places = 3
		chain, _ := params.ByName("mainnet")
		proto, err := eth.New(eth.Config{Chain: chain, Versions: []wire.Version{68}})
		if err != nil {
			t.Fatal(err)
		}
		b := newBench(t, func(c *Config) {
			onlyInbound(places)(c)
			c.Protocols = []p2p.Protocol{proto}
		})
		for range 2 { // the second round gets the places of the first
			var ids []enr.ID
			for range places {
				key := mustKey(t)
				b.join(lan, key).hello(p2p.Cap{Name: "eth", Version: 68})
				ids = append(ids, enr.IDOf(key.Public()))
			}
			admitted := func() (n int) {
				synctest.Wait()
				for _, id := range ids {
					if _, ok := b.admission.find(id); ok {
						n++
					}
				}
				return n
			}
			if n := admitted(); n != places {
				t.Fatalf("%d connections without Status have places, want %d", n, places)
			}
			b.join(lan, mustKey(t)).wantGoodbye(p2p.ReasonTooManyPeers)
			time.Sleep(4900 * time.Millisecond)
			if n := admitted(); n != places {
				t.Errorf("%d connections have places before 5 s, want %d", n, places)
			}
			time.Sleep(2 * time.Second) // the Disconnect may take one to leave
			if n := admitted(); n != 0 {
				t.Errorf("%d connections without Status have places after 7 s", n)
			}
		}
	})
}
