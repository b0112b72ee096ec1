// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	gethrlpx "github.com/ethereum/go-ethereum/p2p/rlpx"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlpx"
)

// conn is our side of a connection, blocking.
type conn struct {
	net.Conn
	sealer *rlpx.Sealer
	opener *rlpx.Opener
}

func newConn(c net.Conn, keys rlpx.Keys, snappy bool) *conn {
	n := &conn{c, rlpx.NewSealer(keys), rlpx.NewOpener(keys)}
	n.sealer.SetSnappy(snappy)
	n.opener.SetSnappy(snappy)
	return n
}

// readPacket reads a handshake packet of whatever format.
func readPacket(r io.Reader, needs func([]byte) (int, error)) ([]byte, error) {
	var b []byte
	for {
		more, err := needs(b)
		if more == 0 || err != nil {
			return b, err
		}
		b = append(b, make([]byte, more)...)
		if _, err := io.ReadFull(r, b[len(b)-more:]); err != nil {
			return nil, err
		}
	}
}

func dial(c net.Conn, key *ecc.PrivateKey, remote ecc.PublicKey) (rlpx.Keys, error) {
	i, auth, err := rlpx.StartInitiator(rand.Reader, key, remote)
	if err != nil {
		return rlpx.Keys{}, err
	}
	if _, err := c.Write(auth); err != nil {
		return rlpx.Keys{}, err
	}
	ack, err := readPacket(c, rlpx.AckNeeds)
	if err != nil {
		return rlpx.Keys{}, err
	}
	return i.Finish(ack)
}

func answer(c net.Conn, key *ecc.PrivateKey, want ecc.PublicKey) (rlpx.Keys, error) {
	auth, err := readPacket(c, rlpx.AuthNeeds)
	if err != nil {
		return rlpx.Keys{}, err
	}
	remote, ack, keys, err := rlpx.AnswerAuth(rand.Reader, key, auth)
	if err != nil {
		return rlpx.Keys{}, err
	}
	if remote != want {
		return rlpx.Keys{}, fmt.Errorf("the initiator is %x, want %x", remote.Bytes(), want.Bytes())
	}
	_, err = c.Write(ack)
	return keys, err
}

func (c *conn) send(m rlpx.Message) error {
	frame, err := c.sealer.Seal(nil, m)
	if err != nil {
		return err
	}
	_, err = c.Write(frame)
	return err
}

func (c *conn) receive() (code uint64, payload []byte, err error) {
	head := make([]byte, rlpx.HeaderSize)
	if _, err := io.ReadFull(c, head); err != nil {
		return 0, nil, err
	}
	rest, err := c.opener.Header(head)
	if err != nil {
		return 0, nil, err
	}
	body := make([]byte, rest)
	if _, err := io.ReadFull(c, body); err != nil {
		return 0, nil, err
	}
	frame, err := c.opener.Body(body)
	if err != nil {
		return 0, nil, err
	}
	return c.opener.Message(frame)
}

// TestRLPxBothDirections: geth dials us and we dial geth; then both send messages of all
// sizes, with and without snappy, whole and in chunks, and both read the same.
func TestRLPxBothDirections(t *testing.T) {
	for _, snappy := range []bool{false, true} {
		for _, weDial := range []bool{false, true} {
			t.Run(fmt.Sprintf("snappy=%v,weDial=%v", snappy, weDial), func(t *testing.T) {
				ours, theirs := connect(t, weDial)
				ours.sealer.SetSnappy(snappy)
				ours.opener.SetSnappy(snappy)
				theirs.SetSnappy(snappy)
				for i, payload := range payloads(t) {
					exchange(t, ours, theirs, uint64(i*37), payload)
				}
			})
		}
	}
}

// connect shakes hands over a pipe.
func connect(t *testing.T, weDial bool) (*conn, *gethrlpx.Conn) {
	t.Helper()
	gethKey, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	gethPub, err := ecc.ParsePublicKey(crypto.FromECDSAPub(&gethKey.PublicKey)[1:])
	if err != nil {
		t.Fatal(err)
	}
	xy := key.Public().Bytes()
	pub, err := crypto.UnmarshalPubkey(append([]byte{4}, xy[:]...))
	if err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	deadline := time.Now().Add(30 * time.Second)
	a.SetDeadline(deadline)
	b.SetDeadline(deadline)
	theirs := gethrlpx.NewConn(b, nil)
	if !weDial {
		theirs = gethrlpx.NewConn(b, pub)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	done := make(chan error, 1)
	go func() {
		remote, err := theirs.Handshake(gethKey)
		if err == nil && !remote.Equal(pub) {
			err = errors.New("geth thinks that we are somebody else")
		}
		done <- err
	}()
	var keys rlpx.Keys
	if weDial {
		keys, err = dial(a, key, gethPub)
	} else {
		keys, err = answer(a, key, gethPub)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return newConn(a, keys, false), theirs
}

// exchange sends a payload both ways, from us once raw and once half in chunks.
func exchange(t *testing.T, ours *conn, theirs *gethrlpx.Conn, code uint64, payload []byte) {
	t.Helper()
	half := len(payload) / 2
	for _, m := range []rlpx.Message{
		{Code: code, Raw: payload},
		{Code: code, Raw: payload[:half], Chunks: []*rlpx.Chunk{rlpx.NewChunk(payload[half:])}},
	} {
		sent := make(chan error, 1)
		go func() { sent <- ours.send(m) }()
		got, data, _, err := theirs.Read()
		if err != nil || got != code || !bytes.Equal(data, payload) {
			t.Fatalf("geth reads code %d and %d bytes (%v), want code %d and %d bytes", got, len(data), err, code, len(payload))
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
	sent := make(chan error, 1)
	go func() { _, err := theirs.Write(code, payload); sent <- err }()
	got, data, err := ours.receive()
	if err != nil || got != code || !bytes.Equal(data, payload) {
		t.Fatalf("we read code %d and %d bytes (%v), want code %d and %d bytes", got, len(data), err, code, len(payload))
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// payloads are of sizes around the padding, of words that compress and noise that does not,
// up to the limit of eth.
func payloads(t *testing.T) [][]byte {
	t.Helper()
	noise := make([]byte, 10<<20)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	words := bytes.Repeat([]byte("a transaction like many others. "), 10<<15)
	var all [][]byte
	for _, n := range []int{0, 1, 13, 14, 15, 16, 17, 31, 32, 100, 4096, 65535, 65536, 65537, 1 << 20, 10 << 20} {
		all = append(all, noise[:n], words[:n])
	}
	return all
}
