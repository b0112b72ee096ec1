// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

func put(t testing.TB, c *Chain, b *chains.Block) {
	t.Helper()
	if err := c.PutBody(b.Hash, b.Body); err != nil {
		t.Fatal(err)
	}
	if err := c.PutReceipts(b.Hash, b.Receipts); err != nil {
		t.Fatal(err)
	}
}

// TestValues: bodies and receipts are the header's or refused, and Earliest follows them.
func TestValues(t *testing.T) {
	w := chains.Mined()
	c := open(t, Config{Params: w.Params, History: 50})
	trunk := w.Genesis().Grow(60, chains.Step{Seconds: 13, Txs: 2})
	branch := trunk[:56].Grow(6, chains.Step{Seconds: 13, Txs: 3, Mark: 'b'})
	insert(t, c, trunk.Headers(1, 60))
	earliest := func(want uint64) {
		t.Helper()
		c.checkInvariants(t)
		if c.Earliest() != want {
			t.Errorf("earliest is %d, not %d", c.Earliest(), want)
		}
	}
	earliest(60)
	for n := 60; n > 40; n-- {
		put(t, c, &trunk[n])
		earliest(uint64(n))
	}
	put(t, c, &trunk[30])
	earliest(41)
	if full := c.Full(); len(full) != 3 || full[1] != [2]uint64{30, 30} || full[2] != [2]uint64{41, 60} {
		t.Errorf("full are %v", full)
	}
	for n := 31; n <= 40; n++ {
		put(t, c, &trunk[n])
	}
	earliest(30)
	for n := uint64(30); n <= 60; n++ {
		if string(c.Body(trunk[n].Hash)) != string(trunk[n].Body) || string(c.Receipts(trunk[n].Hash)) != string(trunk[n].Receipts) {
			t.Errorf("block %d has other bytes", n)
		}
	}
	insert(t, c, branch.Headers(56, 60)) // equally heavy: a side chain, whose values are kept, too
	put(t, c, &branch[56])
	put(t, c, &branch[57])
	insert(t, c, branch.Headers(61, 61))
	c.follows(t, branch)
	earliest(30) // up to block 57, the others are on their way
	insert(t, c, trunk.Grow(2, chains.Step{Seconds: 13}).Headers(61, 62))
	earliest(30)

	isRule := func(err error, rule rules.Rule) bool {
		broken, ok := errors.AsType[*rules.Error](err)
		return ok && broken.Rule == rule
	}
	if err := c.PutBody(trunk[20].Hash, trunk[21].Body); !isRule(err, rules.Body) {
		t.Errorf("another body: %v", err)
	}
	if err := c.PutReceipts(trunk[20].Hash, trunk[21].Receipts); !isRule(err, rules.Body) {
		t.Errorf("other receipts: %v", err)
	}
	if err := c.PutReceipts(trunk[20].Hash, []byte{0xc1}); err == nil {
		t.Error("no receipts")
	}
	if err := c.PutAccessList(trunk[20].Hash, []byte{0xc0}); !isRule(err, rules.Body) {
		t.Errorf("an access list before Amsterdam: %v", err)
	}
	if err := c.PutBody(trunk[5].Hash, trunk[5].Body); !errors.Is(err, ErrUnknownBlock) { // its header is pruned
		t.Errorf("an old body: %v", err)
	}
	if err := c.PutBody(types.Hash{1}, trunk[5].Body); !errors.Is(err, ErrUnknownBlock) {
		t.Errorf("a body of no block: %v", err)
	}
}

