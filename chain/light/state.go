// SPDX-License-Identifier: Apache-2.0

package light

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// magic begins a stored state, and names its version.
const magic = "ethpeer light 1\n"

// maxState bounds a stored state, bytes: two committees of 512.
const maxState = 64 << 10

// AppendState appends what Resume needs: about 50 KB for committees of 512, with a checksum.
func (c *Client) AppendState(b []byte) []byte {
	from := len(b)
	b = append(b, magic...)
	b = append(b, c.network.ValidatorsRoot[:]...)
	b = append(b, c.checkpoint[:]...)
	b = binary.BigEndian.AppendUint64(b, c.period)
	for _, h := range []Head{c.head, c.finalized} {
		b = binary.BigEndian.AppendUint64(b, h.Slot)
		b = append(b, h.Root[:]...)
		b = append(b, h.Hash[:]...)
		b = binary.BigEndian.AppendUint64(b, h.Number)
		b = binary.BigEndian.AppendUint16(b, uint16(h.Votes))
	}
	b = appendCommittee(b, &c.current.raw)
	switch {
	case c.next == nil:
		b = append(b, 0)
	case c.settled:
		b = appendCommittee(append(b, 2), &c.next.raw)
	default:
		b = appendCommittee(append(b, 1), &c.next.raw)
	}
	sum := sha256.Sum256(b[from:])
	return append(b, sum[:]...)
}

func appendCommittee(b []byte, c *Committee) []byte {
	for i := range c.Keys {
		b = append(b, c.Keys[i][:]...)
	}
	return append(b, c.Aggregate[:]...)
}

// ErrState is the error of Resume for bytes that are not a whole, undamaged state of the network.
var ErrState = errors.New("light: the stored state is damaged, or of another network")

// Resume goes on from a state that AppendState wrote. The state is trusted as the checkpoint is: it must come from where
// only the operator writes. It shares nothing with b.
func Resume(n *Network, b []byte) (*Client, error) {
	sum := len(b) - sha256.Size
	if len(b) > maxState || sum < 0 || sha256.Sum256(b[:max(sum, 0)]) != [32]byte(b[max(sum, 0):]) {
		return nil, ErrState
	}
	in := stateReader{left: b[:sum]}
	var validators Root
	c := &Client{network: *n}
	in.magic()
	in.root(&validators)
	in.root(&c.checkpoint)
	c.period = in.uint64()
	for _, h := range []*Head{&c.head, &c.finalized} {
		h.Slot = in.uint64()
		in.root(&h.Root)
		in.root((*Root)(&h.Hash))
		h.Number = in.uint64()
		h.Votes = int(binary.BigEndian.Uint16(in.take(2)))
	}
	size := n.Preset.CommitteeSize
	current := in.committee(size)
	kind := in.take(1)[0]
	var next *Committee
	if kind > 0 {
		next, c.settled = in.committee(size), kind == 2
	}
	if in.bad || len(in.left) > 0 || kind > 2 || validators != n.ValidatorsRoot {
		return nil, ErrState
	}
	var err error
	if c.current, err = newSigners(current, size); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	if next == nil {
		return c, nil
	}
	if c.next, err = newSigners(next, size); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrState, err)
	}
	return c, nil
}

// A stateReader reads a stored state; after its end it reads zeros.
type stateReader struct {
	left []byte
	bad  bool
}

func (r *stateReader) take(n int) []byte {
	if len(r.left) < n {
		r.bad, r.left = true, nil
		return make([]byte, n)
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

func (r *stateReader) magic() { r.bad = !bytes.Equal(r.take(len(magic)), []byte(magic)) }

func (r *stateReader) root(to *Root) { copy(to[:], r.take(len(to))) }

func (r *stateReader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

func (r *stateReader) committee(size int) *Committee {
	c := &Committee{Keys: make([][48]byte, size)}
	for i := range c.Keys {
		copy(c.Keys[i][:], r.take(48))
	}
	copy(c.Aggregate[:], r.take(48))
	return c
}
