// SPDX-License-Identifier: Apache-2.0

package chain

import (
	"errors"
	"testing"

	"github.com/ethpeer/ethpeer/chain/rules"
	"github.com/ethpeer/ethpeer/types"
)

// TestForward: headers extend the chain, the heaviest branch wins, of equal ones the first.
func TestForward(t *testing.T) {
	p := mined()
	c := open(t, Config{Params: p})
	trunk := genesis(t, p)
	c.follows(t, trunk)
	trunk = trunk.grow(p, 20, 13, 'a')
	insert(t, c, trunk.raw(1, 20))
	c.follows(t, trunk)
	if c.Earliest() != 0 || c.Tail() != 0 {
		t.Errorf("blocks without transactions are held from %d, headers from %d", c.Earliest(), c.Tail())
	}
	td := p.GenesisDifficulty
	for i := range trunk[1:] {
		td.Add(&td, &trunk[i+1].Difficulty)
	}
	if head := c.Head(); !head.HasTD || head.TD != td {
		t.Errorf("total difficulty %v, want %v", &head.TD, &td)
	}

	equal := trunk[:16].grow(p, 5, 13, 'b')
	insert(t, c, equal.raw(16, 20))
	c.follows(t, trunk)
	heavier := equal.grow(p, 1, 13, 'b')
	insert(t, c, heavier.raw(21, 21))
	c.follows(t, heavier)
	// A shorter branch of more difficulty wins, too: slow blocks lose difficulty.
	slow := trunk[:16].grow(p, 8, 1000, 's')
	insert(t, c, slow.raw(16, 23))
	c.follows(t, slow)
	shorter := heavier.grow(p, 1, 13, 'b')
	insert(t, c, shorter.raw(22, 22))
	c.follows(t, shorter)
	if _, ok := c.Canonical(23); ok {
		t.Error("block 23 is canonical")
	}
	// And back.
	longest := trunk.grow(p, 10, 13, 'd')
	insert(t, c, longest.raw(21, 30))
	c.follows(t, longest)
}