// TestOldValues: with all headers, bodies below the window are refused and those that fall out of it deleted.
func TestOldValues(t *testing.T) {
	for _, history := range []History{20, HistoryHeaders} {
		w := chains.Mined()
		c := open(t, Config{Params: w.Params, Store: newOver(NewMemory()), History: history})
		trunk := w.Genesis().Grow(30, chains.Step{Seconds: 13, Txs: 1}).Grow(30, chains.Step{Seconds: 13})
		insert(t, c, trunk.Headers(1, 30))
		_, bodies := c.Kept()
		for n := max(bodies, 1); n <= 30; n++ {
			put(t, c, &trunk[n])
		}
		insert(t, c, trunk.Headers(31, 60))
		c.follows(t, trunk)
		for n := range trunk[1:] {
			_, bodies = c.Kept()
			if b := &trunk[n+1]; uint64(n+1) >= bodies != (c.Body(b.Hash) != nil) || len(c.Header(b.Hash)) == 0 { //nolint:gosec // small
				t.Errorf("%v, block %d: body %x", history, n+1, c.Body(b.Hash))
			}
		}
		if err := c.PutBody(trunk[7].Hash, trunk[7].Body); !errors.Is(err, ErrNotKept) {
			t.Errorf("%v: %v", history, err)
		}
	}
}

// TestAccessLists are kept by the header's hash of them (EIP-7928).
func TestAccessLists(t *testing.T) {
	w := chains.Staked()
	for _, name := range []string{"cancunTime", "pragueTime", "amsterdamTime"} {
		w.Params.Forks.Times = append(w.Params.Forks.Times, params.Fork{Name: name, At: w.Params.GenesisTime + 1})
	}
	w.Params.BlobSchedule = []params.Blobs{{Fork: "cancunTime", Target: 3, Max: 6, UpdateFraction: 3_338_477}}
	c := open(t, Config{Params: w.Params})
	trunk := w.Genesis().Grow(1, chains.Step{})
	list := []byte{0xc3, 0x82, 0x01, 0x02}
	trunk[1].Change(func(h *types.Header) {
		h.Optional, h.BlockAccessListHash = types.AmsterdamFields, keccak.Sum256(list)
	})
	insert(t, c, trunk.Headers(1, 1))
	if err := c.PutAccessList(trunk[1].Hash, list[1:]); err == nil {
		t.Error("another list")
	}
	if err := c.PutAccessList(trunk[1].Hash, list); err != nil || string(c.AccessList(trunk[1].Hash)) != string(list) {
		t.Errorf("%v, %x", err, c.AccessList(trunk[1].Hash))
	}
	c.checkInvariants(t)
}

