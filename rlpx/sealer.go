// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// in: messages · out: frames · owner: one goroutine, the peer's writer
//
// A frame is  header(16) ‖ MAC(16) ‖ code ‖ payload ‖ zeros to a multiple of 16 ‖ MAC(16).
// The header is the size of code ‖ payload in three bytes, and header-data, which receivers ignore
// (devp2p/rlpx.md#framing).

// HeaderSize is how many bytes [Opener.Header] takes: a frame's header and its MAC.
const HeaderSize = blockBytes + macSize

const blockBytes = aes.BlockSize

// trailer is the most that follows a frame's content: padding and MAC.
const trailer = blockBytes - 1 + macSize

// headerData is the rest of every header: [capability-id, context-id], both always 0
// (devp2p/rlpx.md#framing).
var headerData = [3]byte{0xc2, 0x80, 0x80}

// A Sealer makes the frames of one direction of a connection. One goroutine owns it.
type Sealer struct {
	stream cipher.Stream
	mac    frameMAC
	snappy bool
}

// NewSealer returns the Sealer of a handshake's keys. Call it once for the same keys.
func NewSealer(k Keys) *Sealer {
	return &Sealer{stream: newStream(k.aes), mac: newFrameMAC(k.mac, k.egress)}
}

// SetSnappy sets whether the payloads that follow are compressed. At first they are not; after
// Hello they are if both sides state version 5 or higher in it (devp2p/rlpx.md#hello-0x00).
func (s *Sealer) SetSnappy(on bool) { s.snappy = on }

// Seal appends m to dst as one frame. Several frames in one slice can be written at once. If the
// payload or the frame is larger than [MaxSize], Seal fails with [ErrTooLarge] and returns dst
// unchanged, and the Sealer can still be used.
func (s *Sealer) Seal(dst []byte, m Message) ([]byte, error) {
	size := m.Size()
	if size > MaxSize {
		return dst, fmt.Errorf("%w: payload of %d bytes, limit is %d", ErrTooLarge, size, MaxSize)
	}
	start := len(dst)
	dst = append(dst, make([]byte, HeaderSize)...)
	dst = rlp.AppendUint64(dst, m.Code)
	if s.snappy {
		dst = appendBlock(dst, m, size)
	} else {
		dst = m.AppendPayload(dst)
	}
	size = len(dst) - start - HeaderSize
	if size > MaxSize {
		return dst[:start], fmt.Errorf("%w: frame of %d bytes, limit is %d", ErrTooLarge, size, MaxSize)
	}
	dst = append(dst, make([]byte, padded(size)-size)...)

	header, body := dst[start:start+HeaderSize], dst[start+HeaderSize:]
	header[0], header[1], header[2] = byte(size>>16), byte(size>>8), byte(size)
	copy(header[3:], headerData[:])
	s.stream.XORKeyStream(header[:blockBytes], header[:blockBytes])
	copy(header[blockBytes:], s.mac.header(header[:blockBytes]))
	s.stream.XORKeyStream(body, body)
	return append(dst, s.mac.body(body)...), nil
}

// padded rounds the size of a frame up to whole blocks.
func padded(size int) int { return (size + blockBytes - 1) &^ (blockBytes - 1) }
