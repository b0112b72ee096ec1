// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

func lines(f *Format, events ...event.Event) (all []string) {
	var b []byte
	for _, e := range events {
		b = f.Append(b, e)
	}
	for line := range strings.Lines(string(b)) {
		all = append(all, strings.TrimSuffix(line, "\n"))
	}
	return all
}

// With no route there are losses each second and one trouble: a few lines, not thousands.
func TestLossesDoNotFillTheScreen(t *testing.T) {
	var f Format
	var events []event.Event
	for s := range 130 {
		events = append(events, event.Loss{At: at(1000 * s), Where: "v4.send", Count: 16})
	}
	events = append(events, event.Loss{At: at(150_000), Where: "output", Count: 1}, event.Head{At: at(200_000)}, event.Summary{})
	want := []string{
		"12:00:00.123  loss   16 dropped: v4.send",
		"12:01:00.123  loss   960 dropped: v4.send",
		"12:02:00.123  loss   960 dropped: v4.send",
		"12:02:30.123  loss   1 dropped: output",
		"12:03:20.123  head   0  0x0000000000…",
		"12:02:09.123  loss   144 dropped: v4.send",
		"ran 0s with 0 peers (up 0, down 0, failed 0)",
		"heard 0 transactions (0 with body), 0 sightings, 0 blocks",
	}
	if diff := cmp.Diff(want, lines(&f, events...)); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

// Where nothing else happens the status brings what waits, above itself.
func TestTheStatusShowsLossesThatAreDue(t *testing.T) {
	f := Format{Live: true, Width: func() int { return 33 }}
	lines(&f, event.Loss{At: at(0), Where: "v4.send", Count: 1}, event.Loss{At: at(1000), Where: "v4.send", Count: 7})
	if b, _ := f.Status(nil, noon.Add(59*time.Second), event.Summary{}); strings.Contains(string(b), "dropped") {
		t.Errorf("too early: %q", b)
	}
	b, _ := f.Status(nil, noon.Add(time.Minute), event.Summary{})
	if got, want := visible(b), "␍␛[K12:00:01.123  loss   7 dropped: …\n0 peers | 0.0 tx/s | no head ye…"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestATroubleIsShownOnceAndItsEndToo(t *testing.T) {
	var f Format
	network := func(s int, text string, over bool) event.Trouble {
		return event.Trouble{At: at(1000 * s), Where: event.TroubleNetwork, Err: text, Over: over}
	}
	got := lines(&f,
		network(0, "it works", true), // of what never began
		network(1, "no route", false),
		network(2, "no route", false),
		event.Trouble{At: at(3000), Where: event.TroubleUDP, Err: "udp: blocked"},
		network(4, "no address", false),
		network(5, "works again after 4s", true),
		network(6, "works again after 4s", true),
		network(7, "no address", false),
	)
	want := []string{
		"12:00:01.123  !!!    network: no route",
		"12:00:03.123  !!!    udp: blocked",
		"12:00:04.123  !!!    network: no address",
		"12:00:05.123  over   network: works again after 4s",
		"12:00:07.123  !!!    network: no address",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	f.Live = true
	b, _ := f.Status(nil, noon, event.Summary{})
	if got, want := string(b), "trouble: udp, network | 0 peers | 0.0 tx/s | no head yet | 0 txs, 0 blocks | 0s"; got != want {
		t.Errorf("status %q, want %q", got, want)
	}
}

func TestTroublesAreBounded(t *testing.T) {
	var f Format
	for range 2 {
		for i := range maxTroubles + 2 {
			lines(&f, event.Trouble{Where: fmt.Sprint("t", i)})
		}
	}
	if n := len(f.troubles); n != maxTroubles {
		t.Errorf("%d troubles are kept, want %d", n, maxTroubles)
	}
	if got := lines(&f, event.Trouble{Where: "t0"}, event.Trouble{Where: "t17"}); len(got) != 1 {
		t.Errorf("%q, want the one that found no room", got)
	}
}

func TestSummaryListsSomeNamedNodes(t *testing.T) {
	s := event.Summary{Away: make([]event.Absence, maxAway+2)}
	got := lines(&Format{}, s)
	if n := len(got); n != 2+maxAway+1 || got[n-1] != "and 2 nodes more that were named" {
		t.Errorf("%d lines, the last %q", n, got[n-1])
	}
}

// every is an event of another package, with a field of each type.
type every struct {
	event.At
	known bool
}

func (every) Kind() event.Kind { return "every" }

func (e every) Visit(f event.Fields) {
	f.Hash("hash", types.Hash{1}, e.known)
	f.ID("id", enr.ID{2}, e.known)
	f.Address("from", &types.Address{3}, e.known)
	f.Address("to", nil, e.known)
	f.Endpoint("addr", netip.MustParseAddrPort("192.0.2.1:1"), e.known)
	f.Text("text", "a\nb", e.known)
	f.Uint("uint", 4, e.known)
	f.Amount("amount", uint256.NewInt(5), e.known)
	f.Duration("for", 6*time.Second, e.known)
	f.Bool("yes", false, e.known)
	f.Flag("flag", e.known)
	f.Losses("lost", []event.Lost{{Where: "here", Count: 7}}, e.known)
	f.Absences("away", []event.Absence{{Peer: enr.ID{8}, For: time.Second}}, e.known)
}

func TestAKindWithoutWordsOfItsOwnShowsItsFields(t *testing.T) {
	want := []string{
		"12:00:00.123  every    hash 0x0100000000…  id 02000000…  from 0x030000…  to none  addr 192.0.2.1:1" +
			`  text a\x0ab  uint 4  amount 5 wei  for 6s  yes false  flag  lost 7: here  away 08000000… 1s`,
		"12:00:00.124  every  ",
	}
	if diff := cmp.Diff(want, lines(&Format{}, every{at(0), true}, every{at(1), false}, nil)); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

// The first dial takes a moment, in which a named node is not away.
func TestNamedNodesThatAreAlwaysThere(t *testing.T) {
	for away, want := range map[time.Duration]string{
		0: "was always there", shortAway - 1: "was always there", shortAway: "was away for 1s", time.Minute: "was away for 1m0s",
	} {
		b := appendSummary(nil, &event.Summary{Away: []event.Absence{{Peer: enr.ID{0xb2}, For: away}}})
		if got := string(b); !strings.HasSuffix(got, "\nnamed node b2000000… "+want) {
			t.Errorf("away for %v: %q", away, got)
		}
	}
}

// A connection may end before the client name is known, or before the key is.
func TestAPeerIsNamedByWhatIsKnown(t *testing.T) {
	const name = "geth"
	id := enr.ID{0xa1, 0xb2, 0xc3, 0xd4, 0xe5}
	for want, source := range map[string]event.Source{
		"failed at hello  outbound":                 {},
		"failed at hello  geth  outbound":           {Client: name},
		"failed at hello  a1b2c3d4…  outbound":      {Peer: id},
		"failed at hello  geth a1b2c3d4…  outbound": {Peer: id, Client: name},
	} {
		b := appendPeer(nil, &event.Peer{Change: event.PeerFailed, Stage: event.StageHello, Source: source, By: event.ByUs})
		if got, _, _ := strings.Cut(string(b), "  after"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
