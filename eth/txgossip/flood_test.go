// SPDX-License-Identifier: Apache-2.0

package txgossip

import (
	"encoding/binary"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// nothing is an announcement of n hashes that are of no transaction.
func nothing(v wire.Version, from uint64, n int) []byte {
	all := make([]wire.Announced, n)
	for i := range all {
		binary.BigEndian.PutUint64(all[i].Hash[24:], from+uint64(i)+1)
		all[i].Hash[0], all[i].Type, all[i].Size, all[i].Typed = 0xff, 2, 120, true
	}
	return wire.AppendAnnouncement(nil, v, all)
}

// One peer that announces 262,144 hashes of nothing is told of up to its share, makes us forget nothing
// of an honest transaction, whether it is here or not, and the rest is counted.
func TestAnnouncementsOfNothing(t *testing.T) {
	listen(t, func(l *listening) {
		good, bad := l.node.Join("good", 68), l.node.Join("bad", 68)
		x, _ := newTx(t, 1)
		y, hy := newTx(t, 2)
		good.SendRaw(wire.KindTransactions, list(raw(x)))
		good.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, y))
		good.Want(wire.KindGetPooledTransactions, asked(68, 7000, hy))
		const messages, each = 8, 32768
		lines := l.count(func() {
			for i := range uint64(messages) {
				bad.SendRaw(wire.KindNewPooledTransactionHashes, nothing(68, i<<20, each))
			}
		})
		if lines["tx"] != 4096 || lines["txgossip.peer"] != messages*each-4096 {
			t.Errorf("one peer announces nothing: %v", lines)
		}
		lines = l.count(func() {
			good.SendRaw(wire.KindTransactions, list(raw(x)))
			good.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, y))
			good.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(y)))
		})
		if lines["tx"] != 0 || lines["update"] != 1 || lines["sighting"] != 2 {
			t.Errorf("the honest transactions are told again: %v", lines)
		}
	})
}

// A peer that answers with nothing when it is asked for what it announced gets no more lines for it: its
// hashes stay on its account until they are old.
func TestAnnouncingNothingIsSlow(t *testing.T) {
	listen(t, func(l *listening) {
		bad := l.node.Join("bad", 68)
		id, told := uint64(7000), 0
		for i := range uint64(4) {
			lines := l.count(func() { bad.SendRaw(wire.KindNewPooledTransactionHashes, nothing(68, i<<20, 4096)) })
			told += lines["tx"]
			for ; l.gossip.machine.table.Len() > 0; id++ {
				bad.WantKind(wire.KindGetPooledTransactions)
				bad.SendRaw(wire.KindPooledTransactions, pooled(68, id))
				synctest.Wait()
			}
		}
		if told != 4096 || id != 7000+4096/256 {
			t.Errorf("%d hashes of nothing were told, and asked for in %d requests", told, id-7000)
		}
	})
}

// A transaction of another chain is counted, whichever way it comes; it is not told, its sender is not
// recovered, and it is not fetched. Legacy transactions without a chain are of each chain (EIP-155).
func TestTransactionsOfOtherChains(t *testing.T) {
	listen(t, func(l *listening) {
		a := l.node.Join("a", 68)
		sign := func(kind uint8, chain uint64) types.Tx {
			tx, err := types.Sign(types.Tx{
				Type: kind, ChainID: *uint256.NewInt(chain), Nonce: 7, Gas: 21000,
				FeeCap: *uint256.NewInt(1e9), To: types.Address{1}, Value: *uint256.NewInt(1e18),
			}, key)
			if err != nil {
				t.Fatal(err)
			}
			return tx
		}
		other, legacy := sign(types.DynamicFeeTx, 56), sign(types.LegacyTx, 56)
		ours := []types.Tx{sign(types.LegacyTx, 0), sign(types.LegacyTx, 1), sign(types.DynamicFeeTx, 1)}
		asking := sign(types.DynamicFeeTx, 57)
		hash := asking.Hash()
		a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, asking))
		a.Want(wire.KindGetPooledTransactions, asked(68, 7000, hash))
		l.lines = nil // it has a line, until it is known to be of another chain
		a.SendRaw(wire.KindPooledTransactions, pooled(68, 7000, raw(asking)))
		a.SendRaw(wire.KindTransactions, list(raw(other), raw(legacy)))
		l.gossip.FromBlock(time.Now(), event.Source{Client: "b"}, raw(sign(types.AccessListTx, 56)))
		a.SendRaw(wire.KindNewPooledTransactionHashes, announce(68, other, asking))
		time.Sleep(2 * time.Second)
		a.WantSilence()
		if n := l.gossip.recoverer.count.Load(); n != 0 {
			t.Errorf("%d senders were recovered", n)
		}
		l.mu.Lock()
		sum := 0
		for _, line := range l.lines {
			var n int
			if _, err := fmt.Sscanf(line, "loss txgossip.chain %d", &n); err != nil {
				t.Errorf("recorded %q", line)
			}
			sum += n
		}
		l.lines = nil
		l.mu.Unlock()
		if sum != 6 {
			t.Errorf("%d were counted", sum)
		}
		lines := l.count(func() { a.SendRaw(wire.KindTransactions, list(raw(ours[0]), raw(ours[1]), raw(ours[2]))) })
		if lines["tx"] != 3 {
			t.Errorf("transactions of this chain: %v", lines)
		}
	})
}

// A Transactions message of made-up transactions costs its reader no recovery, and none at all
// where the fields show that no chain includes them.
func TestTinyTransactionsMessage(t *testing.T) {
	for _, c := range []struct {
		gas        uint64
		recoveries uint64
	}{{types.MinGas - 1, 0}, {types.MinGas, 500}} {
		g := New(Config{})
		var txs []byte
		for i := range uint64(500) {
			txs = tiny(txs, 1<<32+i, c.gas)
		}
		all, fresh, err := g.hear(68, txs, 500, event.ViaBroadcast)
		if err != nil || len(all) != 500 || fresh != (c.recoveries > 0) || g.recoverer.count.Load() != 0 {
			t.Fatalf("gas %d: %d heard, fresh %t, %v", c.gas, len(all), fresh, err)
		}
		for i := range all {
			g.recoverer.finish(&all[i])
			g.recoverer.finish(&all[i])
		}
		if n := g.recoverer.count.Load(); n != c.recoveries {
			t.Errorf("gas %d: %d recoveries", c.gas, n)
		}
	}
}
