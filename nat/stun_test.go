// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

// serve listens on loopback until the test ends, and sends what answer returns.
func serve(t *testing.T, at string, answer func(request []byte) [][]byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp", at)
	if err != nil {
		t.Skipf("cannot listen at %s: %v", at, err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		buf := make([]byte, maxDatagram)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			for _, a := range answer(buf[:n]) {
				conn.WriteTo(a, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// binding answers a request with attributes.
func binding(t *testing.T, request []byte, kind stun.MessageType, attributes ...stun.Setter) []byte {
	m := &stun.Message{Raw: append([]byte(nil), request...)}
	if err := m.Decode(); err != nil || m.Type != stun.BindingRequest {
		t.Errorf("request %x: %v", request, err)
	}
	setters := []stun.Setter{stun.NewTransactionIDSetter(m.TransactionID), kind}
	a, err := stun.Build(append(setters, attributes...)...)
	if err != nil {
		t.Error(err)
		return nil
	}
	return a.Raw
}

func TestSTUN(t *testing.T) {
	public, other := net.IPv4(34, 1, 1, 1), net.IPv4(34, 9, 9, 9)
	for name, test := range map[string]struct {
		answer func(request []byte) [][]byte
		want   string
	}{
		"as it is": {func(r []byte) [][]byte {
			return [][]byte{binding(t, r, stun.BindingSuccess, &stun.XORMappedAddress{IP: public, Port: 99})}
		}, "34.1.1.1"},
		"IPv6": {func(r []byte) [][]byte {
			return [][]byte{binding(t, r, stun.BindingSuccess, &stun.XORMappedAddress{IP: net.ParseIP("2600::1"), Port: 99})}
		}, "2600::1"},
		"from an old server": {func(r []byte) [][]byte {
			return [][]byte{binding(t, r, stun.BindingSuccess, &stun.MappedAddress{IP: public, Port: 99})}
		}, "34.1.1.1"},
		"after what answers nothing": {func(r []byte) [][]byte {
			wrong := binding(t, r, stun.BindingSuccess, &stun.XORMappedAddress{IP: other, Port: 99})
			wrong[19] ^= 1 // the last byte of the transaction ID
			right := binding(t, r, stun.BindingSuccess, &stun.XORMappedAddress{IP: public, Port: 99})
			return [][]byte{[]byte("garbage"), wrong, right[:len(right)-1], right}
		}, "34.1.1.1"},
		"refusal": {func(r []byte) [][]byte {
			return [][]byte{binding(t, r, stun.BindingError, stun.CodeServerError)}
		}, "it refuses"},
		"nothing in it": {func(r []byte) [][]byte {
			return [][]byte{binding(t, r, stun.BindingSuccess)}
		}, "without an address"},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, "127.0.0.1:0", test.answer)
			ip, err := stunServers{server.String()}.ExternalIP(t.Context())
			if got := ip.String() + because(err); !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestSTUNRepeats: the first request gets lost.
func TestSTUNRepeats(t *testing.T) {
	requests := 0
	server := serve(t, "127.0.0.1:0", func(r []byte) [][]byte {
		if requests++; requests == 1 {
			return nil
		}
		return [][]byte{binding(t, r, stun.BindingSuccess, &stun.XORMappedAddress{IP: net.IPv4(34, 1, 1, 1), Port: 1})}
	})
	if ip, err := askSTUN(t.Context(), server.String()); err != nil || ip.String() != "34.1.1.1" {
		t.Errorf("%v, %v", ip, err)
	}
}

// TestSTUNTriesThree servers and no more, in order.
func TestSTUNTriesThree(t *testing.T) {
	refuses := func(asked *int) func(r []byte) [][]byte {
		return func(r []byte) [][]byte {
			*asked++
			return [][]byte{binding(t, r, stun.BindingError, stun.CodeServerError)}
		}
	}
	works := func(r []byte) [][]byte {
		return [][]byte{binding(t, r, stun.BindingSuccess, &stun.XORMappedAddress{IP: net.IPv4(34, 1, 1, 1), Port: 1})}
	}
	var counts [4]int
	var s stunServers
	for i := range counts {
		s = append(s, serve(t, "127.0.0.1:0", refuses(&counts[i])).String())
	}
	good := serve(t, "127.0.0.1:0", works).String()
	if ip, err := (stunServers{s[0], s[1], good}).ExternalIP(t.Context()); err != nil || ip.String() != "34.1.1.1" {
		t.Errorf("%v, %v", ip, err)
	}
	_, err := stunServers{s[0], s[1], s[2], good}.ExternalIP(t.Context())
	if err == nil || strings.Count(err.Error(), "it refuses") != 3 {
		t.Errorf("error %v", err)
	}
}

// TestSTUNEnds: with ctx, whether or not the server says anything.
func TestSTUNEnds(t *testing.T) {
	server := serve(t, "127.0.0.1:0", func([]byte) [][]byte { return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if ip, err := askSTUN(ctx, server.String()); err != errSilent {
		t.Errorf("%v, %v", ip, err)
	}
	if ip, err := askSTUN(ctx, server.String()); err == nil {
		t.Errorf("%v after ctx has ended", ip)
	}
}

func TestSTUNMapsNothing(t *testing.T) {
	if _, err := (stunServers{}).Map(t.Context(), TCP, 1, 1, lease); err == nil {
		t.Error("mapped")
	}
	if err := (stunServers{}).Unmap(t.Context(), TCP, 1, 1); err != nil {
		t.Error(err)
	}
	if len(wellKnown) > maxServers {
		t.Errorf("%d servers, of which %d are asked", len(wellKnown), maxServers)
	}
	for _, server := range wellKnown {
		if m, err := Parse("stun:" + server); err != nil || m.server != server {
			t.Errorf("%v, %v", m, err)
		}
	}
}

// TestStunServersOfTheMethod: the operator's alone, or the well-known ones.
func TestStunServersOfTheMethod(t *testing.T) {
	for text, want := range map[string]stunServers{"stun": stunServers(wellKnown), "stun:127.0.0.1:3478": {"127.0.0.1:3478"}} {
		m, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		g, err := m.finder(here)(t.Context())
		if got, ok := g.(stunServers); err != nil || !ok || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, g, err)
		}
	}
}
