// SPDX-License-Identifier: Apache-2.0

package ndjson

import (
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/holiman/uint256"
	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// values is an event with one field of each type, and what it must read back as.
type values struct {
	event.At
	hash     types.Hash
	id       enr.ID
	address  types.Address
	endpoint netip.AddrPort
	text     string
	uint     uint64
	amount   uint256.Int
	duration time.Duration
	yes      bool
	losses   []event.Lost
	away     []event.Absence
}

func (values) Kind() event.Kind { return "values" }

func (v values) Visit(f event.Fields) {
	f.Hash("hash", v.hash, true)
	f.ID("id", v.id, true)
	f.Address("address", &v.address, true)
	f.Address("none", nil, true)
	f.Endpoint("endpoint", v.endpoint, true)
	f.Text("text", v.text, true)
	f.Uint("uint", v.uint, true)
	f.Amount("amount", &v.amount, true)
	f.Duration("duration", v.duration, true)
	f.Bool("yes", v.yes, true)
	f.Losses("losses", v.losses, true)
	f.Absences("away", v.away, true)
}

func drawBytes(t *rapid.T, n int, name string) []byte {
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, name)
}

func drawValues(t *rapid.T) values {
	v := values{
		At:       event.At{Time: time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns"))},
		text:     rapid.String().Draw(t, "text"),
		uint:     rapid.Uint64().Draw(t, "uint"),
		duration: time.Duration(rapid.Int64Min(0).Draw(t, "duration")),
		yes:      rapid.Bool().Draw(t, "yes"),
		losses:   []event.Lost{{Where: "a", Count: rapid.Uint64().Draw(t, "lost")}, {Where: "b"}},
		away:     []event.Absence{{Peer: enr.ID{1}, For: time.Duration(rapid.Int64Min(0).Draw(t, "away"))}, {}},
	}
	if len(v.text) > maxText {
		v.text = ""
	}
	copy(v.hash[:], drawBytes(t, 32, "hash"))
	copy(v.id[:], drawBytes(t, 32, "id"))
	copy(v.address[:], drawBytes(t, 20, "address"))
	v.amount.SetBytes(drawBytes(t, 32, "amount"))
	v.amount.Rsh(&v.amount, rapid.UintRange(0, 255).Draw(t, "shift"))
	ip, _ := netip.AddrFromSlice(drawBytes(t, rapid.SampledFrom([]int{4, 16}).Draw(t, "family"), "ip"))
	switch rapid.IntRange(0, 2).Draw(t, "form") {
	case 0:
		ip = netip.AddrFrom16(ip.As16()) // an IPv4 address becomes a mapped one
	case 1:
		if ip.Is6() {
			ip = ip.WithZone("eth0")
		}
	}
	v.endpoint = netip.AddrPortFrom(ip, rapid.Uint16().Draw(t, "port"))
	return v
}

// Every value that a line shows reads back as itself: 32 bytes, addresses mapped or with a
// zone, times and durations to the nanosecond, amounts to the wei.
func TestEveryFieldReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawValues(t)
		var e Encoder
		var got struct {
			Time, Hash, ID, Address, Endpoint, Text, Amount string
			None                                            *string
			Uint                                            uint64
			Duration                                        json.Number
			Yes                                             bool
			Losses                                          map[string]uint64
			Away                                            map[string]json.Number
		}
		got.None = new(string)
		line := e.Append(nil, v)
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		at, err := time.Parse(time.RFC3339Nano, got.Time)
		endpoint, err2 := netip.ParseAddrPort(got.Endpoint)
		amount, err3 := uint256.FromDecimal(got.Amount)
		if err != nil || err2 != nil || err3 != nil {
			t.Fatalf("%v, %v, %v in %s", err, err2, err3, line)
		}
		for name, same := range map[string]bool{
			"time":     at.Equal(v.Time),
			"hash":     unhex(got.Hash, "0x") == string(v.hash[:]),
			"id":       unhex(got.ID, "") == string(v.id[:]),
			"address":  unhex(got.Address, "0x") == string(v.address[:]),
			"none":     got.None == nil,
			"endpoint": endpoint == v.endpoint,
			"text":     got.Text == v.text && utf8.ValidString(v.text),
			"uint":     got.Uint == v.uint,
			"amount":   amount.Eq(&v.amount),
			"duration": nanoseconds(got.Duration) == v.duration,
			"yes":      got.Yes == v.yes,
			"losses":   len(got.Losses) == 2 && got.Losses["a"] == v.losses[0].Count,
			"away":     len(got.Away) == 2 && nanoseconds(got.Away[v.away[0].Peer.String()]) == v.away[0].For,
		} {
			if !same {
				t.Errorf("%s does not read back: %s", name, line)
			}
		}
	})
}

func unhex(s, prefix string) string {
	digits, ok := strings.CutPrefix(s, prefix)
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || strings.ToLower(s) != s {
		return "not lower-case hex: " + s
	}
	return string(b)
}

// nanoseconds reads seconds exactly, or gives -1.
func nanoseconds(n json.Number) time.Duration {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok || !r.Mul(r, big.NewRat(int64(time.Second), 1)).IsInt() {
		return -1
	}
	return time.Duration(r.Num().Int64())
}
