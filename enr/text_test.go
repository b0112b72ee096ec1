// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ethpeer/ethpeer/rlp"
)

// addresses draws IP addresses of all forms that a Node can have.
func addresses(t *rapid.T) netip.Addr {
	b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")
	switch rapid.IntRange(0, 4).Draw(t, "form") {
	case 0:
		return netip.Addr{}
	case 1:
		return netip.AddrFrom4([4]byte(b))
	case 2:
		return netip.AddrFrom16([16]byte(b)).Unmap()
	default:
		zone := rapid.OneOf(rapid.StringMatching("[a-z0-9.%]{1,8}"), rapid.String()).Draw(t, "zone")
		return netip.AddrFrom16([16]byte(append([]byte{0xfe, 0x80}, b[2:]...))).WithZone(zone)
	}
}

// Every enode form reads back to the node that it was made of.
func TestURLReadsBack(t *testing.T) {
	key := testKey(t).Public()
	rapid.Check(t, func(t *rapid.T) {
		n := Node{Key: key}
		if rapid.Bool().Draw(t, "named") {
			n.Host = rapid.StringMatching(`([a-zA-Z0-9_-]{1,20}[.]){0,3}[a-z]{1,10}[.]?`).Draw(t, "host")
		} else {
			n.IP = addresses(t)
		}
		if n.Host != "" || n.IP.IsValid() {
			n.TCP, n.UDP = rapid.Uint16().Draw(t, "tcp"), rapid.Uint16().Draw(t, "udp")
		}
		if rapid.Bool().Draw(t, "one port") {
			n.UDP = n.TCP
		}
		if again, err := ParseNode(n.URL()); err != nil || again != n {
			t.Fatalf("host %q, IP %v is written as %s, which reads as %s, %v", n.Host, n.IP, n.URL(), again, err)
		}
	})
}

// Every form of a key and of an ID reads back.
func TestKeyAndIDReadBack(t *testing.T) {
	n := Node{Key: testKey(t).Public()}
	xy := n.Key.Bytes()
	digits := hex.EncodeToString(xy[:])
	for _, text := range []string{digits, "0x" + digits, strings.ToUpper(digits), n.URL(), n.String()} {
		if again, err := ParseNode(text); err != nil || again != n {
			t.Errorf("%s reads as %v, %v", text, again, err)
		}
	}
	id := n.ID()
	for _, text := range []string{id.String(), "0x" + id.String(), strings.ToUpper(id.String())} {
		if again, err := ParseID(text); err != nil || again != id {
			t.Errorf("%s reads as %v, %v", text, again, err)
		}
	}
	for _, text := range []string{"", "0x", id.Short(), id.String() + "0", id.String()[2:], "0x0x" + id.String(), "x" + id.String()[1:]} {
		if again, err := ParseID(text); err == nil || again != (ID{}) {
			t.Errorf("%q reads as %v", text, again)
		}
	}
}

// Every record reads back from its text, up to the largest (devp2p/enr.md#rlp-encoding).
func TestRecordTextReadsBack(t *testing.T) {
	key := testKey(t)
	largest := 0
	for pad := range MaxSize {
		var b Builder
		b.SetIP(netip.MustParseAddr("34.1.1.1"))
		b.SetUDP(30303)
		b.Set("zz", rlp.AppendBytes(nil, make([]byte, pad)))
		r, err := b.Sign(key, 1)
		if err != nil {
			if !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
			break
		}
		largest = len(r.Raw())
		for _, text := range []string{r.Text(), r.String()} {
			again, err := ParseText(text)
			if err != nil || !bytes.Equal(again.Raw(), r.Raw()) {
				t.Fatalf("a record of %d bytes reads back as %v, %v", largest, again, err)
			}
		}
		n, err := ParseNode(" " + r.Text() + "\n")
		if err != nil || !bytes.Equal(n.Record.Raw(), r.Raw()) {
			t.Fatalf("a record of %d bytes reads back as the node %v, %v", largest, n, err)
		}
	}
	if largest != MaxSize {
		t.Errorf("the largest record has %d bytes, want %d", largest, MaxSize)
	}
}
