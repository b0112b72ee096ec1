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
// The header is the size of code ‖ payload in three bytes, and a list that nobody reads.

// HeaderSize is the length of what [Opener.Header] takes: a frame's header and its MAC.
const HeaderSize = blockBytes + macSize

const blockBytes = aes.BlockSize

// headerData is the rest of every header: [0, 0], the protocol and the context of a design
// that was given up.
var headerData = [3]byte{0xc2, 0x80, 0x80}

// A Sealer makes the frames of one direction of a connection. One goroutine owns it.
type Sealer struct {
	stream cipher.Stream
	mac    frameMAC
	snappy bool
}

// NewSealer returns the Sealer of a handshake's keys, which it uses up.
func NewSealer(k Keys) *Sealer {
	return &Sealer{stream: newStream(k.aes), mac: newFrameMAC(k.mac, k.egress)}
}

// SetSnappy says whether the payloads that follow are to be compressed: both sides begin
// without, and compress everything after Hello if both speak version 5 of it.
func (s *Sealer) SetSnappy(on bool) { s.snappy = on }

// Seal appends m as one frame to dst and returns it; frames that follow each other in one
// slice are one write. If the payload or the frame is over [MaxSize], dst comes back as it
// was and the Sealer can still be used.
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
