// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/eth/wire"
)

// list splits values that are separated by commas; empty ones count for nothing.
func list(values []string) (out []string) {
	for _, v := range values {
		for item := range strings.SplitSeq(v, ",") {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

func parseNumber(flag, s string, least, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%s %q: want a number from %d to %d", flag, s, least, most)
	}
	return n, nil
}

func parseLogLevel(s string) (slog.Level, error) {
	switch strings.ToLower(s) {
	case "error":
		return slog.LevelError, nil
	case "warn":
		return slog.LevelWarn, nil
	case "info":
		return slog.LevelInfo, nil
	case "debug":
		return slog.LevelDebug, nil
	}
	return 0, fmt.Errorf("--log-level %q: want error, warn, info or debug", s)
}

func versionList(versions []wire.Version) string {
	var names []string
	for _, v := range versions {
		names = append(names, strconv.Itoa(int(v)))
	}
	return strings.Join(names, ",")
}

// parseVersions reads versions such as 69 or eth/69. None means those that are supported
// by default.
func parseVersions(values []string) (versions []wire.Version, err error) {
	for _, item := range list(values) {
		n, err := strconv.ParseUint(strings.TrimPrefix(item, "eth/"), 10, 16)
		v := wire.Version(n)
		if err != nil || !slices.Contains(wire.Supported(), v) {
			return nil, fmt.Errorf("--eth %q: want some of %s", item, versionList(wire.Supported()))
		}
		if !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
	}
	if len(versions) == 0 {
		return wire.Supported(), nil
	}
	return versions, nil
}

// maxIdentity keeps the client name short enough for every crawler's column.
const maxIdentity = 64

// parseIdentity refuses what would make our client name ambiguous: a slash separates its
// parts.
func parseIdentity(s string) (string, error) {
	bad := func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }
	if len(s) > maxIdentity || strings.ContainsFunc(s, bad) {
		return "", fmt.Errorf("--identity %q: want up to %d ASCII characters, no spaces, no slashes", s, maxIdentity)
	}
	return s, nil
}

func parseListen(addr, port string) (string, error) {
	n, err := parseNumber("--port", port, 0, 65535)
	if err != nil {
		return "", err
	}
	if strings.EqualFold(addr, "none") {
		return "", nil
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]"))
	if err != nil {
		return "", fmt.Errorf("--addr %q: want an IP address of this machine, 0.0.0.0 or :: for all, or none", addr)
	}
	return net.JoinHostPort(ip.String(), strconv.FormatUint(n, 10)), nil
}

// parseNAT reads geth's forms; those that ask a router come with discovery.
func parseNAT(s string) (netip.Addr, error) {
	kind, value, _ := strings.Cut(s, ":")
	switch strings.ToLower(kind) {
	case "none", "off", "":
		return netip.Addr{}, nil
	case "extip", "ip":
		ip, err := netip.ParseAddr(value)
		if err != nil || ip.IsUnspecified() || ip.IsMulticast() {
			return netip.Addr{}, fmt.Errorf("--nat %q: want the address that others reach us at, such as extip:203.0.113.7", s)
		}
		return ip.Unmap(), nil
	case "any", "auto", "on", "upnp", "pmp", "natpmp", "nat-pmp", "stun":
		return netip.Addr{}, fmt.Errorf("--nat %s is not built yet; forward the port by hand and give extip:IP, or use none", kind)
	}
	return netip.Addr{}, fmt.Errorf("--nat %q: want none or extip:IP", s)
}

func parseNets(values []string) (nets []netip.Prefix, err error) {
	for _, item := range list(values) {
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("--netrestrict %q: want networks such as 10.0.0.0/8,fd00::/8, a single address as 10.0.0.1/32", item)
		}
		nets = append(nets, p.Masked())
	}
	return nets, nil
}

// parsePeers reads nodes and files of nodes. A node that is named twice counts once.
func parsePeers(values []string) (nodes []enr.Node, err error) {
	seen := map[enr.ID]bool{}
	add := func(where, item string) error {
		n, err := enr.ParseNode(item)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		if n.TCP == 0 || (n.Host == "" && !n.IP.IsValid()) {
			return fmt.Errorf("%s: node %s… has no address to dial; write enode://KEY@HOST:PORT", where, n.ID().Short())
		}
		if id := n.ID(); !seen[id] {
			seen[id] = true
			nodes = append(nodes, n)
		}
		return nil
	}
	for _, item := range list(values) {
		if file, ok := strings.CutPrefix(item, "@"); ok {
			err = readNodes(file, add)
		} else {
			err = add("--peers", item)
		}
		if err != nil {
			return nil, err
		}
	}
	return nodes, nil
}
