// SPDX-License-Identifier: Apache-2.0

package rlpx

import (
	"errors"
	"fmt"
)

// Errors of this package. Match with errors.Is. The package documentation lists what each means
// for the connection.
var (
	ErrBadHandshake = errors.New("rlpx: bad handshake")
	ErrBadMAC       = errors.New("rlpx: bad MAC")
	ErrBadCode      = errors.New("rlpx: bad message code")
	ErrBadSnappy    = errors.New("rlpx: bad snappy data")
	ErrTooLarge     = errors.New("rlpx: message too large")
	ErrMisuse       = errors.New("rlpx: wrong use")
)

// badHandshake returns the error of a bad packet.
func badHandshake(packet string, cause error) error {
	return fmt.Errorf("%w: %s: %w", ErrBadHandshake, packet, cause)
}