// TestRefused: what a forward insertion refuses, and how many headers it took before.
func TestRefused(t *testing.T) {
	p := mined()
	c := open(t, Config{Params: p})
	good := genesis(t, p).grow(p, 10, 13, 'a')

	wrong := good[:6].grow(p, 1, 13, 'x')
	wrong[6].Difficulty.AddUint64(&wrong[6].Difficulty, 1)
	wrong[6] = sealed(wrong[6])
	wrong = wrong.grow(p, 2, 13, 'x')
	n, err := c.InsertHeaders(later, wrong.raw(1, 8))
	if broken, ok := errors.AsType[*rules.Error](err); n != 5 || !ok || broken.Rule != rules.Difficulty {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	c.follows(t, good[:6])
	if n, err := c.InsertHeaders(later, good.raw(8, 10)); n != 0 || !errors.Is(err, ErrUnknownParent) {
		t.Errorf("a gap: took %d: %v", n, err)
	}
	if n, err := c.InsertHeaders(later, append(good.raw(6, 7), good[9].Raw)); n != 2 || err == nil {
		t.Errorf("a gap in between: took %d: %v", n, err)
	}
	if n, err := c.InsertHeaders(later, [][]byte{{0xc0}}); n != 0 || err == nil {
		t.Errorf("no header: took %d: %v", n, err)
	}
	n, err = c.InsertHeaders(at(good[8].Time-15), good.raw(8, 10))
	if n != 1 || !errors.Is(err, ErrFuture) {
		t.Errorf("from the future: took %d: %v", n, err)
	}
	c.follows(t, good[:9])
	if _, err := c.CheckHeader(later, good[9].Raw, true); err != nil {
		t.Error(err)
	}
	if _, err := c.CheckHeader(later, good[10].Raw, true); !errors.Is(err, ErrUnknownParent) {
		t.Errorf("parent unknown: %v", err)
	}
	insert(t, c, good.raw(1, 10)) // most are held
	c.follows(t, good)
}

// TestBackward: a believed head hangs in the air until the headers below it join it to the genesis block; the next one
// jumps, and joins the run before it.
func TestBackward(t *testing.T) {
	p := staked()
	c := open(t, Config{Params: p, History: HistoryFull})
	trunk := genesis(t, p).grow(p, 100, 12, 'a')
	believe := func(n int) {
		t.Helper()
		if err := c.SetHead(ref(&trunk[n]), trunk[n].Raw); err != nil {
			t.Fatal(err)
		}
		c.checkInvariants(t)
		c.follows(t, trunk[:n+1])
	}
	back := func(from, to int) {
		t.Helper()
		if n, err := c.InsertBack(trunk.back(from, to)); n != from-to+1 || err != nil {
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
	if _, err := c.InsertBack(trunk.back(38, 30)); err == nil {
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
	if _, err := c.InsertBack(trunk.back(44, 40)); !errors.Is(err, ErrNoGap) {
		t.Error(err)
	}
	if head := c.Head(); !head.HasTD || head.TD != p.GenesisDifficulty {
		t.Errorf("total difficulty %v, %t", head.TD, head.HasTD)
	}
	// Headers that come forward are held, and become canonical when they are believed.
	insert(t, c, trunk.raw(91, 95))
	c.follows(t, trunk[:91])
	believe(94)
	// A canonical block below the head changes nothing.
	if err := c.SetHead(ref(&trunk[60]), nil); err != nil {
		t.Error(err)
	}
	c.follows(t, trunk[:95])
	// A branch, by its header alone, and by a jump.
	branch := trunk[:90].grow(p, 40, 12, 'b')
	if err := c.SetHead(ref(&branch[90]), branch[90].Raw); err != nil {
		t.Error(err)
	}
	c.checkInvariants(t)
	c.follows(t, branch[:91])
	if err := c.SetHead(ref(&branch[120]), branch[120].Raw); err != nil {
		t.Error(err)
	}
	if n, err := c.InsertBack(branch.back(119, 85)); n != 35 || err != nil {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	closed()
	c.follows(t, branch[:121])
	// A branch below the head in the air replaces what it contradicts.
	deep := trunk[:60].grow(p, 45, 12, 'c')
	if err := c.SetHead(ref(&deep[100]), deep[100].Raw); err != nil {
		t.Error(err)
	}
	c.checkInvariants(t)
	if n, err := c.InsertBack(deep.back(99, 55)); n != 45 || err != nil {
		t.Errorf("took %d: %v", n, err)
	}
	c.checkInvariants(t)
	closed()
	c.follows(t, deep[:101])
	c.Finalize(ref(&deep[90]))
	if err := c.SetHead(ref(&trunk[94]), trunk[94].Raw); err == nil {
		if _, err = c.InsertBack(trunk.back(93, 60)); !errors.Is(err, ErrFinal) {
			t.Error(err)
		}
	}
	if err := c.SetHead(ref(&trunk[80]), trunk[80].Raw); !errors.Is(err, ErrFinal) {
		t.Error(err)
	}
}

// TestForeignHead: a head that descends from another genesis block never joins ours.
func TestForeignHead(t *testing.T) {
	p := staked()
	c := open(t, Config{Params: p})
	other := genesis(t, p)
	other[0].Extra = []byte("other")
	other[0] = sealed(other[0])
	other = other.grow(p, 20, 12, 'a')
	if err := c.SetHead(ref(other.last()), other.last().Raw); err != nil {
		t.Fatal(err)
	}
	n, err := c.InsertBack(other.back(19, 0))
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
	p := mined()
	c := open(t, Config{Params: p, History: 100})
	trunk := genesis(t, p).grow(p, 500, 13, 'a')
	for n := 1; n < 500; n += 50 {
		insert(t, c, trunk.raw(n, n+49))
	}
	c.follows(t, trunk)
	if c.Tail() != 401 || c.Earliest() != 401 || len(c.Header(p.GenesisHash)) == 0 {
		t.Errorf("tail %d, earliest %d", c.Tail(), c.Earliest())
	}
	if m := (*c.store.Load()).(*Memory); len(m.values) > 101*5 {
		t.Errorf("%d values are held", len(m.values))
	}

	p = staked()
	c = open(t, Config{Params: p, History: 100})
	trunk = genesis(t, p).grow(p, 500, 12, 'a')
	if err := c.SetHead(ref(trunk.last()), trunk.last().Raw); err != nil {
		t.Fatal(err)
	}
	if g, ok := c.Gap(); !ok || g.Floor != 401 {
		t.Errorf("gap %v, %t", g, ok)
	}
	if n, err := c.InsertBack(trunk.back(499, 390)); n != 99 || err != nil {
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
	p := mined()
	store := NewMemory()
	c := open(t, Config{Params: p, Store: store})
	trunk := genesis(t, p).grow(p, 20, 13, 'a')
	branch := trunk[:11].grow(p, 8, 13, 'b')
	insert(t, c, trunk.raw(1, 20))
	insert(t, c, branch.raw(11, 18))
	c.PutMeta("sync", []byte("where"))

	c = open(t, Config{Params: p, Store: store})
	c.checkInvariants(t)
	c.follows(t, trunk)
	if string(c.Meta("sync")) != "where" || c.Meta("other") != nil {
		t.Errorf("meta %q", c.Meta("sync"))
	}
	branch = branch.grow(p, 3, 13, 'b')
	insert(t, c, branch.raw(19, 21))
	c.follows(t, branch)

	other := staked()
	_, err := Open(Config{Params: other, Store: store})
	foreign, ok := errors.AsType[*ForeignError](err)
	if !ok || foreign.Held != "mined" || foreign.Want != "staked" || foreign.HeldGenesis != p.GenesisHash || foreign.WantGenesis != other.GenesisHash {
		t.Error(err)
	}
	for _, damage := range []func(b *Batch){
		func(b *Batch) { b.DeleteMeta(metaState) },
		func(b *Batch) { b.PutMeta(metaState, []byte{0xc1, 0x01}) },
		func(b *Batch) { b.PutMeta(metaChain, []byte{0xc0}) },
		func(b *Batch) { b.DeleteMeta(metaChain) },
		func(b *Batch) { b.Delete(Key{Kind: KindHeader, Hash: branch.last().Hash()}) },
		func(b *Batch) { b.Put(Key{Kind: KindHeader, Hash: branch.last().Hash()}, trunk[3].Raw) },
		func(b *Batch) { b.Delete(Key{Kind: KindCanonical, Number: 0}) },
	} {
		over := newOver(store)
		var b Batch
		damage(&b)
		if err := over.Apply(&b); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Params: p, Store: over}); !isDamaged(err) {
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
	p := mined()
	c := open(t, Config{Params: p})
	c.side.most = 64
	trunk := genesis(t, p).grow(p, 40, 13, 'a')
	insert(t, c, trunk.raw(1, 40))
	rival := trunk[:2].grow(p, 30, 13, 'r') // the heaviest of the side chains
	insert(t, c, rival.raw(2, 31))
	for i := range 200 {
		cheap := trunk[:1+i%20].grow(p, 3, 13, byte(i))
		_, err := c.InsertHeaders(later, cheap.raw(1+i%20, 3+i%20))
		if err != nil {
			t.Fatal(err)
		}
		c.checkInvariants(t)
	}
	c.follows(t, trunk)
	rival = rival.grow(p, 10, 13, 'r')
	insert(t, c, rival.raw(32, 41))
	c.follows(t, rival)
}

// TestUnknownFields: what a later fork adds to headers stays, to the byte.
func TestUnknownFields(t *testing.T) {
	p := staked()
	for _, name := range []string{"cancunTime", "pragueTime", "amsterdamTime"} {
		p.Forks.Times = append(p.Forks.Times, paramsFork(name, 1012))
	}
	p.BlobSchedule = append(p.BlobSchedule, paramsBlobs("cancunTime"))
	c := open(t, Config{Params: p})
	trunk := genesis(t, p).grow(p, 1, 12, 'a')
	trunk[1].Optional, trunk[1].Rest = types.AmsterdamFields, []byte{0x83, 1, 2, 3, 0xc2, 0x05, 0x06}
	trunk[1] = sealed(trunk[1])
	insert(t, c, trunk.raw(1, 1))
	if err := c.SetHead(ref(&trunk[1]), nil); err != nil {
		t.Fatal(err)
	}
	c.follows(t, trunk)
}
