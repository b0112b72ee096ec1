// SPDX-License-Identifier: Apache-2.0

package v5

import "github.com/ethpeer/ethpeer/internal/owner"

// losses counts what the machine dropped since the last report. Owner: the loop.
type losses struct {
	send    uint64 // datagrams that the socket refused
	talk    uint64 // responses of handlers that did not fit into a datagram
	records uint64 // records in NODES that are too large or too many, not valid, at another distance than requested, or repeated
}

func (l *losses) table() []owner.Loss {
	return []owner.Loss{
		owner.Counter("v5.send", &l.send), owner.Counter("v5.talk", &l.talk), owner.Counter("v5.records", &l.records),
	}
}
