// SPDX-License-Identifier: Apache-2.0

package option

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/types"
)

// HeadSources are the values of --head that a shell completes.
var HeadSources = []string{"auto", "gossip", "engine", "light", "peers", "fixed:"}

// Heads are the sources that --head names.
type Heads struct {
	Auto, Gossip, Engine, Light, Peers bool
	Fixed                              *types.Hash // nil = none
}

// ReadHeads reads at least one source of heads.
func ReadHeads(o *Option) (h Heads, err error) {
	const want = "some of auto, gossip, engine, light, peers and fixed:HASH"
	for _, item := range o.List() {
		word, hash, fixed := strings.Cut(item, ":")
		switch word = strings.ToLower(word); {
		case fixed && word == "fixed":
			f, err := ParseHash(hash)
			if err != nil {
				return h, o.Wrong(item, "fixed: and the 64 hex digits of a block's hash")
			}
			if h.Fixed != nil && *h.Fixed != f {
				return h, o.Wrong(item, "one fixed head")
			}
			h.Fixed = &f
		case fixed:
			return h, o.Wrong(item, want)
		case word == "auto":
			h.Auto = true
		case word == "gossip":
			h.Gossip = true
		case word == "engine":
			h.Engine = true
		case word == "light":
			h.Light = true
		case word == "peers":
			h.Peers = true
		default:
			return h, o.Wrong(item, want)
		}
	}
	if h == (Heads{}) {
		return h, o.Wrong("", want)
	}
	return h, nil
}

// ParseHash reads a hash: 64 hex digits, with or without 0x.
func ParseHash(s string) (h types.Hash, err error) {
	b, err := hex.DecodeString(strings.TrimPrefix(strings.ToLower(s), "0x"))
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("want 64 hex digits")
	}
	return types.Hash(b), nil
}

// Hash reads a hash, the zero hash if none is given.
func Hash(o *Option, what string) (types.Hash, error) {
	if o.Text() == "" {
		return types.Hash{}, nil
	}
	h, err := ParseHash(o.Text())
	if err != nil || h.IsZero() {
		return h, o.Wrong(o.Text(), "%s: 64 hex digits", what)
	}
	return h, nil
}

// maxRequired bounds the blocks that --required-block names: each costs a request to every peer.
const maxRequired = 16

// Required reads blocks as number=hash.
func Required(o *Option) (map[uint64]types.Hash, error) {
	blocks := map[uint64]types.Hash{}
	for _, item := range o.List() {
		number, hash, _ := strings.Cut(item, "=")
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 64)
		h, wrong := ParseHash(strings.TrimSpace(hash))
		if err != nil || wrong != nil {
			return nil, o.Wrong(item, "blocks as NUMBER=HASH, such as 1920000=0x94365e3a…, with all 64 digits")
		}
		if other, twice := blocks[n]; twice && other != h {
			return nil, o.Wrong(item, "one hash for block %d", n)
		}
		if blocks[n] = h; len(blocks) > maxRequired {
			return nil, fmt.Errorf("%s: more than %d blocks; each is asked of every peer", o.Where(), maxRequired)
		}
	}
	return blocks, nil
}

// Forks reads forks as NAME=TIME or NAME=BLOCK, in lower case.
func Forks(o *Option) (map[string]uint64, error) {
	forks := map[string]uint64{}
	for _, item := range o.List() {
		name, at, _ := strings.Cut(item, "=")
		n, err := strconv.ParseUint(strings.TrimSpace(at), 10, 64)
		if name = strings.ToLower(strings.TrimSpace(name)); err != nil || name == "" {
			return nil, o.Wrong(item, "forks as NAME=TIME or NAME=BLOCK, such as amsterdam=1791294816")
		}
		if other, twice := forks[name]; twice && other != n {
			return nil, o.Wrong(item, "one time or block for %s", name)
		}
		forks[name] = n
	}
	return forks, nil
}

// ForkNames returns the names of forks in order.
func ForkNames(forks map[string]uint64) []string { return slices.Sorted(maps.Keys(forks)) }

// maxURLs bounds a list of URLs.
const maxURLs = 16

// URLs reads http:// and https:// URLs.
func URLs(o *Option) (urls []string, err error) {
	for _, item := range o.List() {
		u, err := url.Parse(item)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, o.Wrong(item, "URLs such as http://127.0.0.1:5052")
		}
		if text := strings.TrimRight(item, "/"); !slices.Contains(urls, text) {
			urls = append(urls, text)
		}
	}
	if len(urls) > maxURLs {
		return nil, fmt.Errorf("%s: more than %d URLs", o.Where(), maxURLs)
	}
	return urls, nil
}

// HostPort reads an IP address with a port, or an address alone, which gets the given port; "" if there is no
// value.
func HostPort(o *Option, port uint16) (string, error) {
	text := o.Text()
	if text == "" {
		return "", nil
	}
	host, number, err := net.SplitHostPort(text)
	if err != nil {
		host, number = strings.Trim(text, "[]"), strconv.Itoa(int(port))
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if net.ParseIP(host) == nil || err != nil {
		return "", o.Wrong(text, "an IP address of this machine and a port, such as 127.0.0.1:%d", port)
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}
