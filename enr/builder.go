// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/rlp"
)

// A Builder collects the entries of a record to sign. The zero Builder has none. Setting a key
// again replaces its value. A Builder belongs to one goroutine.
type Builder struct {
	pairs []pair // keys ascend
}

// Set sets a key to a value, one RLP item, which it copies. [Builder.Sign] overwrites the keys
// "id" and "secp256k1".
func (b *Builder) Set(key string, raw []byte) {
	value := slices.Clone(raw)
	i, found := b.find(key)
	if found {
		b.pairs[i].value = value
		return
	}
	b.pairs = slices.Insert(b.pairs, i, pair{key, value})
}

// Unset removes a key.
func (b *Builder) Unset(key string) {
	if i, found := b.find(key); found {
		b.pairs = slices.Delete(b.pairs, i, i+1)
	}
}

func (b *Builder) find(key string) (int, bool) {
	return slices.BinarySearchFunc(b.pairs, key, func(p pair, key string) int {
		return strings.Compare(p.key, key)
	})
}

// SetIP sets "ip" for an IPv4 address, mapped to IPv6 or not, and "ip6" for an IPv6 address,
// without its zone. The other key stays.
func (b *Builder) SetIP(ip netip.Addr) {
	key := "ip6"
	if ip = ip.Unmap(); ip.Is4() {
		key = "ip"
	}
	b.Set(key, rlp.AppendBytes(nil, ip.AsSlice()))
}

// SetTCP sets the TCP port, which holds for both addresses unless SetTCP6 is called.
func (b *Builder) SetTCP(port uint16) { b.setPort("tcp", port) }

// SetUDP sets the UDP port, which holds for both addresses unless SetUDP6 is called.
func (b *Builder) SetUDP(port uint16) { b.setPort("udp", port) }

// SetTCP6 sets the TCP port of the IPv6 address.
func (b *Builder) SetTCP6(port uint16) { b.setPort("tcp6", port) }

// SetUDP6 sets the UDP port of the IPv6 address.
func (b *Builder) SetUDP6(port uint16) { b.setPort("udp6", port) }

func (b *Builder) setPort(key string, port uint16) {
	b.Set(key, rlp.AppendUint64(nil, uint64(port)))
}

// SetEth sets "eth", the fork ID (EIP-2124) of the node's head (devp2p/enr-entries/eth.md).
func (b *Builder) SetEth(hash [4]byte, next uint64) {
	raw, eth := rlp.OpenList(nil)
	raw, id := rlp.OpenList(raw)
	raw = rlp.AppendBytes(raw, hash[:])
	raw = rlp.AppendUint64(raw, next)
	b.Set("eth", rlp.CloseList(rlp.CloseList(raw, id), eth))
}

// Sign returns a record of the entries, signed by key under the v4 identity scheme
// (devp2p/enr.md#v4-identity-scheme). The Builder can be used again. Sign fails with
// [ErrTooLarge], or if a value is not one RLP item.
func (b *Builder) Sign(key *ecc.PrivateKey, seq uint64) (*Record, error) {
	compressed := key.Public().Compressed()
	b.Set("id", rlp.AppendString(nil, "v4"))
	b.Set("secp256k1", rlp.AppendBytes(nil, compressed[:]))

	content := rlp.AppendUint64(nil, seq)
	for _, p := range b.pairs {
		if err := rlp.Valid(p.value, rlp.MaxDepth); err != nil {
			return nil, fmt.Errorf("enr: value of %q: %w", p.key, err)
		}
		content = rlp.AppendString(content, p.key)
		content = append(content, p.value...)
	}
	signature := key.Sign(digest(content))

	raw := rlp.AppendListHeader(nil, rlp.SizeBytes(signature[:64])+len(content))
	raw = rlp.AppendBytes(raw, signature[:64])
	return Decode(append(raw, content...))
}
