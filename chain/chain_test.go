// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/internal/test/chains"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// TestForward: headers extend the chain, the heaviest branch wins, of equal ones the first.
func TestForward(t *testing.T) {
	w := chains.Mined()
	c := open(t, Config{Params: w.Params})
	trunk := w.Genesis()
	c.follows(t, trunk)
	trunk = trunk.Grow(20, chains.Step{Seconds: 13, Mark: 'a'})
	insert(t, c, trunk.Headers(1, 20))
	c.follows(t, trunk)
	if c.Earliest() != 0 || c.Tail() != 0 {
		t.Errorf("blocks without transactions are held from %d, headers from %d", c.Earliest(), c.Tail())
	}
	td := w.Params.GenesisDifficulty
	for i := range trunk[1:] {
		td.Add(&td, &trunk[i+1].Header.Difficulty)
	}
	if head := c.Head(); !head.HasTD || head.TD != td {
		t.Errorf("total difficulty %v, want %v", &head.TD, &td)
	}

	equal := trunk[:16].Grow(5, chains.Step{Seconds: 13, Mark: 'b'})
	insert(t, c, equal.Headers(16, 20))
	c.follows(t, trunk)
	heavier := equal.Grow(1, chains.Step{Seconds: 13, Mark: 'b'})
	insert(t, c, heavier.Headers(21, 21))
	c.follows(t, heavier)
	// A shorter branch of more difficulty wins, too: slow blocks lose difficulty.
	slow := trunk[:16].Grow(8, chains.Step{Seconds: 1000, Mark: 's'})
	insert(t, c, slow.Headers(16, 23))
	c.follows(t, slow)
	shorter := heavier.Grow(1, chains.Step{Seconds: 13, Mark: 'b'})
	insert(t, c, shorter.Headers(22, 22))
	c.follows(t, shorter)
	if _, ok := c.Canonical(23); ok {
		t.Error("block 23 is canonical")
	}
	// And back.
	longest := trunk.Grow(10, chains.Step{Seconds: 13, Mark: 'd'})
	insert(t, c, longest.Headers(21, 30))
	c.follows(t, longest)
}

