// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ethpeer/ethpeer/rlp"
)

// BaseVersion is the version of the base protocol that we speak, which turns snappy on.
const BaseVersion = 5

// Base protocol constants (devp2p/rlpx.md#p2p-capability).
const (
	snappyVersion = 5  // first version with snappy (EIP-706)
	baseLength    = 16 // message codes reserved for the base protocol

	codeHello      = 0x00
	codeDisconnect = 0x01
	codePing       = 0x02
	codePong       = 0x03

	maxHello      = 2048 // bytes
	maxBase       = 2048 // bytes, of any other base message
	maxCaps       = 64   // capabilities read from a Hello; a Hello of 2048 bytes has no sensible use for more
	maxClientName = 128  // bytes kept of a client's name
)

// A Cap is a protocol and its version, as a Hello offers it.
type Cap struct {
	Name    string
	Version uint
}

// A Hello is the first message of each side after the RLPx handshake (devp2p/rlpx.md#hello-0x00).
type Hello struct {
	Version    uint64
	Client     string
	Caps       []Cap
	ListenPort uint64
	Key        []byte // X and Y of the node key, 64 bytes; the sender's claim
}

// Append appends the message's payload.
func (h *Hello) Append(dst []byte) []byte {
	dst, hello := rlp.OpenList(dst)
	dst = rlp.AppendUint64(dst, h.Version)
	dst = rlp.AppendString(dst, h.Client)
	dst, caps := rlp.OpenList(dst)
	for _, c := range h.Caps {
		var one int
		dst, one = rlp.OpenList(dst)
		dst = rlp.AppendString(dst, c.Name)
		dst = rlp.AppendUint64(dst, uint64(c.Version))
		dst = rlp.CloseList(dst, one)
	}
	dst = rlp.CloseList(dst, caps)
	dst = rlp.AppendUint64(dst, h.ListenPort)
	dst = rlp.AppendBytes(dst, h.Key)
	return rlp.CloseList(dst, hello)
}

// ParseHello reads a Hello's payload. It ignores elements beyond those of the version (EIP-8). The result
// borrows nothing.
func ParseHello(payload []byte) (*Hello, error) {
	if len(payload) > maxHello {
		return nil, unreadable(fmt.Errorf("hello of %d bytes: the limit is %d", len(payload), maxHello))
	}
	h := new(Hello)
	c := rlp.Read(payload)
	c.List("hello")
	h.Version = c.Uint64("version")
	h.Client = cleanName(c.Bytes("client"))
	c.List("caps")
	for c.More() {
		if len(h.Caps) == maxCaps {
			return nil, unreadable(fmt.Errorf("hello with more than %d capabilities", maxCaps))
		}
		c.List("")
		name, version := c.Bytes("name"), c.Uint64("version")
		c.EndOpen()
		// No protocol has such a version, but the lower 32 bits could match one where uint has 32 bits.
		version = min(version, math.MaxUint32)
		h.Caps = append(h.Caps, Cap{Name: cleanName(name), Version: uint(version)})
	}
	c.End()
	h.ListenPort = c.Uint64("listenPort")
	h.Key = slices.Clone(c.Bytes("key"))
	c.EndOpen()
	if err := c.Err(); err != nil {
		return nil, unreadable(err)
	}
	return h, nil
}

// cleanName makes a client name fit for logs: short, valid UTF-8, without control or invisible characters.
func cleanName(b []byte) string {
	if len(b) > maxClientName {
		b = b[:maxClientName]
		for i := 0; i < utf8.UTFMax-1 && !utf8.Valid(b); i++ {
			b = b[:len(b)-1] // the cut may have split a character
		}
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return '?'
		}
		return r
	}, string(b))
}

// match is a protocol that both sides speak, with the offset of its codes. It never changes.
type match struct {
	protocol Protocol
	version  Version
	offset   uint64
}

func (m *match) cap() Cap { return Cap{m.protocol.Name(), m.version.Number} }

// matchProtocols picks the highest version of each protocol that both sides offer, and assigns the code
// ranges in the order of the names (devp2p/rlpx.md#capability-messaging). Unused versions take no codes.
// Several of our protocols may have one name and different versions.
func matchProtocols(ours []Protocol, theirs []Cap) []match {
	var shared []match
	for _, p := range ours {
		for _, v := range p.Versions() {
			if slices.Contains(theirs, Cap{p.Name(), v.Number}) {
				shared = append(shared, match{protocol: p, version: v})
			}
		}
	}
	slices.SortStableFunc(shared, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.protocol.Name(), b.protocol.Name()), cmp.Compare(b.version.Number, a.version.Number))
	})
	shared = slices.CompactFunc(shared, func(a, b match) bool { return a.protocol.Name() == b.protocol.Name() })
	offset := uint64(baseLength)
	for i := range shared {
		shared[i].offset = offset
		offset += uint64(shared[i].version.Length)
	}
	return shared
}

// Caps lists the capabilities of the protocols, sorted by name and version for a Hello.
func Caps(protocols []Protocol) []Cap {
	var caps []Cap
	for _, p := range protocols {
		for _, v := range p.Versions() {
			if c := (Cap{p.Name(), v.Number}); !slices.Contains(caps, c) {
				caps = append(caps, c)
			}
		}
	}
	slices.SortFunc(caps, func(a, b Cap) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return caps
}
