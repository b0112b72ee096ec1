// SPDX-License-Identifier: Apache-2.0

package enr

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/ecc"
)

// maxURL is the most bytes that ParseNode reads: more than a record has, or an enode URL with
// the longest DNS name.
const maxURL = 1024

// ParseNode reads a node in one of the forms that operators use:
//
//	enode://KEY@HOST:PORT                  KEY has 128 hexadecimal digits, with or without 0x
//	enode://KEY@HOST:PORT?discport=PORT    with a UDP port that differs; 0: no discovery
//	enode://KEY, or KEY                    without an address
//	enr:…                                  a record
//
// HOST is an IPv4 address, an IPv6 address in brackets with or without a zone, or a DNS name,
// which is stored unchanged in [Node.Host]. The port can be 0 for a node that only does
// discovery. Path, fragment, other parameters and surrounding space are ignored; scheme and key
// may be in upper or lower case. An error names what is wrong and what to do.
func ParseNode(s string) (Node, error) {
	n, err := parseNode(strings.TrimSpace(s))
	if err != nil {
		return Node{}, fmt.Errorf("node %q: %w", excerpt(s), err)
	}
	return n, nil
}

func parseNode(s string) (Node, error) {
	if len(s) > maxURL {
		return Node{}, fmt.Errorf("has %d characters, more than %d; give one node at a time", len(s), maxURL)
	}
	if strings.HasPrefix(s, "enr:") {
		r, err := ParseText(s)
		if err != nil {
			return Node{}, fmt.Errorf("%w; copy the whole record again", err)
		}
		return r.Node(), nil
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return parseKeyOnly(s)
	}
	if !strings.EqualFold(scheme, "enode") {
		return Node{}, fmt.Errorf("its scheme is %q; want enr: or enode://", excerpt(scheme))
	}
	at := strings.IndexByte(rest, '@')
	if at < 0 {
		return parseKeyOnly(rest)
	}
	n, err := parseKeyOnly(rest[:at])
	if err != nil {
		return Node{}, err
	}
	return n, parseEndpoint(&n, rest[at+1:])
}

func parseKeyOnly(digits string) (n Node, err error) {
	digits = strings.TrimPrefix(digits, "0x")
	if len(digits) != 128 {
		return n, fmt.Errorf("its key has %d characters, want 128 hexadecimal digits; copy the whole key", len(digits))
	}
	xy, err := hex.DecodeString(digits)
	if err != nil {
		return n, errors.New("its key is not hexadecimal; copy the key again")
	}
	n.Key, err = ecc.ParsePublicKey(xy)
	if err != nil {
		return n, errors.New("its key is not a point of secp256k1; copy the key again")
	}
	return n, nil
}

// parseEndpoint reads the part after the key: HOST:PORT?discport=PORT.
func parseEndpoint(n *Node, s string) (err error) {
	s, _, _ = strings.Cut(s, "#")
	s, query, _ := strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "/")
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || strings.HasSuffix(s, "]") {
		return errors.New("has no port; add it after the host, like :30303")
	}
	if err := parseHost(n, s[:colon]); err != nil {
		return err
	}
	if n.TCP, err = parsePort(s[colon+1:]); err != nil {
		return err
	}
	n.UDP = n.TCP
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("cannot read what follows the ?; write ?discport=PORT or nothing")
	}
	if disc := values.Get("discport"); disc != "" {
		if n.UDP, err = parsePort(disc); err != nil {
			return fmt.Errorf("discport: %w", err)
		}
	}
	return nil
}

func parsePort(s string) (uint16, error) {
	p, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no port; want 0 to 65535", excerpt(s))
	}
	return uint16(p), nil
}

func parseHost(n *Node, host string) error {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		ip, valid := parseIP6(inner)
		if !ok || !valid {
			return fmt.Errorf("%q is no IPv6 address in brackets", excerpt(host))
		}
		n.IP = ip
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Is6() {
			return fmt.Errorf("put the IPv6 address in brackets: [%s]", ip)
		}
		n.IP = ip
		return nil
	}
	if err := checkName(host); err != nil {
		return err
	}
	n.Host = host
	return nil
}

// checkName refuses text that cannot be a DNS name (RFC 1123), so that a typing error shows at
// once and not when the name is looked up.
func checkName(host string) error {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if host == "" {
		return errors.New("has no host; add an address or a DNS name after the @")
	}
	if len(host) > 254 {
		return errors.New("its DNS name has more than 253 characters")
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, nameLetters) != "" {
			return fmt.Errorf("%q is neither an IP address nor a DNS name", excerpt(host))
		}
	}
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("%q is no IPv4 address; want four numbers from 0 to 255", excerpt(host))
	}
	return nil
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// excerpt shortens a wrong input for an error message.
func excerpt(s string) string {
	const limit = 40
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
