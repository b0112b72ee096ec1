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

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/eth/wire"
	"github.com/ethpeer/ethpeer/nat"
)

func parseNumber(o *option, least, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(o.text(), 10, 64)
	if err != nil || n < least || n > most {
		return 0, o.wrong(o.text(), "a number from %d to %d", least, most)
	}
	return n, nil
}

func parseLogLevel(o *option) (slog.Level, error) {
	switch strings.ToLower(o.text()) {
	case "error":
		return slog.LevelError, nil
	case "warn":
		return slog.LevelWarn, nil
	case "info":
		return slog.LevelInfo, nil
	case "debug":
		return slog.LevelDebug, nil
	}
	return 0, o.wrong(o.text(), "error, warn, info or debug")
}

func parseLogFormat(o *option) (json bool, err error) {
	switch strings.ToLower(o.text()) {
	case "text":
		return false, nil
	case "json":
		return true, nil
	}
	return false, o.wrong(o.text(), "text or json")
}

// offered lists the versions of eth that --eth may name.
func offered() (versions []wire.Version) {
	for v := wire.Last; v >= wire.First; v-- {
		if ethpeer.Offers(v) {
			versions = append(versions, v)
		}
	}
	return versions
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
func parseVersions(o *option) (versions []wire.Version, err error) {
	for _, item := range o.list() {
		n, err := strconv.ParseUint(strings.TrimPrefix(item, "eth/"), 10, 16)
		v := wire.Version(n)
		if err != nil || !ethpeer.Offers(v) {
			return nil, o.wrong(item, "some of %s", versionList(offered()))
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
func parseIdentity(o *option) (string, error) {
	s := o.text()
	bad := func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }
	if len(s) > maxIdentity || strings.ContainsFunc(s, bad) || hasKey(s) {
		return "", o.wrong(s, "up to %d ASCII characters, no spaces, no slashes", maxIdentity)
	}
	return s, nil
}

func parseListen(addr, port *option) (string, error) {
	n, err := parseNumber(port, 0, 65535)
	if err != nil {
		return "", err
	}
	if strings.EqualFold(addr.text(), "none") {
		return "", nil
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(addr.text(), "["), "]"))
	if err != nil {
		return "", addr.wrong(addr.text(), "an IP address of this machine, 0.0.0.0 or :: for all, or none")
	}
	return net.JoinHostPort(ip.String(), strconv.FormatUint(n, 10)), nil
}

// parseNAT reads geth's forms.
func parseNAT(o *option) (nat.Method, error) {
	m, err := nat.Parse(o.text())
	switch {
	case err != nil && hasKey(o.text()): // its error quotes a part
		return nat.Method{}, o.wrong(o.text(), "a method, such as any or extip:203.0.113.7")
	case err != nil:
		return nat.Method{}, fmt.Errorf("%s: %w", o.where(), err)
	}
	return m, nil
}

func parseNets(o *option) (nets []netip.Prefix, err error) {
	for _, item := range o.list() {
		p, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, o.wrong(item, "networks such as 10.0.0.0/8,fd00::/8, a single address as 10.0.0.1/32")
		}
		nets = append(nets, p.Masked())
	}
	return nets, nil
}
