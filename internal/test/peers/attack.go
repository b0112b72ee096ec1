// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"math/rand/v2"
	"net"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/rlp"
)

// Round is the time between two rounds of an attack, where nothing else sets it.
const Round = 100 * time.Millisecond

// An Attack is one way to be hostile. It acts in rounds, so that its rate is bounded.
type Attack struct {
	Name    string
	Quiet   bool // it breaks no rule that one message shows
	Version wire.Version
	Times   int  // actions in a burst
	Every   int  // rounds between bursts
	Deaf    bool // never reads
	Mute    bool // sends no Status
	Peers   int  // that play it in a [Siege]; 0 = 1

	Together bool // its peers are in one network

	// Say acts once on a session. An error means that the session is over.
	Say func(a *Attacker) error
	// Hear takes each message of the node. Nil drops them.
	Hear func(a *Attacker, code uint64, payload []byte) error
	// Status changes what the attacker says of itself. Nil = it is at the genesis block.
	Status func(a *Attacker, s *wire.Status)

	// Knock acts once, in place of a session: it opens streams itself, and closes them.
	Knock func(a *Attacker) error

	// Ends is how the node ends its sessions. The zero value: not before the node stops.
	Ends p2p.Verdict
	// Also is how the node may end some of them.
	Also p2p.Verdict
}

// An Attacker is one hostile peer at work. Owner: the goroutine that plays it, and for what Hear uses the one that reads.
type Attacker struct {
	*Conn // nil between two sessions
	Rand  *rand.ChaCha8
	Round int
	Delay int // rounds, so that not all bursts of an attack are one
	Big   int // items in the largest messages

	Chain  *params.Chain
	Honest *Blocks                  // what honest peers have; nil = only the genesis block
	Node   ecc.PublicKey            // the node's key, and
	Open   func() (net.Conn, error) // a stream to it, for Knock
	Go     func(func())             // runs what reads; nil = on a goroutine of which nothing waits for the end

	fake *Block   // the newest block of a branch of its own
	kept *kept    // what Hear serves
	made [][]byte // blocks that take long to make

	point []byte // the x coordinate of a point, made with the first transaction
}

// Act plays the attack's part of a round, and returns the first error. The attacker must be connected, unless the attack is
// a Knock.
func (k *Attack) Act(a *Attacker) error {
	if !k.Due(a) {
		return nil
	}
	for range k.Times {
		act := k.Say
		if k.Knock != nil {
			act = k.Knock
		}
		if err := act(a); err != nil {
			return err
		}
	}
	return nil
}

// Due reports whether the attacker acts in its round.
func (k *Attack) Due(a *Attacker) bool { return (a.Round+a.Delay)%k.Every == 0 }

// Join begins a session: it reads, unless the attack is deaf, and sends its Status, unless it is mute.
func (k *Attack) Join(a *Attacker, c *Conn) {
	a.Conn = c
	a.kept = newKept()
	read := c.Discard
	if k.Hear != nil {
		heard := *a // of this session: Conn changes with the next
		read = func() { k.listen(&heard, c) }
	}
	switch {
	case k.Deaf:
	case a.Go == nil:
		go read()
	default:
		a.Go(read)
	}
	if !k.Mute {
		s := c.Status()
		if k.Status != nil {
			k.Status(a, s)
		}
		_ = c.Tell(wire.KindStatus, s.Append(nil, c.version)) // if it fails, so does what comes next
	}
}

func (k *Attack) listen(a *Attacker, c *Conn) {
	for {
		code, payload, err := c.Read()
		if err != nil {
			return
		}
		if k.Hear(a, code, payload) != nil {
			return
		}
	}
}

// head returns the block that honest peers have last.
func (a *Attacker) head() *Block {
	if a.Honest != nil {
		return a.Honest.Head()
	}
	b, err := NewBlocks(a.Chain)
	if err != nil {
		panic(err) // a fault of the test
	}
	return b.Head()
}

func (a *Attacker) bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = a.Rand.Read(b) // never fails
	return b
}

func (a *Attacker) key() *ecc.PrivateKey {
	for {
		if key, err := ecc.ParsePrivateKey(a.bytes(32)); err == nil {
			return key
		}
	}
}

// Attacks are all of them: the rude, the quiet, and those before a session. Each has a name of its own.
func Attacks() []Attack { return append(append(rude(), quiet()...), knocks()...) }

// ListOf returns an RLP list of raw items.
func ListOf(items ...[]byte) []byte {
	dst, list := rlp.OpenList(nil)
	for _, item := range items {
		dst = append(dst, item...)
	}
	return rlp.CloseList(dst, list)
}
