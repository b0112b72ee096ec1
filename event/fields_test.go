// SPDX-License-Identifier: Apache-2.0

package event

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holiman/uint256"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/types"
)

// seen is what an event handed over: each field's name and type, and its value if known.
type seen struct {
	columns []string
	values  map[string]any
}

func visit(e Event) *seen {
	s := &seen{values: map[string]any{}}
	e.Visit(s)
	return s
}

func (s *seen) add(name, typ string, v any, known bool) {
	s.columns = append(s.columns, name+" "+typ)
	if known {
		s.values[name] = v
	}
}

func (s *seen) Hash(name string, v types.Hash, known bool)         { s.add(name, "hash", v, known) }
func (s *seen) ID(name string, v enr.ID, known bool)               { s.add(name, "id", v, known) }
func (s *seen) Endpoint(name string, v netip.AddrPort, known bool) { s.add(name, "endpoint", v, known) }
func (s *seen) Text(name, v string, known bool)                    { s.add(name, "text", v, known) }
func (s *seen) Uint(name string, v uint64, known bool)             { s.add(name, "uint", v, known) }
func (s *seen) Amount(name string, v *uint256.Int, known bool)     { s.add(name, "amount", v.Dec(), known) }

func (s *seen) Duration(name string, v time.Duration, known bool) { s.add(name, "duration", v, known) }
func (s *seen) Bool(name string, v, known bool)                   { s.add(name, "bool", v, known) }
func (s *seen) Flag(name string, v bool)                          { s.add(name, "flag", v, v) }
func (s *seen) Losses(name string, v []Lost, known bool)          { s.add(name, "losses", v, known) }

func (s *seen) Absences(name string, v []Absence, known bool) { s.add(name, "absences", v, known) }

func (s *seen) Address(name string, v *types.Address, known bool) {
	if v == nil {
		s.add(name, "address", nil, known)
		return
	}
	s.add(name, "address", *v, known)
}

// full returns one value of each kind with every field set.
func full() []Event {
	at := At{Time: time.Unix(1, 0)}
	source := Source{Peer: enr.ID{1}, Client: "geth"}
	body := TxBody{
		From: types.Address{1}, To: &types.Address{2}, Nonce: 3, Value: *uint256.NewInt(4), Gas: 5, Tip: *uint256.NewInt(6), FeeCap: *uint256.NewInt(7),
	}
	endpoint := netip.MustParseAddrPort("192.0.2.1:30303")
	return []Event{
		Tx{At: at, Source: source, Hash: types.Hash{8}, Type: 2, Typed: true, Size: 9, Via: ViaRequest, Update: true, Body: &body},
		Sighting{At: at, Hash: types.Hash{8}, Via: ViaBroadcast, Peer: enr.ID{2}},
		Block{At: at, Source: source, Number: 10, Hash: types.Hash{11}, Parent: types.Hash{12}, Txs: 13, Size: 14, Via: ViaBroadcast},
		Head{At: at, Number: 10, Hash: types.Hash{11}, By: HeadByPeers, Supporters: 15, Proved: true, Lag: 1, Stale: true},
		Sync{At: at, State: SyncRuns, Number: 10, Target: 29, HeadersLeft: 30, BlocksLeft: 31, Peers: 32},
		Peer{
			At: at, Source: source, Change: PeerDown, Stage: StageEth, Inbound: true, Static: true, Eth: 69, Addr: endpoint,
			By: ByThem, Reason: "too many peers", Err: "gone", Lasted: time.Second,
		},
		Loss{At: at, Where: "output", Of: KindTx, Count: 16},
		Candidate{At: at, Peer: enr.ID{1}, Addr: endpoint, Source: "v4", Taken: true, Why: "self"},
		Self{At: at, URL: "enode://…", Record: "enr:…", Seq: 17, Private: true},
		Trouble{At: at, Where: TroubleNAT, Err: "no router answers", Over: true},
		Summary{
			At: at, Uptime: time.Hour, Connected: 1, Peers: 18, Up: 19, Down: 20, Failed: 21, Txs: 22, Bodies: 23, Sightings: 24, Blocks: 25,
			Head: Head{Number: 26, Hash: types.Hash{27}, By: HeadByLight, Proved: true}, Lost: []Lost{{"output", 28}}, Away: []Absence{{enr.ID{1}, time.Minute}},
		},
	}
}

