// SPDX-License-Identifier: Apache-2.0

// Package rlpx encrypts and authenticates the connection between two nodes: the RLPx handshake,
// its frames, and the snappy compression in them.
//
// In: packets and frames as they arrive from a socket, and messages to send. Out: messages, and
// packets and frames to write. The package is pure: bytes come and leave as slices, randomness
// is an argument, and there is no socket, timer or goroutine. The protocol is specified in
// https://github.com/ethereum/devp2p/blob/master/rlpx.md, called devp2p/rlpx.md below.
//
// # Handshake
//
// A handshake is two packets, auth and ack, each encrypted to the receiver's static key (ECIES,
// devp2p/rlpx.md#initial-handshake). [AuthNeeds] and [AckNeeds] return how many bytes of a packet
// are missing, and never more than belong to it.
//
//	initiator:  i, auth, err := StartInitiator(rand, key, remote)
//	            … send auth, read ack while AckNeeds(ack) > 0 …
//	            keys, err := i.Finish(ack)
//
//	recipient:  … read auth while AuthNeeds(auth) > 0 …
//	            remote, ack, keys, err := AnswerAuth(rand, key, auth)
//	            … send ack …
//
// An initiator sends the format of EIP-8 (https://eips.ethereum.org/EIPS/eip-8): a size of two
// bytes, a list, and random padding. A recipient also accepts the older format of a fixed size,
// and answers each auth in its own format. Additional list elements, other versions, and bytes
// after the list are ignored, as EIP-8 requires.
//
// # Frames
//
// After the handshake a [Sealer] writes the frames of one direction and an [Opener] reads those of
// the other (devp2p/rlpx.md#framing). They share nothing, so different goroutines may own them. A
// message is a code and a payload. The payload to send is raw bytes, [Chunk]s that many
// connections share and that are compressed once, or both.
//
//	out, err = sealer.Seal(out[:0], Message{Code: code, Raw: payload})
//
//	rest, err := opener.Header(in[:HeaderSize])
//	frame, err := opener.Body(in[:rest])
//	code, payload, err := opener.Message(frame)
//
// [Opener.Look] returns the code and the size before decompression, for callers that refuse a
// message or wait for memory first.
//
// In steady state none of these allocates. The memory is the caller's buffer for output, the
// caller's buffer for input, which is decrypted in place, and a buffer in the Opener for the
// decompressed payload, which is released after large payloads.
//
// # Limits
//
// A handshake packet has at most 2048 bytes after its size. A frame, and a payload before
// compression, has at most [MaxSize] bytes. Sizes are checked before memory is allocated.
//
// # Errors
//
// Every error matches exactly one of the Err variables with errors.Is. An error that the other
// side caused ends the connection, without a Disconnect, because RLPx has none. Seal with too
// large a message, and wrong use, change nothing.
//
//	ErrBadHandshake  the packet does not decrypt, or has an impossible value
//	ErrBadMAC        bytes were changed on the way, or the keys differ
//	ErrBadCode       the frame does not begin with a message code
//	ErrBadSnappy     the payload is not snappy
//	ErrTooLarge      a message over MaxSize, received or (from Seal) to be sent
//	ErrMisuse        the caller's fault: a slice of the wrong length, no key to connect to
//
// Errors of the random source are returned wrapped.
package rlpx
