// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/pion/stun/v3"
)

const stunPort = 3478

// wellKnown are the servers that are used if the operator names none, in this order. Each has
// another operator.
var wellKnown = []string{"stun.l.google.com:19302", "stun.cloudflare.com:3478", "stun.nextcloud.com:3478"}

// stunServers state our external address (https://www.rfc-editor.org/rfc/rfc8489). They are
// host:port; at most 3 get a request, one after the other, until one answers.
type stunServers []string

func (s stunServers) String() string {
	if len(s) == 1 {
		return "the STUN server " + s[0]
	}
	return "STUN"
}

func (s stunServers) ExternalIP(ctx context.Context) (netip.Addr, error) {
	var errs []string
	for _, server := range s[:min(len(s), maxServers)] {
		ip, err := askSTUN(ctx, server)
		if err == nil {
			return ip, nil
		}
		if len(s) > 1 {
			err = fmt.Errorf("%s: %w", server, err)
		}
		errs = append(errs, err.Error())
	}
	return netip.Addr{}, errors.New(strings.Join(errs, "; "))
}

// Map fails: a STUN server is not the gateway.
func (s stunServers) Map(context.Context, Proto, uint16, uint16, time.Duration) (Grant, error) {
	return Grant{}, errNoMapping
}

// Unmap has nothing to delete.
func (s stunServers) Unmap(context.Context, Proto, uint16, uint16) error { return nil }

// askSTUN asks one server, by IPv4 if it has such an address.
func askSTUN(ctx context.Context, server string) (netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, stunTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp4", server)
	if err != nil {
		if conn, err = dialer.DialContext(ctx, "udp6", server); err != nil {
			return netip.Addr{}, plain(err)
		}
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	ip, err := bind(ctx, conn)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return ip, plain(err)
}

// bind repeats one Binding request until an answer comes or the connection is closed (RFC 8489,
// section 6.2.1). It ignores datagrams that do not match the request: any host can send such.
func bind(ctx context.Context, conn net.Conn) (netip.Addr, error) {
	request, err := stun.Build(stun.TransactionID, stun.BindingRequest)
	if err != nil {
		return netip.Addr{}, err
	}
	buf := make([]byte, maxDatagram)
	for ctx.Err() == nil {
		if _, err := conn.Write(request.Raw); err != nil {
			return netip.Addr{}, err
		}
		conn.SetReadDeadline(time.Now().Add(stunRepeat))
		for {
			n, err := conn.Read(buf)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
			if err != nil {
				return netip.Addr{}, err
			}
			if answer := (&stun.Message{Raw: buf[:n]}); answer.Decode() == nil && answer.TransactionID == request.TransactionID {
				return mapped(answer)
			}
		}
	}
	return netip.Addr{}, ctx.Err()
}

// mapped returns the XOR-MAPPED-ADDRESS of an answer (RFC 8489, section 14.2), or the
// MAPPED-ADDRESS of an older server (section 14.1).
func mapped(answer *stun.Message) (netip.Addr, error) {
	if answer.Type != stun.BindingSuccess {
		return netip.Addr{}, errors.New("it refuses")
	}
	var x stun.XORMappedAddress
	var m stun.MappedAddress
	ip := net.IP(nil)
	if x.GetFrom(answer) == nil {
		ip = x.IP
	} else if m.GetFrom(answer) == nil {
		ip = m.IP
	}
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return netip.Addr{}, errors.New("it answers without an address")
	}
	return a.Unmap(), nil
}
