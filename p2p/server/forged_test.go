// SPDX-License-Identifier: Apache-2.0

package server

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/internal/test/bubble"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/rlp"
)

// forgeAuth makes an auth packet for `to` in the name of `claimed`, without a private key of either.
func forgeAuth(t *testing.T, to, claimed ecc.PublicKey) []byte {
	t.Helper()
	throwaway, _ := ecc.NewPrivateKey(rand.Reader)
	var digest, nonce [32]byte
	rand.Read(digest[:])
	rand.Read(nonce[:])
	sig := throwaway.Sign(digest) // of anything
	key := claimed.Bytes()
	plain, list := rlp.OpenList(nil)
	plain = rlp.AppendBytes(plain, sig[:])
	plain = rlp.AppendBytes(plain, key[:])
	plain = rlp.AppendBytes(plain, nonce[:])
	plain = rlp.AppendUint64(plain, 4)
	plain = rlp.CloseList(plain, list)
	plain = append(plain, make([]byte, 120)...)

	prefix := binary.BigEndian.AppendUint16(nil, uint16(len(plain)+65+16+32))
	eph, _ := ecc.NewPrivateKey(rand.Reader)
	x, err := eph.SharedX(to)
	if err != nil {
		t.Fatal(err)
	}
	both := sha256.Sum256(append([]byte{0, 0, 0, 1}, x[:]...))
	mac := sha256.Sum256(both[16:])
	iv := make([]byte, 16)
	rand.Read(iv)
	block, _ := aes.NewCipher(both[:16])
	ct := make([]byte, len(plain))
	cipher.NewCTR(block, iv).XORKeyStream(ct, plain)
	h := hmac.New(sha256.New, mac[:])
	h.Write(iv)
	h.Write(ct)
	h.Write(prefix)
	xy := eph.Public().Bytes()
	out := append(prefix, 4)
	out = append(out, xy[:]...)
	out = append(out, iv...)
	out = append(out, ct...)
	return h.Sum(out)
}

// An auth packet can be made in the name of any node (devp2p/rlpx.md#initial-handshake). If such a handshake
// fails, that node is not at fault: no event names it, and it is dialled as before.
func TestForgedHandshakesBlameNoNode(t *testing.T) {
	for _, garbage := range []int{0, 500} {
		bubble.Test(t, func(t *testing.T) {
			victim := nodeAt(t, 1, "198.51.100.77")
			streets, source, db := newStreets(), make(endless), dbOf(t, nil)
			b := newBench(t, func(c *Config) {
				c.Candidates, c.Dial, c.Reputation = source, streets.dial, nodedb.NewReputation(db)
			})
			for i := range 12 {
				stream := b.connect(fmt.Sprintf("203.0.%d.1:1000", i)) // another address each: 30 s throttle
				if _, err := stream.Write(forgeAuth(t, b.key.Public(), victim.Key)); err != nil {
					t.Fatal(err)
				}
				go io.Copy(io.Discard, stream) // the ack and our Hello
				synctest.Wait()
				if garbage > 0 {
					_, _ = stream.Write(make([]byte, garbage))
				}
				stream.Close()
				synctest.Wait()
				time.Sleep(time.Second) // in a bubble
			}
			b.mu.Lock()
			if len(b.events) != 12 {
				t.Errorf("%d ends were told", len(b.events))
			}
			for _, e := range b.events {
				if e.Peer != (enr.ID{}) {
					t.Errorf("an event names the victim: %+v", e)
				}
			}
			b.mu.Unlock()
			source <- victim
			synctest.Wait()
			if e, known := db.Get(victim.ID()); len(streets.hosts()) != 1 || known {
				t.Errorf("dialled %v; remembered: %+v", streets.hosts(), e)
			}
		})
	}
}

// A forged handshake that hangs does not delay the dial of the node that it names.
func TestForgedHandshakeDelaysNoDial(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		victim, streets, source := nodeAt(t, 1, "198.51.100.77"), newStreets(), make(endless)
		b := newBench(t, func(c *Config) { c.Candidates, c.Dial = source, streets.dial })
		stream := b.connect("203.0.113.1:1000")
		if _, err := stream.Write(forgeAuth(t, b.key.Public(), victim.Key)); err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, stream)
		synctest.Wait()
		source <- victim
		synctest.Wait()
		if got := streets.times(); len(got) != 1 || got[0] != 0 {
			t.Errorf("dialled at %v, want at once", got)
		}
	})
}

// known returns the server's knowledge of nodes, as text.
func (b *bench) known(db *nodedb.DB) string {
	all := b.Peers()
	for i := range all {
		all[i].Received, all[i].Sent = 0, 0 // pings
	}
	return fmt.Sprint(all, db.All(), len(b.admission.peers), b.admission.inbound, b.admission.trusted, b.admission.static)
}

// Attack: for an hour a stranger forges handshakes in the names of a peer, a static node, a trusted node, a
// remembered node, an unknown node, and ourselves. No judgement of a node changes, no event names one, and
// the stranger sees no difference between them.
func TestForgingForAnHour(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		peer, static, trusted, remembered := mustKey(t), nodeAt(t, 2, "9.9.9.9"), nodeAt(t, 3, "9.9.8.8"), nodeAt(t, 4, "9.9.7.7")
		db := dbOf(t, map[enr.ID]time.Duration{remembered.ID(): 2 * time.Hour})
		b := newBench(t, func(c *Config) {
			c.Static, c.Trusted, c.NoDial, c.Reputation = []enr.Node{static}, []enr.ID{trusted.ID()}, true, nodedb.NewReputation(db)
		})
		go b.peer(wan, peer).live()
		synctest.Wait()
		before := b.known(db)
		names := []ecc.PublicKey{peer.Public(), static.Key, trusted.Key, remembered.Key, mustKey(t).Public(), b.key.Public()}
		rounds := 60 // of a minute
		// Fewer minutes with the race detector, which makes the cryptography of each handshake ten times slower.
		if bubble.Race {
			rounds = 12
		}
		for round := range rounds {
			for i, name := range names {
				stream := b.connect(fmt.Sprintf("%d.%d.1.1:1000", 20+round, i)) // a network of its own: none is full
				if _, err := stream.Write(forgeAuth(t, b.key.Public(), name)); err != nil {
					t.Fatal(err)
				}
				began, ended := time.Now(), make(chan time.Duration, 1)
				go func() {
					_, _ = io.Copy(io.Discard, stream)
					ended <- time.Since(began)
				}()
				synctest.Wait()
				switch round % 3 {
				case 0: // it hangs
					if lasted := <-ended; lasted != setupTimeout {
						t.Errorf("name %d: the handshake ends after %v", i, lasted)
					}
				case 1:
					_, _ = stream.Write(make([]byte, 500))
				}
				stream.Close()
				time.Sleep(5 * time.Second) // in a bubble
			}
			time.Sleep(30 * time.Second) // in a bubble
		}
		if after := b.known(db); after != before {
			t.Errorf("what is known was\n%s\nand is\n%s", before, after)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range b.events[1:] {
			if e.Inbound && (e.Peer != enr.ID{} || e.Static || e.Stage != event.StageHello || e.Reason != "") {
				t.Fatalf("told is %+v", e)
			}
		}
	})
}
