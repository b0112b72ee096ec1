// SPDX-License-Identifier: Apache-2.0

package ecc

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"testing"

	"github.com/ethpeer/ethpeer/internal/keccak"
)

// The order of the group, and the prime of the field.
const (
	order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
	prime = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func privateKey(t testing.TB, s string) *PrivateKey {
	t.Helper()
	k, err := ParsePrivateKey(unhex(t, fmt.Sprintf("%064s", s)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// plus returns the 32 bytes of a hexadecimal number plus d.
func plus(t testing.TB, s string, d int64) []byte {
	t.Helper()
	n := new(big.Int).SetBytes(unhex(t, s))
	return n.Add(n, big.NewInt(d)).FillBytes(make([]byte, 32))
}

func TestParsePrivateKey(t *testing.T) {
	zero := make([]byte, 32)
	for _, tt := range []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"nothing", nil, false},
		{"zero", zero, false},
		{"31 bytes", bytes.Repeat([]byte{1}, 31), false},
		{"33 bytes", bytes.Repeat([]byte{1}, 33), false},
		{"one", plus(t, hex.EncodeToString(zero), 1), true},
		{"order - 1", plus(t, order, -1), true},
		{"order", plus(t, order, 0), false},
		{"order + 1", plus(t, order, 1), false},
		{"all ones", bytes.Repeat([]byte{0xff}, 32), false},
	} {
		k, err := ParsePrivateKey(tt.in)
		switch {
		case tt.ok && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.ok:
			if got := k.Bytes(); !bytes.Equal(got[:], tt.in) {
				t.Errorf("%s: came back as %x", tt.name, got)
			}
		case !errors.Is(err, ErrPrivateKey):
			t.Errorf("%s: error %v, want %v", tt.name, err, ErrPrivateKey)
		}
	}
}

type repeat byte

func (r repeat) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r)
	}
	return len(b), nil
}

func TestNewPrivateKey(t *testing.T) {
	k, err := NewPrivateKey(repeat(7))
	if want := [32]byte(bytes.Repeat([]byte{7}, 32)); err != nil || k.Bytes() != want {
		t.Errorf("got %v, %v", k, err)
	}
	// A draw that is no key is drawn again.
	again := io.MultiReader(bytes.NewReader(make([]byte, 32)), repeat(7))
	if k2, err := NewPrivateKey(again); err != nil || k2.Public() != k.Public() {
		t.Errorf("after a bad draw: %v, %v", k2, err)
	}
	for _, bad := range []io.Reader{repeat(0), repeat(0xff)} {
		if _, err := NewPrivateKey(bad); !errors.Is(err, ErrPrivateKey) {
			t.Errorf("from %v: error %v", bad, err)
		}
	}
	if _, err := NewPrivateKey(bytes.NewReader(make([]byte, 31))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("from 31 bytes: error %v", err)
	}
}

func TestPrivateKeyDoesNotPrint(t *testing.T) {
	k := privateKey(t, "1234567890abcdef")
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if s := fmt.Sprintf(format, k); bytes.Contains([]byte(s), []byte("90abcdef")) || len(s) > 30 {
			t.Errorf("%s prints %s", format, s)
		}
	}
}

// Multiples of the generator (SEC 2, section 2.4.1, and the usual lists of test points).
var multiples = []struct{ k, x, y string }{
	{
		"1",
		"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
		"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
	},
	{
		"2",
		"c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
		"1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a",
	},
	{ // the order minus one: minus the generator
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
		"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
		"b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777",
	},
}

func TestPublicKey(t *testing.T) {
	for _, m := range multiples {
		want := unhex(t, m.x+m.y)
		p := privateKey(t, m.k).Public()
		if got := p.Bytes(); !bytes.Equal(got[:], want) {
			t.Errorf("key %s has the public half %x", m.k, got)
		}
		parsed, err := ParsePublicKey(want)
		if err != nil || parsed != p {
			t.Errorf("key %s: parsed %x, %v", m.k, parsed, err)
		}
		c := p.Compressed()
		if fromC, err := ParseCompressed(c[:]); err != nil || fromC != p {
			t.Errorf("key %s: compressed to %x, parsed to %x, %v", m.k, c, fromC, err)
		}
		if p.IsZero() {
			t.Errorf("key %s is zero", m.k)
		}
	}
	if p := (PublicKey{}); !p.IsZero() {
		t.Error("the zero key is not zero")
	}
}

