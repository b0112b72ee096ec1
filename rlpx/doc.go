// SPDX-License-Identifier: Apache-2.0

// Package rlpx turns the bytes of a TCP connection into messages and back: the RLPx
// handshake, its frames, and the snappy compression inside them
// (https://github.com/ethereum/devp2p/blob/master/rlpx.md).
//
// It is pure. Bytes come in as slices and leave as slices; randomness is an argument;
// nobody here owns a socket, a timer or a goroutine.
//
// # Handshake
//
// Two packets, auth and ack, each encrypted to the other's static key (ECIES). How much of
// one is still missing, [AuthNeeds] and [AckNeeds] say, and never ask for a byte that may
// belong to what follows.
//
//	initiator:  i, auth, err := StartInitiator(rand, key, remote)
//	            … send auth, read ack while AckNeeds(ack) > 0 …
//	            keys, err := i.Finish(ack)
//
//	recipient:  … read auth while AuthNeeds(auth) > 0 …
//	            remote, ack, keys, err := AnswerAuth(rand, key, auth)
//	            … send ack …
//
// We begin with the format of EIP-8 (https://eips.ethereum.org/EIPS/eip-8): a size of two
// bytes, a list, and random padding. We accept the fixed-size format from before it too, and
// answer an auth in its own format. Additional list elements, other versions, and
// whatever follows the list are ignored.
//
// # Frames
//
// After the handshake a [Sealer] and an [Opener] keep the two directions. They share
// nothing: one goroutine may own the one and another the other. A message is a code and a
// payload. The payload to send may be given as raw bytes, as [Chunk]s that many connections
// share and that are compressed once, or both.
//
//	out, err = sealer.Seal(out[:0], Message{Code: code, Raw: payload})
//
//	rest, err := opener.Header(in[:HeaderSize])
//	frame, err := opener.Body(in[:rest])
//	code, payload, err := opener.Message(frame)
//
// [Opener.Look] tells the code and the size in between, for callers that want to refuse a
// message, or wait for memory, before it is decompressed.
//
// In steady state none of these allocates: there is the caller's buffer out, the caller's
// buffer in (decrypted in place), and one inside the Opener that holds the decompressed
// payload and shrinks after large ones.
//
// # Limits
//
// A handshake packet has at most 2048 bytes after its size; a frame, and a payload before
// compression, at most [MaxSize] bytes. Sizes are checked before any memory is taken for them.
//
// # Errors
//
// Every error matches exactly one of the Err variables with errors.Is. One that the other
// side caused ends the connection, without a word, as RLPx has none for it. Seal and misuse
// leave everything as it was.
//
//	ErrBadHandshake  the packet does not decrypt, or says something impossible
//	ErrBadMAC        bytes were changed under way, or the keys differ
//	ErrBadCode       the frame does not begin with a message code
//	ErrBadSnappy     the payload is not snappy
//	ErrTooLarge      a message over MaxSize, theirs or (from Seal) ours
//	ErrMisuse        the caller's fault: a slice of the wrong length, no key to connect to
//
// Errors of the random source come back as they are, wrapped.
package rlpx
