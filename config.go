// SPDX-License-Identifier: Apache-2.0

package ethpeer

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head/sources"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/nat"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/params"
	"github.com/ethpeer/ethpeer/types"
)

// Config has the node's identity, its chain, and the peers that it looks for. [New] copies it
// and returns all its errors at once.
type Config struct {
	// Chain is required: params.ByName or params.ParseGenesis make one. It must not change
	// while the node exists.
	Chain *params.Chain

	// NetworkID replaces the chain's own in Status (devp2p/caps/eth.md#status-0x00), unless it
	// is 0.
	NetworkID uint64

	// Key is the node's private key, 32 bytes. Nil draws a new one, and so a new identity.
	Key []byte

	// Versions lists the eth versions to offer in Hello (devp2p/rlpx.md#hello-0x00): any of
	// wire.Known. Empty means those of wire.Supported.
	Versions []wire.Version

	// Identity is a word of the operator's own in the client name that peers see; at most
	// 64 bytes. Empty leaves it out.
	Identity string

	// Listen is the TCP address to accept peers at, as host:port; port 0 takes any free
	// one. Empty does not listen.
	Listen string

	// External is the address at which others reach us, if it is not the listener's own.
	External netip.Addr

	// NAT asks a router, or a server, for that address, and the router to let others in at
	// it. The zero Method asks nothing.
	NAT nat.Method

	// Discovery says how to look for peers. The zero value does not look.
	Discovery Discovery

	// DB remembers nodes: those that were good peers are dialled first after a restart. Nil
	// remembers until Run returns. Run writes it; the caller closes it after Run.
	DB *nodedb.DB

	// Store keeps headers, bodies and receipts. Nil keeps them in memory. Run writes it; the caller closes it after
	// Run.
	Store chain.Store

	// OpenChain opens the chain in place of chain.Open. It gets what Config says of the chain, and returns one of
	// Params, whose store the caller closes after Run. Nil is chain.Open.
	OpenChain func(chain.Config) (*chain.Chain, error)

	// History says how much of the past is kept. The zero value: in memory the last 1,024 blocks, in a Store all
	// headers and the last 2,048 bodies and receipts.
	History chain.History

	// Seals checks proofs of work. Nil checks none. Chains without proofs of work do not need it.
	Seals chain.Seals

	// Heads are the sources that name the head of the chain, such as a consensus client; head.Policy says which one
	// counts. What peers say names one, too, unless NoPeerHeads is set.
	Heads []sources.Source

	// Expected names those of Heads whose silence is a trouble from the start (event's HeadBy constants).
	Expected []string

	// NoPeerHeads ignores which block peers say is the head. Only with Heads, on a chain whose blocks are not gossiped.
	NoPeerHeads bool

	// Quorum is how many unrelated peers must name a head that no other source names (IPv4 /16, IPv6 /32). 0 means 3.
	Quorum int

	// RequiredBlocks are blocks that each peer must have, if it has that number; a peer with another one is
	// disconnected.
	RequiredBlocks map[uint64]types.Hash

	// MaxPeers bounds the peers, of which two thirds may be inbound. 0 means 50.
	MaxPeers int

	// Static lists nodes to connect to, and to connect to again whenever they are lost. Only
	// a third of MaxPeers is dialled at a time; the others wait.
	Static []enr.Node

	// Trusted lists nodes to admit even when MaxPeers are connected. They are not dialled for
	// that, and a static node is not trusted for being static.
	Trusted []enr.ID

	// TrustedOnly admits Trusted and Static nodes only, and switches discovery off.
	TrustedOnly bool

	// Protocols are spoken beside eth; p2p.RunProtocol makes one of a function.
	Protocols []p2p.Protocol

	// NetRestrict limits peers, in both directions, to these networks. Empty means no
	// limit.
	NetRestrict []netip.Prefix

	// Record takes everything that the peer observes. It is called from many goroutines,
	// must not block, and may be nil.
	Record event.Recorder

	// Ready is called once, when the node accepts connections, with its own enode URL. May
	// be nil.
	Ready func(enode string)
}

// Discovery says where to look for peers. A node that is found is dialled only if its record
// states a fork ID (devp2p/enr-entries/eth.md) that our Status would accept (EIP-2124).
type Discovery struct {
	V4, V5 bool // node discovery over UDP, version by version
	DNS    bool // lists in DNS: those of Lists, or those that the chain names

	// Lists are enrtree:// URLs of node lists (EIP-1459) that replace those that the chain
	// names, if there are any. They are read only if DNS is set.
	Lists []string

	// Listen is the UDP address, as host:port. Empty means Config.Listen's, or any free port
	// where that is empty too.
	Listen string

	// Bootnodes are asked first (devp2p/discv4.md#lookup). Nil means those that the chain
	// names, empty means none. Host names are looked up.
	Bootnodes []enr.Node
}

// on reports whether a source of nodes is on.
func (d *Discovery) on() bool { return d.V4 || d.V5 || d.DNS }

// maxIdentity bounds Config.Identity, in bytes: the whole name must leave room in a Hello.
const maxIdentity = 64

func (c *Config) problems() error {
	var all []error
	if c.Chain == nil {
		all = append(all, errors.New("no chain: name one (params.ByName) or read its genesis file (params.ParseGenesis)"))
	}
	if c.Key != nil && len(c.Key) != 32 {
		all = append(all, fmt.Errorf("the node key has %d bytes: want 32", len(c.Key)))
	}
	if len(c.Identity) > maxIdentity {
		all = append(all, fmt.Errorf("the identity has %d bytes: at most %d", len(c.Identity), maxIdentity))
	}
	if c.MaxPeers < 0 {
		all = append(all, fmt.Errorf("%d peers at most: want 0 for the default, or more", c.MaxPeers))
	}
	if c.Quorum < 0 {
		all = append(all, fmt.Errorf("a quorum of %d peers: want 0 for the default, or more", c.Quorum))
	}
	if c.NoPeerHeads && (len(c.Heads) == 0 || c.Chain != nil && c.Chain.Terminal == nil) {
		all = append(all, errors.New("peers are to name no head, and nothing else names one"))
	}
	seen := map[wire.Version]bool{}
	for _, v := range c.Versions {
		if !Offers(v) {
			all = append(all, fmt.Errorf("%v is not a version that can be offered: choose from %v", v, wire.Known()))
		} else if seen[v] {
			all = append(all, fmt.Errorf("%v is listed twice", v))
		}
		seen[v] = true
	}
	return errors.Join(all...)
}

// Offers reports whether this release speaks a version of eth.
func Offers(v wire.Version) bool { return slices.Contains(wire.Known(), v) }