func TestParsePublicKeyRefuses(t *testing.T) {
	g := unhex(t, multiples[0].x+multiples[0].y)
	x, y := g[:32], g[32:]
	// 1 is the X of a point, for which 1 + prime must not be taken.
	yOfOne := unhex(t, "4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7ee")
	one := append(unhex(t, fmt.Sprintf("%064x", 1)), yOfOne...)
	if _, err := ParsePublicKey(one); err != nil {
		t.Fatal(err)
	}
	swapped := append(append([]byte(nil), y...), x...)
	for _, tt := range []struct {
		name string
		in   []byte
	}{
		{"nothing", nil},
		{"zeros", make([]byte, 64)},
		{"63 bytes", g[:63]},
		{"65 bytes", append([]byte{4}, g...)},
		{"a point beside the curve", append(append([]byte(nil), x...), plus(t, multiples[0].y, 1)...)},
		{"X and Y exchanged", swapped},
		{"X beyond the prime", append(plus(t, prime, 1), yOfOne...)},
		{"Y beyond the prime", append(append([]byte(nil), x...), bytes.Repeat([]byte{0xff}, 32)...)},
	} {
		if p, err := ParsePublicKey(tt.in); !errors.Is(err, ErrPublicKey) || !p.IsZero() {
			t.Errorf("%s: %x, %v", tt.name, p, err)
		}
	}
}

func TestParseCompressedRefuses(t *testing.T) {
	x := unhex(t, multiples[0].x)
	for _, tt := range []struct {
		name string
		in   []byte
	}{
		{"nothing", nil},
		{"zeros", make([]byte, 33)},
		{"X alone", x},
		{"wrong first byte", append([]byte{4}, x...)},
		{"hybrid first byte", append([]byte{6}, x...)},
		{"uncompressed", append([]byte{4}, unhex(t, multiples[0].x+multiples[0].y)...)},
		{"X that no point has", append([]byte{2}, plus(t, fmt.Sprintf("%064x", 5), 0)...)},
		{"X beyond the prime", append([]byte{2}, plus(t, prime, 1)...)},
	} {
		if p, err := ParseCompressed(tt.in); !errors.Is(err, ErrPublicKey) || !p.IsZero() {
			t.Errorf("%s: %x, %v", tt.name, p, err)
		}
	}
}

func TestSharedX(t *testing.T) {
	// From go-ethereum's crypto/ecies tests.
	a := privateKey(t, "7ebbc6a8358bc76dd73ebc557056702c8cfc34e5cfcd90eb83af0347575fd2ad")
	b := privateKey(t, "6a3d6396903245bba5837752b9e0348874e72db0c4e11e9c485a81b4ea4353b9")
	want := [32]byte(unhex(t, "167ccc13ac5e8a26b131c3446030c60fbfac6aa8e31149d0869f93626a4cdf62"))
	for _, pair := range []struct {
		k *PrivateKey
		p PublicKey
	}{{a, b.Public()}, {b, a.Public()}} {
		if x, err := pair.k.SharedX(pair.p); err != nil || x != want {
			t.Errorf("shared %x, %v", x, err)
		}
	}
	if x, err := a.SharedX(PublicKey{}); !errors.Is(err, ErrPublicKey) || x != [32]byte{} {
		t.Errorf("with no key: %x, %v", x, err)
	}
}

// RFC 6979 with SHA-256 on secp256k1: the vectors that the libraries for this curve share.
func TestSign(t *testing.T) {
	for _, tt := range []struct{ key, message, want string }{
		{
			"1", "Satoshi Nakamoto",
			"934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8" +
				"2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
		},
		{
			"1", "All those moments will be lost in time, like tears in rain. Time to die...",
			"8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b" +
				"547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
		},
		{
			"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140", "Satoshi Nakamoto",
			"fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0" +
				"6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
		},
		{
			"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing",
			"7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c" +
				"58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
		},
	} {
		k := privateKey(t, tt.key)
		digest := sha256.Sum256([]byte(tt.message))
		sig := k.Sign(digest)
		if got := hex.EncodeToString(sig[:64]); got != tt.want {
			t.Errorf("key %s, %q: signature %s, want %s", tt.key, tt.message, got, tt.want)
		}
		if !k.Public().Verify(digest, sig[:64]) {
			t.Errorf("key %s, %q: does not verify", tt.key, tt.message)
		}
		if p, err := Recover(digest, sig[:]); err != nil || p != k.Public() {
			t.Errorf("key %s, %q: recovered %x, %v", tt.key, tt.message, p, err)
		}
	}
}

