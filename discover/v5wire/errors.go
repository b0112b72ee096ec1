// SPDX-License-Identifier: Apache-2.0

package v5wire

import (
	"errors"
	"fmt"
)

// What can be wrong. Match with errors.Is.
var (
	ErrSize       = fmt.Errorf("v5wire: datagram does not have %d to %d bytes", MinSize, MaxSize)
	ErrHeader     = errors.New("v5wire: header is not one of discovery v5.1") // not ours: another protocol, or another recipient
	ErrAuthData   = errors.New("v5wire: authdata has the wrong size")
	ErrUnexpected = errors.New("v5wire: handshake without a challenge")
	ErrScheme     = errors.New("v5wire: handshake's key or signature does not have the size of the v4 identity scheme")
	ErrRecord     = errors.New("v5wire: handshake's record is missing or not the sender's")
	ErrProof      = errors.New("v5wire: handshake does not prove the sender's identity")
	ErrDecrypt    = errors.New("v5wire: handshake's message does not decrypt")
	ErrType       = errors.New("v5wire: unknown message type")
	ErrTooLarge   = errors.New("v5wire: message does not fit into a datagram") // ours
	ErrNoSession  = errors.New("v5wire: no session to answer in")              // ours
)
