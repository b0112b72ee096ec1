// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// The record, key and ID of devp2p/enr.md#test-vectors.
const (
	specText = "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8"
	specID   = "a448f24c6d18e575453db13171562b71999873db5b286df957af199ec94617f7"
	specKey  = "b71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291"
)

func testKey(t testing.TB) *ecc.PrivateKey {
	t.Helper()
	b, _ := hex.DecodeString(specKey)
	k, err := ecc.ParsePrivateKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSpecVector(t *testing.T) {
	r, err := ParseText(specText)
	if err != nil {
		t.Fatal(err)
	}
	if r.ID().String() != specID || r.Seq() != 1 || r.PublicKey() != testKey(t).Public() {
		t.Errorf("ID %s, seq %d", r.ID(), r.Seq())
	}
	if r.Text() != specText {
		t.Errorf("text %s", r.Text())
	}
	ip, ok := r.IP4()
	if udp, ok2 := r.UDP(); !ok || !ok2 || ip != netip.MustParseAddr("127.0.0.1") || udp != 30303 {
		t.Errorf("endpoint %v %d", ip, udp)
	}
	if _, ok := r.TCP(); ok {
		t.Error("a TCP port that is not there")
	}
	if _, ok := r.IP6(); ok {
		t.Error("an IPv6 address that is not there")
	}
}

func TestSignSpecVector(t *testing.T) {
	var b Builder
	b.SetUDP(30303)
	b.SetIP(netip.MustParseAddr("127.0.0.1"))
	r, err := b.Sign(testKey(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Text() != specText {
		t.Errorf("signed\n%s, want\n%s", r.Text(), specText)
	}
}

func TestBuilder(t *testing.T) {
	var b Builder
	b.SetIP(netip.MustParseAddr("::ffff:10.0.0.1"))
	b.SetIP(netip.MustParseAddr("2001:db8::1"))
	b.SetTCP(1)
	b.SetTCP(30303)
	b.SetUDP(30301)
	b.SetUDP6(30306)
	b.SetEth([4]byte{1, 2, 3, 4}, 99)
	b.Set("snap", []byte{0xc0})
	b.Set("zz", []byte{0x01})
	b.Unset("zz")
	r, err := b.Sign(testKey(t), 1<<63)
	if err != nil {
		t.Fatal(err)
	}
	ip4, _ := r.IP4()
	ip6, _ := r.IP6()
	tcp, _ := r.TCP()
	tcp6, _ := r.TCP6()
	udp, _ := r.UDP()
	udp6, _ := r.UDP6()
	hash, next, ok := r.Eth()
	if ip4.String() != "10.0.0.1" || ip6.String() != "2001:db8::1" || tcp != 30303 || tcp6 != 30303 ||
		udp != 30301 || udp6 != 30306 || hash != [4]byte{1, 2, 3, 4} || next != 99 || !ok || r.Seq() != 1<<63 {
		t.Errorf("read back %v %v %d %d %d %d %x %d %v", ip4, ip6, tcp, tcp6, udp, udp6, hash, next, r.Seq())
	}
	if raw, ok := r.Get("snap"); !ok || !bytes.Equal(raw, []byte{0xc0}) {
		t.Errorf("snap %x", raw)
	}
	if _, ok := r.Get("zz"); ok {
		t.Error("a key that was unset")
	}
	if n := r.Node(); n.IP != ip4 || n.UDP != 30301 {
		t.Errorf("node at %v", n)
	}
	b.Unset("ip")
	b.Unset("udp6")
	b.SetTCP6(30308)
	if r, err = b.Sign(testKey(t), 2); err != nil {
		t.Fatal(err)
	}
	if n := r.Node(); n.IP != ip6 || n.TCP != 30308 || n.UDP != 30301 {
		t.Errorf("IPv6 node at %v", n)
	}
}

// TestSizeLimit: 300 bytes are a record, 301 are none.
func TestSizeLimit(t *testing.T) {
	var b Builder
	record := func(n int) (*Record, error) {
		b.Set("x", rlp.AppendBytes(nil, make([]byte, n)))
		return b.Sign(testKey(t), 1)
	}
	r, err := record(170) // past the sizes where headers grow
	if err != nil {
		t.Fatal(err)
	}
	most := 170 + MaxSize - len(r.Raw())
	if r, err = record(most); err != nil || len(r.Raw()) != MaxSize {
		t.Fatalf("300 bytes: %v", err)
	}
	if _, err := record(most + 1); !errors.Is(err, ErrTooLarge) {
		t.Errorf("301 bytes: %v", err)
	}
	if _, err := ParseText("enr:" + strings.Repeat("A", 402)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("text of 301 bytes: %v", err)
	}
	b.Set("x", []byte{0xc1})
	if _, err := b.Sign(testKey(t), 1); !errors.Is(err, rlp.ErrTruncated) {
		t.Errorf("value that is no item: %v", err)
	}
}

// forge signs a list of items that Sign would not, validly.
func forge(t *testing.T, items ...[]byte) []byte {
	content := bytes.Join(items, nil)
	sig := testKey(t).Sign(digest(content))
	raw, list := rlp.OpenList(nil)
	raw = rlp.AppendBytes(raw, sig[:64])
	return rlp.CloseList(append(raw, content...), list)
}

// unsigned is the record with a signature of no bytes.
func unsigned(t *testing.T, raw []byte) []byte {
	t.Helper()
	c := rlp.Read(raw)
	c.List("record")
	c.Bytes("signature")
	out, list := rlp.OpenList(nil)
	out = rlp.AppendBytes(out, nil)
	return rlp.CloseList(append(out, c.Remaining()...), list)
}

func TestForgedRecords(t *testing.T) {
	s := func(v string) []byte { return rlp.AppendString(nil, v) }
	compressed := testKey(t).Public().Compressed()
	seq, id, v4, name, key := []byte{1}, s("id"), s("v4"), s("secp256k1"), s(string(compressed[:]))
	good := forge(t, seq, id, v4, name, key)
	badSig := bytes.Clone(good)
	badSig[len(badSig)-1] ^= 1 // the last byte of the key

	for _, test := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"good", good, nil},
		{"unsorted keys", forge(t, seq, name, key, id, v4), ErrOrder},
		{"key twice", forge(t, seq, id, v4, id, v4, name, key), ErrDuplicate},
		{"key without value", forge(t, seq, id, v4, name, key, s("tcp")), ErrOddPairs},
		{"no scheme", forge(t, seq, name, key), ErrScheme},
		{"other scheme", forge(t, seq, id, s("v5"), name, key), ErrScheme},
		{"scheme is a list", forge(t, seq, id, []byte{0xc0}, name, key), ErrScheme},
		{"no key", forge(t, seq, id, v4), ErrKey},
		{"key too short", forge(t, seq, id, v4, name, s(string(compressed[:32]))), ErrKey},
		{"key off the curve", forge(t, seq, id, v4, name, s("\x05"+string(compressed[1:]))), ErrKey},
		{"seq beyond 64 bits", forge(t, s("123456789"), id, v4, name, key), rlp.ErrOverflow},
		{"seq with leading zero", forge(t, s("\x00\x01"), id, v4, name, key), rlp.ErrLeadingZero},
		{"name is a list", forge(t, seq, []byte{0xc0}, v4), rlp.ErrWantBytes},
		{"no seq", forge(t), rlp.ErrMissing},
		{"bytes after", append(bytes.Clone(good), 0), rlp.ErrTrailing},
		{"changed", badSig, ErrSignature},
		{"changed signature", append(append(bytes.Clone(good[:4]), good[4]^1), good[5:]...), ErrSignature},
		{"no signature", unsigned(t, good), ErrSignature},
		{"no list", s("enr"), rlp.ErrWantList},
		{"nothing", nil, rlp.ErrMissing},
	} {
		r, err := Decode(test.raw)
		if !errors.Is(err, test.want) || (r == nil) != (err != nil) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestTruncated(t *testing.T) {
	r, err := ParseText(specText)
	if err != nil {
		t.Fatal(err)
	}
	for n := range r.Raw() {
		if _, err := Decode(r.Raw()[:n]); err == nil {
			t.Errorf("%d bytes of %d are a record", n, len(r.Raw()))
		}
	}
}

func TestBadText(t *testing.T) {
	for _, text := range []string{
		"", "enr", "ENR:" + specText[4:], specText[4:], specText + "=", specText[:50] + "\n" + specText[50:],
		strings.Replace(specText, "_", "/", 1), "enr:x",
	} {
		if _, err := ParseText(text); !errors.Is(err, ErrText) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
	if _, err := ParseText("enr:"); !errors.Is(err, rlp.ErrMissing) {
		t.Errorf("empty record: %v", err)
	}
}

// TestWrongValues: a value of the wrong form reads as absent, and leaves the rest of use.
func TestWrongValues(t *testing.T) {
	var b Builder
	b.Set("ip", rlp.AppendBytes(nil, make([]byte, 16)))
	b.Set("ip6", rlp.AppendBytes(nil, make([]byte, 4)))
	b.Set("tcp", rlp.AppendUint64(nil, 65536))
	b.Set("udp", []byte{0xc0})
	b.Set("eth", []byte{0xc1, 0x80})
	r, err := b.Sign(testKey(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	_, ip := r.IP4()
	_, ip6 := r.IP6()
	_, tcp := r.TCP()
	_, udp := r.UDP()
	_, _, eth := r.Eth()
	if ip || ip6 || tcp || udp || eth {
		t.Error("wrong values were read", ip, ip6, tcp, udp, eth)
	}
	if n := r.Node(); n.IP.IsValid() || n.ID().String() != specID {
		t.Errorf("node %v", n)
	}
	b.SetIP(netip.IPv4Unspecified())
	b.SetIP(netip.IPv6Unspecified())
	if r, _ = b.Sign(testKey(t), 0); r.Node().IP.IsValid() {
		t.Errorf("node at %v", r.Node().IP)
	}
}

// TestEthEntry: later versions may append to the entry, not to the fork ID.
func TestEthEntry(t *testing.T) {
	for raw, want := range map[string]bool{
		"c7c68401020304" + "09":            true,
		"cac68401020304" + "09" + "0102c0": true,
		"c8c78401020304" + "0901":          false,
		"c6c58301020309":                   false,
		"c68401020304" + "09":              false,
	} {
		var b Builder
		value, _ := hex.DecodeString(raw)
		b.Set("eth", value)
		r, err := b.Sign(testKey(t), 0)
		if err != nil {
			t.Fatal(raw, err)
		}
		hash, next, ok := r.Eth()
		if ok != want || ok && (hash != [4]byte{1, 2, 3, 4} || next != 9) {
			t.Errorf("%s: %x %d %v", raw, hash, next, ok)
		}
	}
}

func FuzzDecode(f *testing.F) {
	spec, err := ParseText(specText)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(spec.Raw())
	var b Builder
	b.SetEth([4]byte{1, 2, 3, 4}, 99)
	b.SetIP(netip.IPv6Loopback())
	if r, err := b.Sign(testKey(f), 7); err == nil {
		f.Add(r.Raw())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := Decode(raw)
		if err != nil {
			return
		}
		again, err := ParseText(r.Text())
		if err != nil || !bytes.Equal(again.Raw(), raw) || again.ID() != r.ID() {
			t.Fatalf("%x reads back as %v, %v", raw, again, err)
		}
		n, err := ParseNode(r.Node().URL())
		if err != nil || n.Key != r.PublicKey() {
			t.Fatalf("URL %s: %v", r.Node().URL(), err)
		}
		r.Eth()
	})
}
