// SPDX-License-Identifier: Apache-2.0

package arch

// A layer is how far up a package stands.
type layer int

const (
	values   layer = iota // what bytes mean: no state but bounded containers
	machines              // codecs and state machines: time and randomness are arguments
	engines               // sockets, loops, disk
	state                 // one session's, one chain's, the pool's
	roles                 // what is done with messages: siblings never import each other
	nodes                 // parts put together
	surfaces              // what shows a node's doings
	networks              // many nodes
	commands
	tests // imported by tests only; may import all
)

// A row says where a package stands.
type row struct {
	path  string // from the module's root, which is "."
	layer layer
	pure  bool

	// uses names the packages of its own layer and those above L1 that it imports: exactly
	// those, or "*" for all of lower layers. Lower packages of L0 and L1 need no name.
	uses []string
}

const (
	pure   = true
	impure = false
)

// table has a row for each package of the module, lower layers first.
var table = []row{
	{"internal/netgroup", values, pure, nil},
	{"internal/bounded", values, pure, []string{"internal/netgroup"}},
	{"internal/keccak", values, pure, nil},
	{"rlp", values, pure, nil},
	{"ecc", values, pure, nil},
	{"internal/mpt", values, pure, []string{"internal/keccak", "rlp"}},
	{"types", values, pure, []string{"ecc", "internal/keccak", "internal/mpt", "rlp"}},
	{"enr", values, pure, []string{"ecc", "internal/keccak", "internal/netgroup", "rlp"}},
	{"params", values, pure, []string{"internal/keccak", "internal/mpt", "rlp", "types"}},
	{"event", values, pure, []string{"enr", "types"}},

	{"rlpx", machines, pure, nil},
	{"eth/wire", machines, pure, nil},
	{"discover/v4wire", machines, pure, nil},
	{"discover/v5wire", machines, pure, nil},
	{"discover/dnstree", machines, pure, nil},
	{"discover/kad", machines, pure, nil},
	{"discover/self", machines, pure, nil},
	{"chain/light", machines, pure, nil},
	{"chain/rules", machines, pure, nil},
	{"chain/rules/ethash", machines, pure, []string{"chain/rules"}},

	{"internal/owner", engines, impure, nil},
	{"internal/hosts", engines, impure, nil},
	{"nat", engines, impure, []string{"internal/hosts"}},
	{"nodedb", engines, impure, nil},
	{"chain/seals", engines, impure, nil},
	{"nodedb/pebble", engines, impure, nil},
	{"discover/dns", engines, impure, []string{"internal/hosts"}},
	{"discover/v4", engines, impure, []string{"internal/owner"}},
	{"discover/v5", engines, impure, []string{"internal/owner"}},
	{"discover", engines, impure, []string{"discover/dns", "discover/v4", "discover/v5", "internal/hosts", "nat", "nodedb"}},
	{"p2p", engines, impure, nil},
	{"p2p/server", engines, impure, []string{"internal/hosts", "nodedb", "p2p"}},

	{"eth", state, impure, []string{"p2p"}},
	{"eth/fetch", state, pure, nil},
	{"chain", state, impure, nil},
	{"chain/archive", state, impure, []string{"chain"}},
	{"chain/pebble", state, impure, []string{"chain"}},
	{"chain/head", state, impure, []string{"chain"}},
	{"chain/head/beacon", state, impure, []string{"chain", "chain/head"}},
	{"chain/head/sources", state, impure, []string{"chain", "chain/head"}},

	{"eth/challenge", roles, impure, []string{"eth", "p2p"}},
	{"eth/chainsync", roles, impure, []string{"chain", "chain/head", "eth", "internal/owner", "p2p"}},
	{"eth/serve", roles, impure, []string{"eth", "p2p"}},
	{"eth/txgossip", roles, impure, []string{"eth", "eth/fetch", "internal/owner", "p2p"}},
	{"eth/blockgossip", roles, impure, []string{"chain", "chain/head", "eth", "eth/fetch", "internal/owner", "p2p"}},

	{".", nodes, impure, []string{"*"}},
	{"probe", nodes, impure, []string{"eth", "internal/hosts", "p2p"}},
	{"crawl", nodes, impure, []string{"discover", "internal/hosts", "probe"}},

	{"sink", surfaces, impure, nil},
	{"sink/ndjson", surfaces, pure, nil},
	{"sink/terminal", surfaces, pure, nil},
	{"status", surfaces, impure, []string{"chain", "chain/head", "eth", "eth/chainsync", "p2p/server"}},
	{"rpc/engine", surfaces, impure, []string{"chain", "chain/head", "p2p"}},
	{"rpc/forks", surfaces, impure, nil},

	{"devnet", networks, impure, []string{"chain", "eth", "eth/blockgossip", "eth/chainsync", "eth/serve", "internal/owner", "p2p", "p2p/server"}},

	{"cmd/ethpeer/internal/option", commands, impure, []string{"*"}},
	{"cmd/ethpeer", commands, impure, []string{"*", "cmd/ethpeer/internal/option"}},

	{"internal/test/beacon", tests, impure, nil},
	{"internal/test/bubble", tests, impure, nil},
	{"internal/test/chains", tests, impure, nil},
	{"internal/test/memnet", tests, impure, nil},
	{"internal/test/peers", tests, impure, nil},
	{"internal/test/script", tests, impure, nil},
	{"internal/test/vectors", tests, impure, nil},
	{"internal/arch", tests, impure, nil},
}
