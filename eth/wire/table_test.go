// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	seen := map[Kind]bool{}
	next := uint64(0)
	for row := range Rows() {
		if seen[row.Kind] || row.Kind == KindNone || int(row.Kind) >= Kinds {
			t.Errorf("%s: kind %d is taken or none", row.Name, row.Kind)
		}
		seen[row.Kind] = true
		if row.Code < next || row.Code >= codes {
			t.Errorf("%s: code %#x is out of order", row.Name, row.Code)
		}
		next = row.Code + 1
		if row.From < First || row.To > Last || row.From > row.To {
			t.Errorf("%s: versions %d to %d", row.Name, row.From, row.To)
		}
		if row.Bytes <= 0 || row.Bytes > MaxMessage || row.Items < 0 || row.SendBytes > row.Bytes {
			t.Errorf("%s: limits", row.Name)
		}
		if row.Items > 0 && row.SendItems > row.Items {
			t.Errorf("%s: we send more than we take", row.Name)
		}
		if row.Kind.Row() != row || row.Kind.String() != row.Name {
			t.Errorf("%s: kind %d finds another row", row.Name, row.Kind)
		}
		if m := row.storage(new(Storage)); m.Kind() != row.Kind {
			t.Errorf("%s: is decoded as %v", row.Name, m.Kind())
		}
	}
	if len(seen) != Kinds-1 {
		t.Errorf("%d rows for %d kinds", len(seen), Kinds-1)
	}
	for _, none := range []Kind{KindNone, Kind(Kinds), 255} {
		if none.Row() != nil || none.String() != "none" {
			t.Errorf("kind %d has a row", none)
		}
	}
}

func TestRequestsAndReplies(t *testing.T) {
	for row := range Rows() {
		asks := strings.HasPrefix(row.Name, "Get")
		if row.IsRequest() != asks {
			t.Errorf("%s: is a request: %v", row.Name, row.IsRequest())
		}
		if asks {
			reply := row.Reply.Row()
			if "Get"+reply.Name != row.Name || reply.Code != row.Code+1 || reply.From != row.From || reply.To != row.To {
				t.Errorf("%s is answered with %s", row.Name, reply.Name)
			}
			if !reply.IsReply() || reply.Request() != row.Kind || reply.Lane != LaneReplies || row.Lane != LaneRequests {
				t.Errorf("%s and %s are no pair", row.Name, reply.Name)
			}
		} else if row.IsReply() && row.Request().Row().Reply != row.Kind {
			t.Errorf("%s answers %v", row.Name, row.Request())
		}
	}
}

func TestLengths(t *testing.T) {
	for v, want := range map[Version]uint{
		0: 0, 62: 0, 63: 17, 64: 17, 65: 17, 66: 17, 67: 17, 68: 17, 69: 18, 70: 18, 71: 20, 72: 22, 73: 0,
	} {
		if got := v.Length(); got != want {
			t.Errorf("%v: length %d, want %d", v, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	if got := Supported(); !slices.Equal(got, []Version{71, 70, 69, 68, 67, 66, 65, 64}) {
		t.Errorf("offered: %v", got)
	}
	if got := Known(); !slices.Equal(got, []Version{72, 71, 70, 69, 68, 67, 66, 65, 64, 63}) {
		t.Errorf("known: %v", got)
	}
	for _, v := range append(Known(), Supported()...) {
		if v.Length() == 0 {
			t.Errorf("%v has no length", v)
		}
	}
	if Version(71).ElidesBlobs() || !Version(72).ElidesBlobs() || Version(65).HasRequestIDs() || !Version(66).HasRequestIDs() {
		t.Error("a change came with another version")
	}
	Supported()[0] = 1
	if Supported()[0] != 71 {
		t.Error("callers share a slice")
	}
}

// The codes of each version, as its specification lists them: 0–7 and d–10 from eth/63
// on, 8–a from eth/65, d and e until eth/66, 1 and 7 until eth/68, 11 from eth/69, 12 and
// 13 from eth/71, 14 and 15 from eth/72.
func TestLookup(t *testing.T) {
	for v, want := range map[Version]string{
		62: "",
		63: "01234567      def0     ",
		64: "01234567      def0     ",
		65: "0123456789a   def0     ",
		66: "0123456789a   def0     ",
		67: "0123456789a     f0     ",
		68: "0123456789a     f0     ",
		69: "0 23456 89a     f01    ",
		70: "0 23456 89a     f01    ",
		71: "0 23456 89a     f0123  ",
		72: "0 23456 89a     f012345",
		73: "",
	} {
		got := ""
		for code := range uint64(codes + 8) {
			row, ok := Ethereum.Lookup(v, code)
			if ok != (row != nil) || ok && row.Code != code {
				t.Fatalf("%v: code %#x finds %+v", v, code, row)
			}
			if ok {
				got += fmt.Sprintf("%x", code%16)
			}
		}
		if want := strings.ReplaceAll(want, " ", ""); got != want {
			t.Errorf("%v: codes %s, want %s", v, got, want)
		}
	}
	if _, ok := Ethereum.Lookup(69, 1<<63); ok {
		t.Error("a huge code finds a message")
	}
}

// The chart in the package's documentation is the table.
func TestChart(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for row := range Rows() {
		limit, answer := "·", ""
		if row.Items > 0 {
			limit = fmt.Sprint(row.Items)
		}
		if row.IsRequest() {
			answer = "  " + row.Reply.String()
		}
		line := fmt.Sprintf("//\t0x%02x  %-26s  %d–%d  %5s%s\n", row.Code, row.Name, row.From, row.To, limit, answer)
		if !strings.Contains(string(doc), line) {
			t.Errorf("doc.go lacks:\n%s", line)
		}
	}
}
