// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

type kind uint8

const (
	none kind = iota
	anyGateway
	upnp
	pmp
	extip
	stunServer
)

// names are the kinds' names, the first of which is how they are written back.
var names = [...][]string{
	none:       {"none", "off", ""},
	anyGateway: {"any", "auto", "on"},
	upnp:       {"upnp"},
	pmp:        {"pmp", "natpmp", "nat-pmp"},
	extip:      {"extip", "ip"},
	stunServer: {"stun"},
}

const methods = "none, any, upnp, pmp, pmp:GATEWAY, extip:IP, stun or stun:HOST:PORT"

// A Method is how the external address is found. Methods are comparable; the zero Method
// is none.
type Method struct {
	kind   kind
	ip     netip.Addr // of extip, and of pmp if it names the gateway
	server string     // host:port of stun, if it names the server
}

// Parse reads a method. doc.go lists what can be written; upper and lower case are the same.
func Parse(spec string) (Method, error) {
	text := strings.ToLower(strings.TrimSpace(spec))
	if len(text) > maxSpec {
		return Method{}, fmt.Errorf("nat: a method of %d bytes; write %s", len(text), methods)
	}
	name, value, has := strings.Cut(text, ":")
	k, known := kindOf(name)
	if ip, err := parseIP(text); err == nil {
		return Method{}, fmt.Errorf("nat: %v is an address, not a method; write extip:%v", ip, ip)
	}
	if !known {
		return Method{}, fmt.Errorf("nat: unknown method %.60q; write %s", spec, methods)
	}
	m, err := Method{kind: k}, error(nil)
	switch {
	case k == extip:
		m.ip, err = parseExternal(value)
	case k == pmp && has:
		m.ip, err = parseGateway(value)
	case k == stunServer && has:
		m.server, err = parseServer(value)
	case has:
		err = fmt.Errorf("nothing follows %q; write %s alone", name, m)
	}
	if err != nil {
		return Method{}, fmt.Errorf("nat: %.60q: %w", spec, err)
	}
	return m, nil
}

// External returns the address that the method extip names; ok is false for other methods.
func (m Method) External() (ip netip.Addr, ok bool) { return m.ip, m.kind == extip }

func kindOf(name string) (kind, bool) {
	for k, aliases := range names {
		for _, alias := range aliases {
			if name == alias {
				return kind(k), true
			}
		}
	}
	return none, false
}

// parseIP reads an address, with or without brackets.
func parseIP(text string) (netip.Addr, error) {
	if len(text) > 1 && text[0] == '[' && text[len(text)-1] == ']' {
		text = text[1 : len(text)-1]
	}
	ip, err := netip.ParseAddr(text)
	return ip.Unmap(), err
}

func parseExternal(text string) (netip.Addr, error) {
	if text == "" {
		return netip.Addr{}, errors.New("the address is missing; write extip:IP, for example extip:203.0.113.5")
	}
	ip, err := parseIP(text)
	switch {
	case err != nil:
		return netip.Addr{}, fmt.Errorf("%.60q is not an IP address; write extip:IP, for example extip:203.0.113.5", text)
	case ip.Zone() != "":
		return netip.Addr{}, errors.New("an address with a zone has a meaning only on this machine; write the one that others reach")
	case ip.IsUnspecified() || ip.IsMulticast():
		return netip.Addr{}, fmt.Errorf("nobody can be reached at %v; write the address that others reach", ip)
	}
	return ip, nil
}

func parseGateway(text string) (netip.Addr, error) {
	ip, err := parseIP(text)
	if err != nil || !ip.Is4() || ip.IsUnspecified() || ip.IsMulticast() {
		return netip.Addr{}, fmt.Errorf("%.60q is not the IPv4 address of a gateway; write pmp:GATEWAY, for example pmp:192.168.1.1, or pmp alone to search for it", text)
	}
	return ip, nil
}

// parseServer reads HOST or HOST:PORT and returns HOST:PORT.
func parseServer(text string) (string, error) {
	bad := fmt.Errorf("%.60q is not a server; write stun:HOST:PORT, for example stun:stun.example.org:3478, or stun alone for well-known ones", text)
	if ip, err := parseIP(text); err == nil {
		if ip.Zone() != "" {
			return "", bad
		}
		return netip.AddrPortFrom(ip, stunPort).String(), nil
	}
	if !strings.Contains(text, ":") {
		text = net.JoinHostPort(text, strconv.Itoa(stunPort))
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", bad
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("%.60q is not a port; write a number from 1 to 65535", port)
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" {
		return netip.AddrPortFrom(ip.Unmap(), uint16(n)).String(), nil
	}
	if !isHostName(host) {
		return "", bad
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}

// isHostName separates names from typing errors; only DNS can tell whether the host exists.
func isHostName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	for _, c := range []byte(host) {
		if c != '-' && c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// String returns the method as [Parse] reads it.
func (m Method) String() string {
	name := names[m.kind][0]
	switch {
	case m.ip.IsValid():
		return name + ":" + m.ip.String()
	case m.server != "":
		return name + ":" + m.server
	}
	return name
}

// Asks reports whether the method sends requests; none and extip do not.
func (m Method) Asks() bool { return m.kind != none && m.kind != extip }
