// SPDX-License-Identifier: Apache-2.0

package wire

import "github.com/ethpeer/ethpeer/params"

// A Dialect is the set of messages that the clients of one kind of chain send. The zero
// Dialect is [Ethereum].
type Dialect uint8

// The dialects.
const (
	// Ethereum is the dialect of chains with a consensus layer. It is what the table states.
	Ethereum Dialect = iota
	// BlockGossip is the dialect of chains whose peers send each other new blocks, under proof
	// of work or of authority. devp2p/caps/eth.md#newblock-0x07 is in every version; Besu sends
	// NewBlock and NewBlockHashes in every version. geth, which has no such chain from eth/69 on, does up
	// to eth/68.
	BlockGossip

	dialects // one more than the last dialect
)

// extras lists the messages that a dialect has in more versions than their rows state.
var extras = [...]struct {
	dialect  Dialect
	kind     Kind
	from, to Version
}{
	{BlockGossip, KindNewBlockHashes, 69, Last},
	{BlockGossip, KindNewBlock, 69, Last},
}

// DialectOf returns the dialect of a chain: BlockGossip if no consensus layer ever takes over
// ([params.Chain.Terminal] is nil), else Ethereum.
func DialectOf(c *params.Chain) Dialect {
	if c.Terminal == nil {
		return BlockGossip
	}
	return Ethereum
}

// Lookup returns the row of a message code in version v. It reports false for a code that
// the version does not have, and for a version that is not from First to Last.
func (d Dialect) Lookup(v Version, code uint64) (*Row, bool) {
	if d >= dialects || v < First || v > Last || code >= codes {
		return nil, false
	}
	row := index.codes[d][v-First][code]
	return row, row != nil
}

// String returns the dialect's name, such as "block gossip".
func (d Dialect) String() string {
	switch d {
	case Ethereum:
		return "ethereum"
	case BlockGossip:
		return "block gossip"
	default:
		return "none"
	}
}
