// SPDX-License-Identifier: Apache-2.0

package nodedb

import (
	"errors"
	"math"
	"net/netip"
	"time"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/rlp"
)

// The first byte of every value. A value of an unknown version is dropped.
const (
	version = 2 // what is written

	noContext = 1 // of earlier releases, without a context
)

// maxCause bounds the text of a cause, in bytes.
const maxCause = 256

// Errors of values.
var (
	errVersion = errors.New("nodedb: value of another version")
	errValue   = errors.New("nodedb: value makes no sense")
)

// encode writes an entry without its ID, which is the database key: a version byte and the list
//
//	[record-or-empty, key, ip, tcp, udp, last-pong, last-up,
//	 useful, score, score-at, not-before, cause, network-id, genesis]
//
// with times in UNIX seconds, 0 for never, and the score as the bits of a float64. The last two elements are
// the context. A record is stored as RLP (devp2p/enr.md#rlp-encoding).
func (e *Entry) encode() []byte {
	dst := []byte{version}
	dst, list := rlp.OpenList(dst)
	var record, ip []byte
	if e.Node.Record != nil {
		record = e.Node.Record.Raw()
	}
	if e.Node.IP.IsValid() {
		ip = e.Node.IP.AsSlice()
	}
	key := e.Node.Key.Bytes()
	dst = rlp.AppendBytes(dst, record)
	dst = rlp.AppendBytes(dst, key[:])
	dst = rlp.AppendBytes(dst, ip)
	for _, n := range []uint64{
		uint64(e.Node.TCP), uint64(e.Node.UDP), seconds(e.LastPong), seconds(e.LastUp), uint64(max(e.Useful, 0)),
		math.Float64bits(e.Score), seconds(e.ScoreAt), seconds(e.NotBefore),
	} {
		dst = rlp.AppendUint64(dst, n)
	}
	dst = rlp.AppendBytes(dst, []byte(e.Cause[:min(len(e.Cause), maxCause)]))
	dst = rlp.AppendUint64(dst, e.Context.NetworkID)
	dst = rlp.AppendBytes(dst, e.Context.Genesis[:])
	return rlp.CloseList(dst, list)
}

func seconds(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(t.Unix(), 0))
}

// decode reads what encode wrote. The values' slices are copied.
func decode(id enr.ID, b []byte) (Entry, error) {
	if len(b) == 0 || b[0] != version && b[0] != noContext {
		return Entry{}, errVersion
	}
	e := Entry{ID: id}
	c := rlp.Read(b[1:])
	c.List("entry")
	record, key, ip := c.Bytes("record"), c.Bytes("key"), c.Bytes("ip")
	tcp, udp := c.Uint64("tcp"), c.Uint64("udp")
	e.LastPong, e.LastUp = at(c.Uint64("last-pong")), at(c.Uint64("last-up"))
	useful := c.Uint64("useful")
	e.Score = math.Float64frombits(c.Uint64("score"))
	e.ScoreAt, e.NotBefore = at(c.Uint64("score-at")), at(c.Uint64("not-before"))
	cause := c.Bytes("cause")
	if b[0] == version {
		e.Context.NetworkID = c.Uint64("network-id")
		c.Fixed("genesis", e.Context.Genesis[:])
	}
	c.End()
	if err := c.Done(); err != nil {
		return Entry{}, err
	}
	if tcp > math.MaxUint16 || udp > math.MaxUint16 || useful > math.MaxInt64 || len(cause) > maxCause ||
		math.IsNaN(e.Score) || math.IsInf(e.Score, 0) {
		return Entry{}, errValue
	}
	e.Useful, e.Cause = time.Duration(useful), string(cause)
	return e, e.place(record, key, ip, uint16(tcp), uint16(udp))
}

// place reads the node's key and endpoint.
func (e *Entry) place(record, key, ip []byte, tcp, udp uint16) error {
	if len(record) > 0 {
		r, err := enr.Decode(record)
		if err != nil || r.ID() != e.ID {
			return errValue
		}
		e.Node = r.Node()
		return nil
	}
	if len(key) != 64 {
		return errValue
	}
	if [64]byte(key) != [64]byte{} {
		var err error
		if e.Node.Key, err = ecc.ParsePublicKey(key); err != nil || enr.IDOf(e.Node.Key) != e.ID {
			return errValue
		}
	}
	if len(ip) > 0 {
		var ok bool
		if e.Node.IP, ok = netip.AddrFromSlice(ip); !ok {
			return errValue
		}
	}
	e.Node.TCP, e.Node.UDP = tcp, udp
	return nil
}

func at(seconds uint64) time.Time {
	if seconds == 0 || seconds > math.MaxInt32*64 { // far beyond any time that encode writes
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}
