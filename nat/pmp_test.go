// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"context"
	"encoding/binary"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// pmpAt is where the test's gateway listens. The port is NAT-PMP's only one; on Linux all
// of 127.0.0.0/8 is loopback, so that nothing else is there.
const pmpAt = "127.83.51.1"

// A pmpServer answers as RFC 6886 says, and keeps what it was asked for.
type pmpServer struct {
	mu       sync.Mutex // guards what follows
	ip       [4]byte
	code     uint16 // of the result
	port     uint16 // granted; 0 = the wanted one
	lifetime uint32 // granted; 0 = the wanted one
	change   func(answer []byte) []byte
	mapped   map[string][2]uint16
}

func (s *pmpServer) answer(r []byte) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(r) < 2 || r[0] != 0 {
		return nil
	}
	a := []byte{0, r[1] | 0x80, byte(s.code >> 8), byte(s.code), 0, 0, 0, 7}
	switch {
	case r[1] == 0:
		a = append(a, s.ip[:]...)
	case len(r) == 12:
		internal, external, lifetime := binary.BigEndian.Uint16(r[4:]), binary.BigEndian.Uint16(r[6:]), binary.BigEndian.Uint32(r[8:])
		proto := []string{"", "UDP", "TCP"}[r[1]]
		if lifetime == 0 {
			delete(s.mapped, proto)
		} else {
			if s.port != 0 {
				external = s.port
			}
			if s.lifetime != 0 {
				lifetime = s.lifetime
			}
			s.mapped[proto] = [2]uint16{internal, external}
		}
		a = binary.BigEndian.AppendUint16(a, internal)
		a = binary.BigEndian.AppendUint16(a, external)
		a = binary.BigEndian.AppendUint32(a, lifetime)
	}
	if s.change != nil {
		a = s.change(a)
	}
	if a == nil {
		return nil
	}
	return [][]byte{a}
}

func servePMP(t *testing.T) (*pmpServer, Gateway) {
	s := &pmpServer{ip: [4]byte{34, 1, 1, 1}, mapped: map[string][2]uint16{}}
	serve(t, pmpAt+":5351", s.answer)
	g, err := findPMPAt(t.Context(), netip.MustParseAddr(pmpAt))
	if err != nil {
		t.Fatal(err)
	}
	return s, g
}

func (s *pmpServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func TestPMP(t *testing.T) {
	s, g := servePMP(t)
	if ip, err := g.ExternalIP(t.Context()); err != nil || ip.String() != "34.1.1.1" {
		t.Errorf("%v, %v", ip, err)
	}
	if got, err := g.Map(t.Context(), TCP, 30303, 30303, lease); err != nil || got != (Grant{30303, lease}) {
		t.Errorf("%v, %v", got, err)
	}
	s.set(func() { s.port, s.lifetime = 41000, 1<<32-1 })
	if got, err := g.Map(t.Context(), UDP, 30304, 30304, lease); err != nil || got != (Grant{41000, (1<<32 - 1) * time.Second}) {
		t.Errorf("%v, %v", got, err)
	}
	s.set(func() {
		if s.mapped["TCP"] != [2]uint16{30303, 30303} || s.mapped["UDP"] != [2]uint16{30304, 41000} {
			t.Errorf("mapped %v", s.mapped)
		}
	})
	for _, p := range []Proto{TCP, UDP} {
		if err := g.Unmap(t.Context(), p, 30303, 30303); err != nil {
			t.Error(err)
		}
	}
	s.set(func() {
		if len(s.mapped) != 0 {
			t.Errorf("left %v", s.mapped)
		}
	})
}

// TestPMPHostile: no answer, however wrong, is taken for one.
func TestPMPHostile(t *testing.T) {
	s, g := servePMP(t)
	for want, change := range map[string]func([]byte) []byte{
		"Not Authorized":   func(a []byte) []byte { a[3] = 2; return a },
		"result code 777":  func(a []byte) []byte { a[2], a[3] = 3, 9; return a },
		"version 2":        func(a []byte) []byte { a[0] = 2; return a },
		"opcode":           func(a []byte) []byte { a[1] = 0x8f; return a },
		"size":             func(a []byte) []byte { return a[:7] },
		"answers for port": func(a []byte) []byte { a[8] ^= 1; return a },
	} {
		s.set(func() { s.change = change })
		if got, err := g.Map(t.Context(), TCP, 30303, 30303, lease); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %s", got, err, want)
		}
	}
	s.set(func() { s.change = func([]byte) []byte { return nil } })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := g.ExternalIP(ctx); err != errSilent {
		t.Errorf("never answering: %v", err)
	}
	if _, err := g.Map(ctx, TCP, 1, 1, lease); err != errSilent {
		t.Errorf("after the end: %v", err)
	}
	if err := g.Unmap(ctx, TCP, 1, 1); err != errSilent {
		t.Errorf("after the end: %v", err)
	}
}

// TestRunWithPMP plays the whole of Run against the server: row 114 on the wire.
func TestRunWithPMP(t *testing.T) {
	s, _ := servePMP(t)
	s.set(func() { s.port = 41000 })
	m, err := Parse("pmp:" + pmpAt)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = Run(ctx, Config{
		Method: m, Ports: Ports{TCP: 30303},
		Changed: func(e External) {
			if show(e) != "34.1.1.1 tcp 41000" {
				t.Errorf("changed to %v", e)
			}
			s.set(func() {
				if s.mapped["TCP"] != [2]uint16{30303, 41000} {
					t.Errorf("mapped %v", s.mapped)
				}
			})
			cancel()
		},
		Trouble: func(err error) { t.Error(err) },
	})
	s.set(func() {
		if err != nil || len(s.mapped) != 0 {
			t.Errorf("%v; left %v", err, s.mapped)
		}
	})
}