// TestRefused: what a forward insertion refuses, and how many headers it took before.
func TestRefused(t *testing.T) {
	w := chains.Mined()
	c := open(t, Config{Params: w.Params})
	good := w.Genesis().Grow(10, chains.Step{Seconds: 13, Mark: 'a'})

	wrong := good[:6].Grow(1, chains.Step{Seconds: 13, Mark: 'x'})
	wrong[6].Change(func(h *types.Header) { h.Difficulty.AddUint64(&h.Difficulty, 1) })
	wrong = wrong.Grow(2, chains.Step{Seconds: 13, Mark: 'x'})
	n, err := c.InsertHeaders(later, wrong.Headers(1, 8))
	if broken, ok := errors.AsType[*rules.Error](err); n != 5 || !ok || broken.Rule != rules.Difficulty {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	c.follows(t, good[:6])
	if n, err := c.InsertHeaders(later, good.Headers(8, 10)); n != 0 || !errors.Is(err, ErrUnknownParent) {
		t.Errorf("a gap: took %d: %v", n, err)
	}
	if n, err := c.InsertHeaders(later, append(good.Headers(6, 7), good[9].Header.Raw)); n != 2 || err == nil {
		t.Errorf("a gap in between: took %d: %v", n, err)
	}
	if n, err := c.InsertHeaders(later, [][]byte{{0xc0}}); n != 0 || err == nil {
		t.Errorf("no header: took %d: %v", n, err)
	}
	n, err = c.InsertHeaders(at(good[8].Header.Time-15), good.Headers(8, 10))
	if n != 1 || !errors.Is(err, ErrFuture) {
		t.Errorf("from the future: took %d: %v", n, err)
	}
	c.follows(t, good[:9])
	if _, err := c.CheckHeader(later, good[9].Header.Raw, true); err != nil {
		t.Error(err)
	}
	if _, err := c.CheckHeader(later, good[10].Header.Raw, true); !errors.Is(err, ErrUnknownParent) {
		t.Errorf("parent unknown: %v", err)
	}
	insert(t, c, good.Headers(1, 10)) // most are held
	c.follows(t, good)
}

// TestBackward: a believed head hangs in the air until the headers below it join it to the genesis block; the next one
// jumps, and joins the run before it.
func TestBackward(t *testing.T) {
	w := chains.Staked()
	c := open(t, Config{Params: w.Params, History: HistoryFull})
	trunk := w.Genesis().Grow(100, chains.Step{Seconds: 12, Mark: 'a'})
	believe := func(n int) {
		t.Helper()
		if err := c.SetHead(ref(&trunk[n]), trunk[n].Header.Raw); err != nil {
			t.Fatal(err)
		}
		c.checkInvariants(t)
		c.follows(t, trunk[:n+1])
	}
	back := func(from, to int) {
		t.Helper()
		if n, err := c.InsertBack(trunk.Headers(from, to)); n != from-to+1 || err != nil {
			t.Fatalf("took %d: %v", n, err)
		}
		c.checkInvariants(t)
	}
	gap := func(next, older uint64) {
		t.Helper()
		g, ok := c.Gap()
		if !ok || g.Next != ref(&trunk[next]) || g.Floor != 1 || g.Older != ref(&trunk[older]) {
			t.Fatalf("gap %v, %t", g, ok)
		}
	}
	closed := func() {
		t.Helper()
		if g, ok := c.Gap(); ok || c.Tail() != 0 {
			t.Fatalf("gap %v, tail %d", g, c.Tail())
		}
	}
	closed()
	believe(50)
	gap(49, 0)
	back(49, 40)
	gap(39, 0)
	if c.Tail() != 40 {
		t.Errorf("tail %d", c.Tail())
	}
	believe(51) // extends it
	gap(39, 0)
	if _, err := c.InsertBack(trunk.Headers(38, 30)); err == nil {
		t.Error("a header was left out")
	}
	back(39, 1)
	closed()
	believe(80)
	gap(79, 51)
	believe(90)
	gap(89, 80)
	back(89, 70) // over the run of one block, on to the next
	gap(69, 51)
	back(69, 45) // further than needed
	closed()
	if _, err := c.InsertBack(trunk.Headers(44, 40)); !errors.Is(err, ErrNoGap) {
		t.Error(err)
	}
	if head := c.Head(); !head.HasTD || head.TD != w.Params.GenesisDifficulty {
		t.Errorf("total difficulty %v, %t", head.TD, head.HasTD)
	}
	// Headers that come forward are held, and become canonical when they are believed.
	insert(t, c, trunk.Headers(91, 95))
	c.follows(t, trunk[:91])
	believe(94)
	// A canonical block below the head changes nothing.
	if err := c.SetHead(ref(&trunk[60]), nil); err != nil {
		t.Error(err)
	}
	c.follows(t, trunk[:95])
	// A branch, by its header alone, and by a jump.
	branch := trunk[:90].Grow(40, chains.Step{Seconds: 12, Mark: 'b'})
	if err := c.SetHead(ref(&branch[90]), branch[90].Header.Raw); err != nil {
		t.Error(err)
	}
	c.checkInvariants(t)
	c.follows(t, branch[:91])
	if err := c.SetHead(ref(&branch[120]), branch[120].Header.Raw); err != nil {
		t.Error(err)
	}
	if n, err := c.InsertBack(branch.Headers(119, 85)); n != 35 || err != nil {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	closed()
	c.follows(t, branch[:121])
	// A branch below the head in the air replaces what it contradicts.
	deep := trunk[:60].Grow(45, chains.Step{Seconds: 12, Mark: 'c'})
	if err := c.SetHead(ref(&deep[100]), deep[100].Header.Raw); err != nil {
		t.Error(err)
	}
	c.checkInvariants(t)
	if n, err := c.InsertBack(deep.Headers(99, 55)); n != 45 || err != nil {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	closed()
	c.follows(t, deep[:101])
	c.Finalize(ref(&deep[90]))
	if err := c.SetHead(ref(&trunk[94]), trunk[94].Header.Raw); err == nil {
		if _, err = c.InsertBack(trunk.Headers(93, 60)); !errors.Is(err, ErrFinal) {
			t.Error(err)
		}
	}
	if err := c.SetHead(ref(&trunk[80]), trunk[80].Header.Raw); !errors.Is(err, ErrFinal) {
		t.Error(err)
	}
}

// TestForeignHead: a head that descends from another genesis block never joins ours.
func TestForeignHead(t *testing.T) {
	w := chains.Staked()
	c := open(t, Config{Params: w.Params})
	other := w.Genesis()
	other[0].Change(func(h *types.Header) { h.Extra = []byte("other") })
	other = other.Grow(20, chains.Step{Seconds: 12, Mark: 'a'})
	if err := c.SetHead(ref(other.Last()), other.Last().Header.Raw); err != nil {
		t.Fatal(err)
	}
	n, err := c.InsertBack(other.Headers(19, 0))
	if broken, ok := errors.AsType[*rules.Error](err); n != 18 || !ok || broken.Rule != rules.Parent || broken.Number != 1 {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	if _, ok := c.Gap(); !ok {
		t.Error("it has joined")
	}
}

// TestWindow: in memory the last 1,024 of everything are kept, and the genesis block; a gap ends there.
func TestWindow(t *testing.T) {
	w := chains.Mined()
	c := open(t, Config{Params: w.Params, History: 100})
	trunk := w.Genesis().Grow(500, chains.Step{Seconds: 13, Mark: 'a'})
	for n := 1; n < 500; n += 50 {
		insert(t, c, trunk.Headers(n, n+49))
	}
	c.follows(t, trunk)
	if c.Tail() != 401 || c.Earliest() != 401 || len(c.Header(w.Params.GenesisHash)) == 0 {
		t.Errorf("tail %d, earliest %d", c.Tail(), c.Earliest())
	}
	if m := (*c.store.Load()).(*Memory); len(m.values) > 101*5 {
		t.Errorf("%d values are held", len(m.values))
	}

	w = chains.Staked()
	c = open(t, Config{Params: w.Params, History: 100})
	trunk = w.Genesis().Grow(500, chains.Step{Seconds: 12, Mark: 'a'})
	if err := c.SetHead(ref(trunk.Last()), trunk.Last().Header.Raw); err != nil {
		t.Fatal(err)
	}
	if g, ok := c.Gap(); !ok || g.Floor != 401 {
		t.Errorf("gap %v, %t", g, ok)
	}
	if n, err := c.InsertBack(trunk.Headers(499, 390)); n != 99 || err != nil {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	if _, ok := c.Gap(); ok || c.Tail() != 401 || c.Earliest() != 401 {
		t.Errorf("tail %d, earliest %d", c.Tail(), c.Earliest())
	}
	if _, ok := c.Canonical(1<<64 - 1); ok || c.HeaderAt(1<<64-1) != nil {
		t.Error("there is a last block")
	}
}

// TestReopen: a chain goes on where it ended, side chains included.
func TestReopen(t *testing.T) {
	w := chains.Mined()
	store := NewMemory()
	c := open(t, Config{Params: w.Params, Store: store})
	trunk := w.Genesis().Grow(20, chains.Step{Seconds: 13, Mark: 'a'})
	branch := trunk[:11].Grow(8, chains.Step{Seconds: 13, Mark: 'b'})
	insert(t, c, trunk.Headers(1, 20))
	insert(t, c, branch.Headers(11, 18))
	c.PutMeta("sync", []byte("where"))

	c = open(t, Config{Params: w.Params, Store: store})
	c.checkInvariants(t)
	c.follows(t, trunk)
	if string(c.Meta("sync")) != "where" || c.Meta("other") != nil {
		t.Errorf("meta %q", c.Meta("sync"))
	}
	branch = branch.Grow(3, chains.Step{Seconds: 13, Mark: 'b'})
	insert(t, c, branch.Headers(19, 21))
	c.follows(t, branch)

	other := chains.Staked().Params
	_, err := Open(Config{Params: other, Store: store})
	foreign, ok := errors.AsType[*ForeignError](err)
	if !ok || foreign.Held != "mined" || foreign.Want != "staked" || foreign.HeldGenesis != w.Params.GenesisHash || foreign.WantGenesis != other.GenesisHash {
		t.Error(err)
	}
	for _, damage := range []func(b *Batch){
		func(b *Batch) { b.DeleteMeta(metaState) },
		func(b *Batch) { b.PutMeta(metaState, []byte{0xc1, 0x01}) },
		func(b *Batch) { b.PutMeta(metaChain, []byte{0xc0}) },
		func(b *Batch) { b.DeleteMeta(metaChain) },
		func(b *Batch) { b.Delete(Key{Kind: KindHeader, Hash: branch.Last().Hash}) },
		func(b *Batch) { b.Put(Key{Kind: KindHeader, Hash: branch.Last().Hash}, trunk[3].Header.Raw) },
		func(b *Batch) { b.Delete(Key{Kind: KindCanonical, Number: 0}) },
	} {
		over := newOver(store)
		var b Batch
		damage(&b)
		if err := over.Apply(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Params: w.Params, Store: over}); !isDamaged(err) {
			t.Error(err)
		}
	}
}

func isDamaged(err error) bool {
	_, ok := errors.AsType[*DamagedError](err)
	return ok
}

// TestSideChainsAreBounded: the cheapest ends go first.
func TestSideChainsAreBounded(t *testing.T) {
	w := chains.Mined()
	c := open(t, Config{Params: w.Params})
	c.side.most = 64
	trunk := w.Genesis().Grow(40, chains.Step{Seconds: 13, Mark: 'a'})
	insert(t, c, trunk.Headers(1, 40))
	rival := trunk[:2].Grow(30, chains.Step{Seconds: 13, Mark: 'r'}) // the heaviest of the side chains
	insert(t, c, rival.Headers(2, 31))
	for i := range 100 {
		cheap := trunk[:1+i%20].Grow(3, chains.Step{Seconds: 13, Mark: byte(i)})
		_, err := c.InsertHeaders(later, cheap.Headers(1+i%20, 3+i%20))
		if err != nil {
			t.Fatal(err)
		}
		c.checkInvariants(t)
	}
	c.follows(t, trunk)
	rival = rival.Grow(10, chains.Step{Seconds: 13, Mark: 'r'})
	insert(t, c, rival.Headers(32, 41))
	c.follows(t, rival)
}

// TestUnknownFields: what a later fork adds to headers stays, to the byte.
func TestUnknownFields(t *testing.T) {
	w := chains.Staked()
	for _, name := range []string{"cancunTime", "pragueTime", "amsterdamTime"} {
		w.Params.Forks.Times = append(w.Params.Forks.Times, params.Fork{Name: name, At: w.Params.GenesisTime + 1})
	}
	w.Params.BlobSchedule = []params.Blobs{{Fork: "cancunTime", Target: 3, Max: 6, UpdateFraction: 3_338_477}}
	c := open(t, Config{Params: w.Params})
	trunk := w.Genesis().Grow(1, chains.Step{})
	trunk[1].Change(func(h *types.Header) {
		h.Optional, h.Rest = types.AmsterdamFields, []byte{0x83, 1, 2, 3, 0xc2, 0x05, 0x06}
	})
	insert(t, c, trunk.Headers(1, 1))
	if err := c.SetHead(ref(&trunk[1]), nil); err != nil {
		t.Fatal(err)
	}
	c.follows(t, trunk)
}

// TestJumps: a head that jumps again and again leaves few runs behind.
func TestJumps(t *testing.T) {
	w := chains.Staked()
	c := open(t, Config{Params: w.Params, History: HistoryFull})
	trunk := w.Genesis().Grow(200, chains.Step{})
	for n := 2; n <= 200; n += 3 {
		if err := c.SetHead(ref(&trunk[n]), trunk[n].Header.Raw); err != nil {
			t.Fatal(err)
		}
		c.checkInvariants(t)
	}
	if len(c.state.runs) != maxRuns || len(c.state.gone) > 0 {
		t.Errorf("runs %v, to be deleted %v", c.state.runs, c.state.gone)
	}
	if n, err := c.InsertBack(trunk.Headers(199, 1)); n == 0 || err != nil { // what was held is skipped
		t.Errorf("took %d: %v", n, err)
	}
	if _, ok := c.Gap(); ok {
		t.Error("the gap is open")
	}
	c.follows(t, trunk[:c.Head().Number+1])
}