// A signature from go-ethereum's crypto/signature_test.go.
const (
	knownDigest = "ce0677bb30baa8cf067c88db9811f4333d131bf8bcf12fe7065d211dce971008"
	knownSig    = "90f27b8b488db00b00606796d2987f6a5f59ae62ea05effe84fef5b8b0e54998" +
		"4a691139ad57a3f0b906637673aa2f63d1f55cb1a69199d4009eea23ceaddc9301"
	knownKey = "e32df42865e97135acfb65f3bae71bdc86f4d49150ad6a440b6f15878109880a" +
		"0a2b2667f7e725ceea70c673093bf67663e0312623c8e091b13cf2c0f11ef652"
)

func known(t testing.TB) (digest [32]byte, sig [65]byte, key PublicKey) {
	t.Helper()
	key, err := ParsePublicKey(unhex(t, knownKey))
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(unhex(t, knownDigest)), [65]byte(unhex(t, knownSig)), key
}

func TestRecover(t *testing.T) {
	digest, sig, key := known(t)
	if p, err := Recover(digest, sig[:]); err != nil || p != key {
		t.Fatalf("recovered %x, %v", p, err)
	}
	n := plus(t, order, 0)
	with := func(at int, b ...byte) []byte {
		changed := sig
		copy(changed[at:], b)
		return changed[:]
	}
	for _, tt := range []struct {
		name string
		sig  []byte
	}{
		{"nothing", nil},
		{"64 bytes", sig[:64]},
		{"66 bytes", append(sig[:], 0)},
		{"recovery id 4", with(64, 4)},
		{"recovery id 27", with(64, 27)},
		{"r zero", with(0, make([]byte, 32)...)},
		{"s zero", with(32, make([]byte, 32)...)},
		{"r the order", with(0, n...)},
		{"s the order", with(32, n...)},
		{"r beyond the order", with(0, bytes.Repeat([]byte{0xff}, 32)...)},
		{"r without a point", with(0, plus(t, fmt.Sprintf("%064x", 5), 0)...)},
		{"r plus the order beyond the prime", with(64, 3)},
	} {
		if p, err := Recover(digest, tt.sig); !errors.Is(err, ErrSignature) || !p.IsZero() {
			t.Errorf("%s: %x, %v", tt.name, p, err)
		}
	}
}

// The other s of a signature is as good a signature to Recover, which transactions before
// Homestead need, and none to Verify.
func TestHighS(t *testing.T) {
	digest, sig, key := known(t)
	s := new(big.Int).SetBytes(sig[32:64])
	s.Sub(new(big.Int).SetBytes(unhex(t, order)), s).FillBytes(sig[32:64])
	sig[64] ^= 1
	if p, err := Recover(digest, sig[:]); err != nil || p != key {
		t.Errorf("recovered %x, %v", p, err)
	}
	if key.Verify(digest, sig[:64]) {
		t.Error("Verify accepts it")
	}
}

func TestVerify(t *testing.T) {
	digest, sig, key := known(t)
	if !key.Verify(digest, sig[:64]) {
		t.Fatal("a good signature is refused")
	}
	for i := range 64 {
		bad := sig
		bad[i] ^= 1
		if key.Verify(digest, bad[:64]) {
			t.Errorf("a signature with byte %d changed is accepted", i)
		}
	}
	other := digest
	other[31] ^= 1
	zeroR, zeroS := sig, sig
	clear(zeroR[:32])
	clear(zeroS[32:64])
	for _, tt := range []struct {
		name   string
		key    PublicKey
		digest [32]byte
		sig    []byte
	}{
		{"another digest", key, other, sig[:64]},
		{"another key", privateKey(t, "1").Public(), digest, sig[:64]},
		{"no key", PublicKey{}, digest, sig[:64]},
		{"with the recovery id", key, digest, sig[:]},
		{"63 bytes", key, digest, sig[:63]},
		{"nothing", key, digest, nil},
		{"r zero", key, digest, zeroR[:64]},
		{"s zero", key, digest, zeroS[:64]},
		{"r and s beyond the order", key, digest, bytes.Repeat([]byte{0xff}, 64)},
	} {
		if tt.key.Verify(tt.digest, tt.sig) {
			t.Errorf("%s: accepted", tt.name)
		}
	}
}

func TestRecovers(t *testing.T) {
	const n = 5
	keys, digests, sigs := make([]PublicKey, n), make([][32]byte, n), make([][65]byte, n)
	for i := range n {
		digests[i] = keccak.Sum256([]byte{byte(i)})
		sigs[i] = privateKey(t, fmt.Sprint(i+1)).Sign(digests[i])
	}
	sigs[2][64] = 9
	Recovers(keys, digests, sigs)
	for i, got := range keys {
		want := privateKey(t, fmt.Sprint(i+1)).Public()
		if i == 2 {
			want = PublicKey{}
		}
		if got != want {
			t.Errorf("signature %d: %x, want %x", i, got, want)
		}
	}
}