// TestFollow: a cursor hears of each change in order; a slow one of the head alone.
func TestFollow(t *testing.T) {
	w := chains.Mined()
	c := open(t, Config{Params: w.Params})
	cur, slow := c.Follow(), c.Follow()
	trunk := w.Genesis().Grow(10, chains.Step{Seconds: 13})
	branch := trunk[:9].Grow(3, chains.Step{Seconds: 13, Mark: 'b'})
	insert(t, c, trunk.Headers(1, 10))
	insert(t, c, branch.Headers(9, 11))
	first, _ := cur.Take()
	if len(first.Added) != 10 || first.Added[0] != ref(&trunk[1]) || first.Head.Ref != ref(&trunk[10]) || first.Reset {
		t.Errorf("%+v", first)
	}
	second, err := cur.Wait(t.Context())
	if err != nil || len(second.Removed) != 2 || second.Removed[0] != ref(&trunk[10]) || second.Removed[1] != ref(&trunk[9]) ||
		len(second.Added) != 3 || second.Added[0] != ref(&branch[9]) || second.Head.Ref != ref(&branch[11]) {
		t.Errorf("%+v, %v", second, err)
	}
	if next, ok := cur.Take(); ok {
		t.Errorf("%+v", next)
	}
	select {
	case <-cur.C():
	default:
	}
	long := branch.Grow(maxChange, chains.Step{Seconds: 13})
	for n := 12; n < len(long); n += 1024 {
		if _, err := c.InsertHeaders(later, long.Headers(n, min(n+1023, len(long)-1))); err != nil {
			t.Fatal(err)
		}
	}
	<-cur.C()
	if next, ok := slow.Take(); !ok || !next.Reset || next.Head.Ref != ref(long.Last()) || next.Added != nil {
		t.Errorf("%d added, %v", len(next.Added), next.Reset)
	}
	slow.Close()
	if _, err := slow.Wait(t.Context()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	cur.Close()
	<-cur.C()
	if len(c.cursors.all) != 0 {
		t.Error("a closed cursor follows")
	}
}

// A failing store takes no writes while it is broken.
type failing struct {
	*Memory
	broken bool
}

var errDisk = errors.New("no space left on device")

func (f *failing) Apply(b *Batch) error {
	if f.broken {
		return errDisk
	}
	return f.Memory.Apply(b)
}

// TestDeadStore: a store that takes no writes is told of once; the chain goes on in memory, over what it can read, and
// keeps no more than the last 1,024 blocks of what is new.
func TestDeadStore(t *testing.T) {
	w := chains.Mined()
	store := &failing{Memory: NewMemory()}
	var told []event.Event
	c := open(t, Config{Params: w.Params, Store: store, Record: func(e event.Event) { told = append(told, e) }})
	trunk := w.Genesis().Grow(3000, chains.Step{Seconds: 13})
	insert(t, c, trunk.Headers(1, 100))
	if c.Dead() != nil {
		t.Error(c.Dead())
	}
	before := len(store.values)
	store.broken = true
	for n := 101; n < 3000; n += 100 {
		if _, err := c.InsertHeaders(later, trunk.Headers(n, min(n+99, 3000))); err != nil {
			t.Fatal(err)
		}
		if n < DefaultInMemory-100 && string(c.Header(trunk[50].Hash)) != string(trunk[50].Header.Raw) {
			t.Error("what is on the disk cannot be read")
		}
	}
	c.follows(t, trunk)
	c.checkInvariants(t)
	trouble, ok := told[0].(event.Trouble)
	if !errors.Is(c.Dead(), errDisk) || len(told) != 1 || !ok || trouble.Where != event.TroubleChain || !strings.Contains(trouble.Err, "no space") {
		t.Errorf("dead: %v, told %v", c.Dead(), told)
	}
	if c.Tail() != 3000-DefaultInMemory+1 || c.Earliest() != c.Tail() {
		t.Errorf("tail %d, earliest %d", c.Tail(), c.Earliest())
	}
	if m := (*c.store.Load()).(*Memory); len(m.values) > 6*DefaultInMemory || len(store.values) != before {
		t.Errorf("%d values are held above %d", len(m.values), len(store.values))
	}
	// What was written before is there after a restart.
	again := open(t, Config{Params: w.Params, Store: store.Memory})
	again.follows(t, trunk[:101])
}

// TestClique: signers are checked on all branches, and a restart needs no replay from the genesis block.
func TestClique(t *testing.T) {
	w := chains.Clique(3, 10)
	store := NewMemory()
	reopen := func() *Chain {
		c := open(t, Config{Params: w.Params, Store: store, History: HistoryFull})
		c.clique.every = 4
		return c
	}
	c := reopen()
	trunk := w.Genesis().Grow(26, chains.Step{Seconds: 1})
	branch := trunk[:20].Grow(8, chains.Step{Seconds: 1, Mark: 'b', Late: 1}) // lighter: out of turn
	insert(t, c, trunk.Headers(1, 15))
	insert(t, c, trunk.Headers(16, 26))
	insert(t, c, branch.Headers(20, 27))
	c.follows(t, trunk)
	wrong := trunk.Grow(1, chains.Step{Seconds: 1})
	wrong[27].Change(func(h *types.Header) { h.Extra[0] ^= 1 })
	_, err := c.CheckHeader(later, wrong[27].Header.Raw, false)
	if broken, ok := errors.AsType[*rules.Error](err); !ok || broken.Rule != rules.Signer {
		t.Errorf("signed by another: %v", err)
	}
	snap, err := c.Signers(trunk[26].Hash)
	if err != nil || len(snap.Signers()) != 3 || snap.Number() != 26 {
		t.Errorf("%v, %v", snap, err)
	}

	// Without the headers of the first blocks the snapshot can only come from the store.
	var b Batch
	for n := 1; n < 16; n++ {
		b.Delete(Key{Kind: KindHeader, Hash: trunk[n].Hash})
	}
	if err := store.Apply(&b); err != nil {
		t.Fatal(err)
	}
	c = reopen()
	trunk = trunk.Grow(1, chains.Step{Seconds: 1})
	if n, err := c.InsertHeaders(later, trunk.Headers(27, 27)); n != 1 || err != nil {
		t.Error(n, err)
	}
	heavy := branch.Grow(12, chains.Step{Seconds: 1})
	if n, err := c.InsertHeaders(later, heavy.Headers(28, 39)); n != 12 || err != nil {
		t.Error(n, err)
	}
	if c.Head().Ref != ref(heavy.Last()) {
		t.Errorf("the head is block %d", c.Head().Number)
	}
	if _, err := c.Signers(trunk[10].Hash); !errors.Is(err, ErrUnknownParent) {
		t.Error(err)
	}
	if _, err := open(t, Config{Params: chains.Mined().Params}).Signers(types.Hash{}); err == nil {
		t.Error("a chain of miners has signers")
	}
}

// sealsOf counts the headers that it is asked about, and refuses some.
type sealsOf struct {
	asked map[uint64]int
	bad   uint64
}

func (s *sealsOf) Check(h *types.Header) error {
	s.asked[h.Number]++
	if h.Number == s.bad {
		return &rules.Error{Rule: rules.MixDigest, Number: h.Number}
	}
	return nil
}

// TestSeals: the work of a header that comes alone is checked, once; of many that of a sample and of the last.
func TestSeals(t *testing.T) {
	w := chains.Mined()
	s := &sealsOf{asked: map[uint64]int{}, bad: 250}
	c := open(t, Config{Params: w.Params, Seals: s, Choose: func(n int) int { return n / 2 }})
	trunk := w.Genesis().Grow(300, chains.Step{Seconds: 13})
	if _, err := c.CheckHeader(later, trunk[1].Header.Raw, false); err != nil || s.asked[1] != 0 {
		t.Errorf("%v, asked %v", err, s.asked)
	}
	for range 3 {
		if _, err := c.CheckHeader(later, trunk[1].Header.Raw, true); err != nil || s.asked[1] != 1 {
			t.Errorf("%v, asked %v", err, s.asked)
		}
	}
	insert(t, c, trunk.Headers(1, 1))
	insert(t, c, trunk.Headers(2, 2))
	if s.asked[1] != 1 || s.asked[2] != 1 {
		t.Errorf("asked %v", s.asked)
	}
	insert(t, c, trunk.Headers(3, 200))
	if len(s.asked) != 2+5 || s.asked[3+32] != 1 || s.asked[3+3*64+3] != 1 || s.asked[200] != 1 {
		t.Errorf("asked %v", s.asked)
	}
	n, err := c.InsertHeaders(later, trunk.Headers(201, 250))
	if broken, ok := errors.AsType[*rules.Error](err); n != 49 || !ok || broken.Rule != rules.MixDigest {
		t.Errorf("took %d: %v", n, err)
	}
	if c.Head().Number != 249 {
		t.Errorf("the head is block %d", c.Head().Number)
	}
}

func TestParseHistory(t *testing.T) {
	for s, want := range map[string]History{"headers": HistoryHeaders, "full": HistoryFull, "1": 1, "2048": 2048} {
		if got, err := ParseHistory(s); err != nil || got != want || got.String() != s {
			t.Errorf("%q is %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0", "-1", "all", "9223372036854775808", "default"} {
		if got, err := ParseHistory(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
	if HistoryDefault.String() != "default" {
		t.Error(HistoryDefault)
	}
}

func TestClosedCursorsEndWait(t *testing.T) {
	c := open(t, Config{Params: chains.Mined().Params})
	cur := c.Follow()
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, errDisk)
	defer cancel()
	if _, err := cur.Wait(ctx); !errors.Is(err, errDisk) {
		t.Error(err)
	}
	cur.Close()
	cur.Close()
}
