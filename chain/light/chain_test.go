// SPDX-License-Identifier: Apache-2.0

package light

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/internal/test/beacon"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
)

// small is a chain of periods of four slots with committees of eight.
func small(forks ...beacon.Fork) beacon.Config {
	if forks == nil {
		forks = []beacon.Fork{{Name: "electra", Version: [4]byte{5}}}
	}
	return beacon.Config{Seed: "small", Genesis: 1000, SecondsPerSlot: 2, SlotsPerEpoch: 2, EpochsPerPeriod: 2, Size: 8, Forks: forks}
}

// networkOf returns the facts of a chain.
func networkOf(c *beacon.Chain) Network {
	n := Network{
		Name: "test", ValidatorsRoot: c.Validators(), GenesisTime: c.Genesis, SecondsPerSlot: c.SecondsPerSlot,
		Preset: Preset{SlotsPerEpoch: c.SlotsPerEpoch, EpochsPerPeriod: c.EpochsPerPeriod, CommitteeSize: c.Size},
	}
	for _, f := range c.Forks {
		n.Forks = append(n.Forks, Fork(f))
	}
	return n
}

func startAt(t testing.TB, c *beacon.Chain, slot uint64) *Client {
	t.Helper()
	n := networkOf(c)
	b, err := ParseBootstrap(c.Bootstrap(slot))
	if err != nil {
		t.Fatal(err)
	}
	client, err := Start(&n, c.At(slot).Root, b)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

type fataler interface {
	Fatalf(format string, args ...any)
	Helper()
}

func apply(t fataler, c *Client, raw []byte, now uint64) Change {
	t.Helper()
	u, err := ParseUpdate(raw)
	if err != nil {
		t.Fatalf("%v", err)
	}
	ch, err := c.Apply(u, now)
	if err != nil {
		t.Fatalf("slot %d: %v", u.Attested.Beacon.Slot, err)
	}
	return ch
}

func refused(t *testing.T, c *Client, raw []byte, now uint64, want Reason) {
	t.Helper()
	before := string(c.AppendState(nil))
	if ch, err := c.Apply(parse(t, raw), now); reason(err) != want || ch != (Change{}) {
		t.Errorf("%v, %+v, want %s", err, ch, want)
	}
	if string(c.AppendState(nil)) != before {
		t.Errorf("what was refused (%s) changed the client", want)
	}
}

// TestAllForks: one chain passes through all forks, four slots each, in the shape of each later fork. Every
// header is proved, even a finalized header of an older fork in a newer container.
func TestAllForks(t *testing.T) {
	var forks []beacon.Fork
	for i, name := range []string{"altair", "bellatrix", "capella", "deneb", "electra", "fulu", "gloas"} {
		forks = append(forks, beacon.Fork{Name: name, Epoch: uint64(2 * i), Version: [4]byte{byte(i + 1)}})
	}
	chain := beacon.New(small(forks...))
	last := uint64(7*4 + 3)
	shapes := []uint64{last, 0} // all as Gloas; as the block's own fork
	// One shape with the race detector, which makes each signature slow; nothing here is concurrent.
	if bubble.Race {
		shapes = shapes[:1]
	}
	for _, shape := range shapes {
		c := startAt(t, chain, 1)
		for slot := uint64(3); slot <= last; slot++ {
			ch := apply(t, c, chain.Update(slot, max(slot, shape)), slot)
			want := chain.At(slot - 1)
			if h := c.Head(); !ch.Head || h.Slot != want.Slot || h.Hash != want.Hash || h.Root != want.Root {
				t.Fatalf("head %+v, want slot %d", h, want.Slot)
			}
			if want := chain.At(slot-1).Slot/2*2 - 4; slot > 8 && (c.Finalized().Slot != want || c.Finalized().Hash != chain.At(want).Hash) {
				t.Fatalf("finalized %+v, want slot %d", c.Finalized(), want)
			}
			// Out of period: the committee of the next period comes with the first finalized block, or when
			// the period ends.
			if slot%4 == 3 {
				apply(t, c, chain.Update(slot, max(slot, shape)), slot+1)
			}
		}
	}
	n := networkOf(chain)
	if n.Lag(0) != 1 || n.Lag(23) != 1 || n.Lag(24) != 2 || n.Lag(1000) != 2 {
		t.Errorf("lags %d %d %d", n.Lag(0), n.Lag(23), n.Lag(24))
	}
}

// TestOldUpdates: what is not newer changes nothing and is no error, even if it is not verified.
func TestOldUpdates(t *testing.T) {
	chain := beacon.New(small())
	c := startAt(t, chain, 20)
	apply(t, c, chain.Update(22, 22), 30)
	if !apply(t, c, chain.Optimistic(23), 30).Head {
		t.Fatal("no head")
	}
	for _, raw := range [][]byte{
		chain.Optimistic(23), chain.Optimistic(22), chain.Finality(21), chain.Update(22, 22), chain.Optimistic(9), chain.Finality(3), chain.Update(7, 7),
	} {
		if ch := apply(t, c, raw, 30); ch != (Change{}) {
			t.Errorf("%+v", ch)
		}
	}
	if c.Head().Slot != 22 {
		t.Errorf("head %d", c.Head().Slot)
	}
	// An older block's votes with a newer finalized block are news all the same.
	c = startAt(t, chain, 0)
	apply(t, c, chain.Update(3, 3), 4)
	apply(t, c, chain.Optimistic(4), 30)
	apply(t, c, chain.Update(7, 7), 30)
	apply(t, c, chain.Update(11, 11), 30)
	apply(t, c, chain.Optimistic(15), 30)
	if ch := apply(t, c, chain.Finality(13), 30); ch != (Change{Finalized: true}) || c.Head().Slot != 14 || c.Finalized().Slot != 8 {
		t.Errorf("%+v, head %d, finalized %d", ch, c.Head().Slot, c.Finalized().Slot)
	}
}

// TestGaps: a signature of a committee that is not known says what is missing, and is no proof of a lie.
func TestGaps(t *testing.T) {
	chain := beacon.New(small())
	c := startAt(t, chain, 20) // period 5
	refused(t, c, chain.Update(30, 30), 100, Gap)
	refused(t, c, chain.Optimistic(25), 100, Gap)
	refused(t, c, chain.Optimistic(24), 100, Gap) // the last block of period 5, signed in period 6
	if c.Wants() != 5 {
		t.Errorf("wants %d", c.Wants())
	}
	apply(t, c, chain.Update(22, 22), 100)
	if first, last := c.Committees(); first != 5 || last != 6 || c.Wants() != 6 {
		t.Errorf("committees %d to %d", first, last)
	}
	refused(t, c, chain.Update(30, 30), 100, Gap)
	if ch := apply(t, c, chain.Update(24, 24), 100); ch != (Change{Head: true}) { // signed by the next committee
		t.Errorf("%+v", ch)
	}
	if first, last := c.Committees(); first != 6 || last != 6 {
		t.Errorf("committees %d to %d", first, last)
	}
	apply(t, c, chain.Update(27, 27), 100)
	refused(t, c, chain.Update(35, 35), 100, Gap)
	apply(t, c, chain.Update(30, 30), 100)
	apply(t, c, chain.Update(34, 34), 100)
	if _, last := c.Committees(); last != 9 {
		t.Errorf("committees up to %d", last)
	}
	refused(t, c, chain.Optimistic(35), 34, Future)
	apply(t, c, chain.Optimistic(35), 35)
}

// TestWithoutFinality: while nothing is finalized, the next committee is taken when its period is over, not before.
func TestWithoutFinality(t *testing.T) {
	cfg := small()
	cfg.Finalized = func(slot uint64) (uint64, bool) { return 0, slot > 60 }
	chain := beacon.New(cfg)
	last := uint64(60)
	// Fewer slots with the race detector, which makes each signature slow; nothing here is concurrent.
	if bubble.Race {
		last = 20
	}
	c := startAt(t, chain, 0)
	for slot := uint64(2); slot < last; slot++ {
		if slot%4 == 0 {
			if ch := apply(t, c, chain.Update(slot-1, slot-1), slot); !ch.Committee {
				t.Fatalf("slot %d: %+v", slot, ch)
			}
		}
		if ch := apply(t, c, chain.Update(slot, slot), slot); ch != (Change{Head: true}) {
			t.Fatalf("slot %d: %+v", slot, ch)
		}
	}
	if c.Finalized().Slot != 0 {
		t.Error("something is finalized")
	}
}

// TestConflict: two next committees for one period, both with all signatures. A committee that a finalized
// block of its period proves replaces one without such a proof; two of the same kind are an error.
func TestConflict(t *testing.T) {
	one, two := small(), small()
	finality := func(slot uint64) (uint64, bool) { return (max(slot, 1) - 1) / 4 * 4, slot > 0 }
	none := func(uint64) (uint64, bool) { return 0, false }
	one.Finalized, two.Finalized = none, none
	a, b := beacon.New(one), beacon.New(two)
	b.Rotate(6, "other") // the committee of period 6 is another one in b
	for name, c := range map[string]struct {
		first, second func(uint64) (uint64, bool)
		want          Reason
	}{
		"neither is settled":     {none, none, Conflict},
		"both are settled":       {finality, finality, Conflict},
		"the second is settled":  {none, finality, ""},
		"only the first settled": {finality, none, Conflict},
	} {
		a.Finalized, b.Finalized = c.first, c.second
		a.Forget()
		b.Forget()
		client := startAt(t, a, 20)
		apply(t, client, a.Update(22, 22), 24)
		if c.want != "" {
			refused(t, client, b.Update(23, 23), 24, c.want)
			continue
		}
		if ch := apply(t, client, b.Update(23, 23), 24); !ch.Committee {
			t.Errorf("%s: %+v", name, ch)
		}
		if ch := apply(t, client, b.Optimistic(25), 30); !ch.Head {
			t.Errorf("%s: %+v", name, ch)
		}
	}
}

// anyChain has missed slots, periods in which nothing is finalized, and blocks with too few votes.
func anyChain() *beacon.Chain {
	cfg := small([]beacon.Fork{{Name: "deneb", Version: [4]byte{4}}, {Name: "electra", Epoch: 20, Version: [4]byte{5}}, {Name: "gloas", Epoch: 60, Version: [4]byte{7}}}...)
	cfg.Missed = func(slot uint64) bool { return slot%7 == 3 && slot%64 < 56 || slot%64 > 61 }
	cfg.Votes = func(slot uint64) int { return []int{6, 7, 8, 5}[slot%16/5] } // 5 are too few
	cfg.Finalized = func(slot uint64) (uint64, bool) {
		epoch := slot / 2 / 6 * 6
		return max(epoch, 2)*2 - 4, epoch > 2
	}
	return beacon.New(cfg)
}

// learn applies updates of the period that the client wants until it knows the next committee.
func learn(t *testing.T, c *Client, chain *beacon.Chain, now uint64) {
	t.Helper()
	n, period := networkOf(chain), c.Wants()
	for slot := n.StartOf(period) + 1; slot < n.StartOf(period+1); slot++ {
		if !chain.Exists(slot) || n.PeriodOf(chain.At(slot-1).Slot) != period {
			continue
		}
		ch, err := c.Apply(parse(t, chain.Update(slot, now)), now)
		if err != nil && reason(err) != TooFewVotes {
			t.Fatal(err)
		}
		if ch.Committee {
			return
		}
	}
	t.Fatalf("no update of period %d at slot %d", period, now)
}

// TestAnyChain follows a chain for many periods, with repeated answers and restarts.
func TestAnyChain(t *testing.T) {
	periods := uint64(200)
	// Fewer periods with the race detector, which makes each signature slow; nothing here is concurrent.
	if bubble.Race {
		periods = 12
	}
	chain := anyChain()
	c, n := startAt(t, chain, 0), networkOf(chain)
	var heads, few, updates, resumed int
	for now := uint64(3); now < periods*4; now += 3 {
		for c.Wants() < n.PeriodOf(now) {
			learn(t, c, chain, now)
			updates++
		}
		before := c.Head()
		_, err := c.Apply(parse(t, chain.Optimistic(now)), now)
		voted := chain.At(chain.At(now).Slot - 1)
		switch enough := chain.Votes(voted.Slot) > 5; {
		case voted.Slot <= before.Slot && err == nil && c.Head() == before: // repeated
		case !enough && reason(err) == TooFewVotes && c.Head() == before:
			few++
		case enough && err == nil && c.Head().Hash == voted.Hash && c.Head().Slot == voted.Slot:
			heads++
		default:
			t.Fatalf("slot %d, block %d, %d votes: %v, head %+v", now, voted.Slot, chain.Votes(voted.Slot), err, c.Head())
		}
		if now%37 == 0 {
			c, resumed = restart(t, c, &n), resumed+1
		}
	}
	t.Logf("%d heads, %d refused for too few votes, %d committees, %d restarts", heads, few, updates, resumed)
	if updates < int(periods)-2 || few == 0 && !bubble.Race || heads < int(periods)/2 || resumed == 0 && !bubble.Race {
		t.Error("that is not what the chain has")
	}
}

// restart returns a client that resumes from the stored state of another.
func restart(t *testing.T, c *Client, n *Network) *Client {
	t.Helper()
	again, err := Resume(n, c.AppendState(nil))
	if err != nil {
		t.Fatal(err)
	}
	if again.Head() != c.Head() || again.Finalized() != c.Finalized() || again.Checkpoint() != c.Checkpoint() || again.Wants() != c.Wants() || again.settled != c.settled {
		t.Fatalf("%+v became %+v", c, again)
	}
	return again
}

// TestAnyFlip: no update in which a byte of the JSON is changed moves the head to a block that the chain has not.
func TestAnyFlip(t *testing.T) {
	chain := beacon.New(small())
	c := startAt(t, chain, 20)
	apply(t, c, chain.Update(22, 22), 30)
	state := c.AppendState(nil)
	n := networkOf(chain)
	honest := chain.Update(23, 23)
	rapid.Check(t, func(t *rapid.T) {
		raw := append([]byte{}, honest...)
		for range rapid.IntRange(1, 3).Draw(t, "flips") {
			raw[rapid.IntRange(0, len(raw)-1).Draw(t, "at")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		}
		c, err := Resume(&n, state)
		if err != nil {
			t.Fatal(err)
		}
		u, err := ParseUpdate(raw)
		if err != nil {
			return
		}
		if _, err := c.Apply(u, 30); err != nil {
			return
		}
		if h := c.Head(); h.Slot != 21 && (h.Slot != 22 || h.Hash != chain.At(22).Hash) {
			t.Fatalf("head %+v", h)
		}
	})
}
