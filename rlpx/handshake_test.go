// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/internal/keccak"
	"github.com/ethpeer/ethpeer/internal/test/vectors"
	"github.com/ethpeer/ethpeer/rlp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The packets of EIP-8, in both formats, with and without extras (row 32).
func TestEIP8Packets(t *testing.T) {
	v := vectors.Read(t, "eip8.txt")
	a, b := v.PrivateKey(t, "static-a"), v.PrivateKey(t, "static-b")
	ephemeralA, ephemeralB := v.PrivateKey(t, "ephemeral-a"), v.PrivateKey(t, "ephemeral-b")

	for _, name := range []string{"auth1", "auth2", "auth3"} {
		plain, legacy, err := openPacket(name, b, v[name], legacyAuthSize)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := name == "auth1"; legacy != want {
			t.Errorf("%s: legacy is %v", name, legacy)
		}
		got, err := parseAuth(plain, legacy)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.key != a.Public() || !bytes.Equal(got.nonce[:], v["nonce-a"]) {
			t.Errorf("%s: key %x, nonce %x", name, got.key, got.nonce)
		}
		if name != "auth1" && !bytes.Equal(got.signature[:], v["signature-a"]) {
			t.Errorf("%s: signature %x", name, got.signature)
		}
		if ephemeral, err := got.ephemeral(b); err != nil || ephemeral != ephemeralA.Public() {
			t.Errorf("%s: ephemeral key %x, %v", name, ephemeral, err)
		}
	}
	for _, name := range []string{"ack1", "ack2", "ack3"} {
		plain, legacy, err := openPacket(name, a, v[name], legacyAckSize)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := name == "ack1"; legacy != want {
			t.Errorf("%s: legacy is %v", name, legacy)
		}
		got, err := parseAck(plain, legacy)
		if err != nil || got.ephemeral != ephemeralB.Public() || !bytes.Equal(got.nonce[:], v["nonce-b"]) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// Every auth is answered, and the answer carries the values that the specification's B
// draws.
func TestEIP8Answers(t *testing.T) {
	v := vectors.Read(t, "eip8.txt")
	a, b := v.PrivateKey(t, "static-a"), v.PrivateKey(t, "static-b")
	for _, name := range []string{"auth1", "auth2", "auth3"} {
		draws := io.MultiReader(bytes.NewReader(v["ephemeral-b"]), bytes.NewReader(v["nonce-b"]), testRand(9))
		remote, packet, keys, err := AnswerAuth(draws, b, v[name])
		if err != nil || remote != a.Public() {
			t.Errorf("%s: %x, %v", name, remote, err)
			continue
		}
		i := &Initiator{key: a, ephemeral: v.PrivateKey(t, "ephemeral-a"), nonce: [32]byte(v["nonce-a"]), auth: v[name]}
		theirs, err := i.Finish(packet)
		if err != nil {
			t.Errorf("%s: our answer: %v", name, err)
			continue
		}
		if keys.aes != theirs.aes || keys.mac != theirs.mac {
			t.Errorf("%s: the two sides have different keys", name)
		}
		// What A and B share does not depend on the packets: it is that of the vectors.
		if !bytes.Equal(keys.aes[:], v["aes"]) || !bytes.Equal(keys.mac[:], v["mac"]) {
			t.Errorf("%s: aes %x, mac %x", name, keys.aes, keys.mac)
		}
	}
}

func TestEIP8Secrets(t *testing.T) {
	v := vectors.Read(t, "eip8.txt")
	x, err := v.PrivateKey(t, "ephemeral-b").SharedX(v.PrivateKey(t, "ephemeral-a").Public())
	if err != nil {
		t.Fatal(err)
	}
	k := derive(false, transcript{x, [32]byte(v["nonce-a"]), [32]byte(v["nonce-b"]), v["auth2"], v["ack2"]})
	if !bytes.Equal(k.aes[:], v["aes"]) || !bytes.Equal(k.mac[:], v["mac"]) {
		t.Errorf("aes %x, mac %x", k.aes, k.mac)
	}
	k.ingress.Write([]byte("foo"))
	if got := k.ingress.Sum(nil); !bytes.Equal(got, v["ingress-foo"]) {
		t.Errorf("ingress digest after foo %x, want %x", got, v["ingress-foo"])
	}
}

// legacyAuth returns what an initiator from before EIP-8 sends, and that initiator.
func legacyAuth(t testing.TB, key *ecc.PrivateKey, remote ecc.PublicKey) (*Initiator, []byte) {
	t.Helper()
	staticX, err := key.SharedX(remote)
	if err != nil {
		t.Fatal(err)
	}
	ephemeral, nonce, err := drawSession(testRand(5))
	if err != nil {
		t.Fatal(err)
	}
	sig, ephemeralKey, static := ephemeral.Sign(signed(staticX, nonce)), ephemeral.Public().Bytes(), key.Public().Bytes()
	hash := keccak.Sum256(ephemeralKey[:])
	plain := bytes.Join([][]byte{sig[:], hash[:], static[:], nonce[:], {0}}, nil)
	packet, err := sealECIES(nil, testRand(6), remote, plain, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Initiator{key: key, ephemeral: ephemeral, nonce: nonce, auth: packet}, packet
}

// A legacy auth of 307 bytes is answered with a legacy ack of 210 (row 33), and the
// connection works.
func TestLegacyIsAnsweredInKind(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	i, packet := legacyAuth(t, a, b.Public())
	if len(packet) != 307 {
		t.Fatalf("the auth has %d bytes", len(packet))
	}
	remote, answer, recipient, err := AnswerAuth(testRand(7), b, packet)
	if err != nil || remote != a.Public() {
		t.Fatalf("%x, %v", remote, err)
	}
	if len(answer) != 210 || !isLegacy(answer) {
		t.Errorf("the answer has %d bytes, legacy %v", len(answer), isLegacy(answer))
	}
	initiator, err := i.Finish(answer)
	if err != nil {
		t.Fatal(err)
	}
	checkConnected(t, initiator, recipient)
}

func TestEIP8IsAnsweredInKind(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	_, packet, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, answer, _, err := AnswerAuth(testRand(4), b, packet)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string][]byte{"auth": packet, "ack": answer} {
		if isLegacy(p) || int(p[0])<<8|int(p[1]) != len(p)-2 {
			t.Errorf("the %s begins with %x and has %d bytes", name, p[:2], len(p))
		}
	}
	initiator, recipient := handshake(t)
	checkConnected(t, initiator, recipient)
}

// checkConnected sends a message in each direction.
func checkConnected(t *testing.T, initiator, recipient Keys) {
	t.Helper()
	for _, direction := range []struct{ from, to Keys }{{initiator, recipient}, {recipient, initiator}} {
		frame, err := NewSealer(direction.from).Seal(nil, Message{Code: 16, Raw: []byte("hello")})
		if err != nil {
			t.Fatal(err)
		}
		code, payload, rest, err := open(NewOpener(direction.to), frame)
		if err != nil || code != 16 || string(payload) != "hello" || len(rest) != 0 {
			t.Errorf("got %d, %q, %v", code, payload, err)
		}
	}
}

// A recipient must accept any version, further elements, and bytes after the list (row 32);
// an initiator likewise.
func TestExtrasAreAccepted(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	i, _, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	staticX, err := a.SharedX(b.Public())
	if err != nil {
		t.Fatal(err)
	}
	signature, key := i.ephemeral.Sign(signed(staticX, i.nonce)), a.Public().Bytes()
	dst, list := rlp.OpenList(nil)
	dst = rlp.AppendBytes(dst, signature[:])
	dst = rlp.AppendBytes(dst, key[:])
	dst = rlp.AppendBytes(dst, i.nonce[:])
	dst = appendExtras(dst, list)
	if i.auth, err = sealPacket(testRand(5), b.Public(), dst); err != nil {
		t.Fatal(err)
	}
	remote, _, _, err := AnswerAuth(testRand(4), b, i.auth)
	if err != nil || remote != a.Public() {
		t.Fatalf("the auth gives %x, %v", remote, err)
	}

	ephemeral := testKey(t, 6)
	key = ephemeral.Public().Bytes()
	dst, list = rlp.OpenList(nil)
	dst = rlp.AppendBytes(dst, key[:])
	dst = rlp.AppendBytes(dst, make([]byte, 32))
	dst = appendExtras(dst, list)
	packet, err := sealPacket(testRand(5), a.Public(), dst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Finish(packet); err != nil {
		t.Errorf("the ack gives %v", err)
	}
}

func appendExtras(dst []byte, list int) []byte {
	dst = rlp.AppendUint64(dst, 99)
	dst = rlp.AppendString(dst, "one more")
	dst = append(dst, 0xc2, 0x01, 0xc0)
	dst = rlp.CloseList(dst, list)
	return append(dst, 0xff, 0xb8, 0x00) // no RLP at all
}

// A fixed random source gives the same packets and frames for ever.
func TestGolden(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	i, packet, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, answer, _, err := AnswerAuth(testRand(4), b, packet)
	if err != nil {
		t.Fatal(err)
	}
	initiator, err := i.Finish(answer)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	line := func(name string, b []byte) { fmt.Fprintf(&out, "%s = %x\n", name, b) }
	line("auth", packet)
	line("ack", answer)
	line("aes", initiator.aes[:])
	line("mac", initiator.mac[:])
	sealer := NewSealer(initiator)
	for n, m := range []Message{
		{Raw: []byte("first")},
		{Code: 0x1ff},
		{Code: 200, Chunks: []*Chunk{NewChunk(make([]byte, 40))}},
	} {
		sealer.SetSnappy(n == 2)
		frame, err := sealer.Seal(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		line(fmt.Sprintf("frame-%d", n+1), frame)
	}
	const file = "testdata/golden.txt"
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("now\n%s\nwas\n%s", out.String(), want)
	}
}

// Each random value is drawn: two handshakes of the same nodes share no bytes, and their
// packets vary in length.
func TestHandshakesDiffer(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	sizes := map[int]bool{}
	for seed := range byte(40) {
		_, packet, err := StartInitiator(testRand(seed), a, b.Public())
		if err != nil {
			t.Fatal(err)
		}
		// 169 bytes of list, and the overhead of the encryption.
		if padding := len(packet) - prefixSize - eciesOverhead - 169; padding < 100 || padding > 299 {
			t.Errorf("padding of %d bytes", padding)
		}
		sizes[len(packet)] = true
	}
	if len(sizes) < 20 {
		t.Errorf("40 packets have only %d sizes", len(sizes))
	}
}

func TestNoRandomness(t *testing.T) {
	a, b := testKey(t, 1), testKey(t, 2)
	_, packet, err := StartInitiator(testRand(3), a, b.Public())
	if err != nil {
		t.Fatal(err)
	}
	_, legacy := legacyAuth(t, a, b.Public())
	// A key, a nonce, the padding, another key, an IV; no padding in the legacy answer.
	for _, n := range []int{0, 31, 32, 63, 64, 65, 66, 97, 98, 111} {
		r := io.LimitReader(testRand(3), int64(n))
		if _, _, err := StartInitiator(r, a, b.Public()); !isEOF(err) {
			t.Errorf("initiator with %d random bytes: %v", n, err)
		}
		r = io.LimitReader(testRand(3), int64(n))
		if _, _, _, err := AnswerAuth(r, b, packet); !isEOF(err) {
			t.Errorf("recipient with %d random bytes: %v", n, err)
		}
		r = io.LimitReader(testRand(3), int64(n))
		if _, _, _, err := AnswerAuth(r, b, legacy); !isEOF(err) {
			t.Errorf("legacy recipient with %d random bytes: %v", n, err)
		}
	}
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func TestStartWithoutKey(t *testing.T) {
	if _, _, err := StartInitiator(testRand(3), testKey(t, 1), ecc.PublicKey{}); !errors.Is(err, ErrMisuse) {
		t.Errorf("error %v", err)
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	k, _ := handshake(t)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(format, k); s != "rlpx.Keys(secret)" {
			t.Errorf("%s prints %s", format, s)
		}
	}
}
