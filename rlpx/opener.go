// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"crypto/cipher"
	"crypto/subtle"
	"fmt"

	"github.com/ethpeer/ethpeer/rlp"
)

// in: frames · out: messages · owner: one goroutine, the peer's reader

// An Opener reads the frames of one direction of a connection: Header, Body and Message in
// turn. One goroutine owns it. After a bad MAC it opens nothing more.
type Opener struct {
	stream cipher.Stream
	mac    frameMAC
	snappy bool

	header  [blockBytes]byte
	size    int  // of the body that comes next, without padding
	expect  bool // Header has been read, Body has not
	failed  error
	payload scratch
}

// NewOpener returns the Opener of a handshake's keys. Call it once for the same keys.
func NewOpener(k Keys) *Opener {
	return &Opener{stream: newStream(k.aes), mac: newFrameMAC(k.mac, k.ingress)}
}

// SetSnappy sets whether payloads are compressed (devp2p/rlpx.md#hello-0x00). At first they are not.
func (o *Opener) SetSnappy(on bool) { o.snappy = on }

// Header reads the first [HeaderSize] bytes of a frame and returns how many bytes follow, at most
// [MaxSize] rounded up to a multiple of 16, plus 16. It checks the MAC before it uses the size.
func (o *Opener) Header(b []byte) (rest int, err error) {
	if o.failed != nil {
		return 0, o.failed
	}
	if len(b) != HeaderSize || o.expect {
		return 0, fmt.Errorf("%w: Header takes %d bytes at the start of a frame", ErrMisuse, HeaderSize)
	}
	if subtle.ConstantTimeCompare(o.mac.header(b[:blockBytes]), b[blockBytes:]) != 1 {
		return 0, o.fail("header")
	}
	o.stream.XORKeyStream(o.header[:], b[:blockBytes])
	o.size = int(o.header[0])<<16 | int(o.header[1])<<8 | int(o.header[2])
	o.expect = true
	return padded(o.size) + macSize, nil
}

// Body reads the rest of a frame, as many bytes as Header returned. It decrypts them in place and
// returns code and payload without padding, a part of b.
func (o *Opener) Body(b []byte) (frame []byte, err error) {
	if o.failed != nil {
		return nil, o.failed
	}
	if body := padded(o.size); !o.expect || len(b) != body+macSize {
		return nil, fmt.Errorf("%w: Body takes what Header asked for", ErrMisuse)
	}
	body, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if subtle.ConstantTimeCompare(o.mac.body(body), mac) != 1 {
		return nil, o.fail("body")
	}
	o.expect = false
	o.stream.XORKeyStream(body, body)
	return body[:o.size:o.size], nil
}

// Look returns the code of a frame that Body returned, and how many bytes its payload has after
// decompression. It allocates nothing.
func (o *Opener) Look(frame []byte) (code uint64, size int, err error) {
	code, _, size, err = o.split(frame)
	return code, size, err
}

// Holds returns how many bytes of memory the Opener has after it opens a payload of size bytes;
// Holds(0) is what it has now.
func (o *Opener) Holds(size int) int {
	if !o.snappy {
		size = 0 // such a payload stays inside its frame
	}
	return max(size, cap(o.payload.buf))
}

// Release frees the memory of the last payload, which must not be used any more.
func (o *Opener) Release() { o.payload = scratch{} }

// Message splits a frame that Body returned into code and payload. Without snappy the payload is a
// part of the frame; with snappy it is memory of the Opener, valid until the next call.
func (o *Opener) Message(frame []byte) (code uint64, payload []byte, err error) {
	code, payload, size, err := o.split(frame)
	if err != nil || !o.snappy {
		return code, payload, err
	}
	plain := o.payload.take(size)
	if err := decodeBlock(plain, payload); err != nil {
		return code, nil, err
	}
	return code, plain, nil
}

// Plain splits a frame that Body returned without decompressing the payload, which is a part of
// the frame.
func (o *Opener) Plain(frame []byte) (code uint64, payload []byte, err error) {
	c := rlp.Read(frame)
	code = c.Uint64("code")
	if c.Err() != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrBadCode, c.Err())
	}
	return code, c.Remaining(), nil
}

// split does what Plain does, and returns the payload's size after decompression, too.
func (o *Opener) split(frame []byte) (code uint64, payload []byte, size int, err error) {
	code, payload, err = o.Plain(frame)
	if err != nil || !o.snappy {
		return code, payload, len(payload), err
	}
	if size, err = blockSize(payload); err != nil {
		return code, nil, 0, err
	}
	return code, payload, size, nil
}

func (o *Opener) fail(where string) error {
	o.failed = fmt.Errorf("%w of a frame's %s", ErrBadMAC, where)
	return o.failed
}