// The table's rows: what each kind hands over, and what of it the zero value knows.
func TestEachKindSaysItsFieldsOnce(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+$`)
	var kinds []Kind
	for i, e := range full() {
		zero, whole := visit(All()[i]), visit(e)
		if All()[i].Kind() != e.Kind() || !e.When().Equal(time.Unix(1, 0)) {
			t.Errorf("%q at %v stands in the place of %q", e.Kind(), e.When(), All()[i].Kind())
		}
		kinds = append(kinds, e.Kind())
		if diff := cmp.Diff(zero.columns, whole.columns); diff != "" {
			t.Errorf("%s: the zero value and a full one have different columns:\n%s", e.Kind(), diff)
		}
		names := []string{"kind", "time", "seq"}
		for _, column := range whole.columns {
			n, _, _ := strings.Cut(column, " ")
			if !name.MatchString(n) || slices.Contains(names, n) {
				t.Errorf("%s: field %q: want lower-case letters, once", e.Kind(), n)
			}
			names = append(names, n)
			if _, known := whole.values[n]; !known {
				t.Errorf("%s: %q is not known of a full value", e.Kind(), n)
			}
			if v, known := zero.values[n]; known && cmp.Equal(v, whole.values[n]) {
				t.Errorf("%s: %q is %v of the zero value, too", e.Kind(), n, v)
			}
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(kinds)))) != len(All()) {
		t.Errorf("not one row per kind: %v", kinds)
	}
}

// Whatever a struct holds reaches the visitor: each exported leaf, except two that say
// whether another one is known, and what Summary leaves to the status line.
func TestNoFieldOfAStructIsForgotten(t *testing.T) {
	silent := map[string]int{"tx": 1, "summary": 4} // Typed; Connected, Head.Supporters, Head.Lag, Head.Stale
	for _, e := range full() {
		got, want := len(visit(e).columns), leaves(reflect.TypeOf(e))-silent[string(e.Kind())]
		if got != want {
			t.Errorf("%s hands over %d fields of %d", e.Kind(), got, want)
		}
	}
}

func leaves(typ reflect.Type) (n int) {
	for i := range typ.NumField() {
		f := typ.Field(i).Type
		if f.Kind() == reflect.Pointer && f.Elem() == reflect.TypeFor[TxBody]() {
			f = f.Elem()
		}
		switch {
		case f == reflect.TypeFor[At]():
		case f.Kind() == reflect.Struct && f.PkgPath() == typ.PkgPath():
			n += leaves(f)
		default:
			n++
		}
	}
	return n
}

func TestUnknownValuesAreNotHandedOverAsKnown(t *testing.T) {
	for _, c := range []struct {
		e     Event
		known []string
	}{
		{Tx{}, []string{"hash", "via"}},
		{Tx{Typed: true}, []string{"hash", "type", "via"}},
		{Tx{Size: 1, Body: &TxBody{}}, []string{"feecap", "from", "gas", "hash", "nonce", "size", "tip", "to", "value", "via"}},
		{Block{Txs: 3}, []string{"hash", "number", "parent", "via"}},
		{Head{}, []string{"hash", "number", "proved", "supporters"}},
		{Peer{Change: PeerUp, By: ByUs, Reason: "x", Err: "x"}, []string{"direction", "event", "stage"}},
		{Peer{Change: PeerFailed}, []string{"direction", "event", "lasted", "stage"}},
		{Candidate{}, []string{"peer", "source", "taken"}},
		{Trouble{}, []string{"error", "where"}},
		{Summary{Head: Head{Number: 1}}, []string{"blocks", "bodies", "down", "failed", "losses", "peers", "sightings", "txs", "up", "uptime"}},
	} {
		s := visit(c.e)
		var got []string
		for name := range s.values {
			got = append(got, name)
		}
		slices.Sort(got)
		if diff := cmp.Diff(c.known, got); diff != "" {
			t.Errorf("%+v (-want +known):\n%s", c.e, diff)
		}
	}
	if v := visit(Head{Supporters: -1}).values["supporters"]; v != uint64(0) {
		t.Errorf("-1 supporters are handed over as %v", v)
	}
}

// A type that has a Kind and is not in All would have no documentation and no columns.
func TestAllHasEveryKind(t *testing.T) {
	listed := map[string]bool{}
	for _, e := range All() {
		listed[reflect.TypeOf(e).Name()] = true
	}
	found := 0
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "Kind" {
				continue
			}
			found++
			if typ := method.Recv.List[0].Type.(*ast.Ident).Name; !listed[typ] {
				t.Errorf("%s: All does not list %s", name, typ)
			}
		}
	}
	if found != len(listed) {
		t.Errorf("%d types have a kind, %d are listed", found, len(listed))
	}
}
