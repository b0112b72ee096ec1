// SPDX-License-Identifier: Apache-2.0

package nat

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// checkInvariants says what is wrong with a keeper.
func (k *keeper) checkInvariants() error {
	if k.ip.IsValid() && unfit("", k.ip) != nil {
		return fmt.Errorf("would publish %v", k.ip)
	}
	if k.told.IP.IsValid() && unfit("", k.told.IP) != nil {
		return fmt.Errorf("has published %v", k.told.IP)
	}
	if !k.found && k.ip.IsValid() {
		return fmt.Errorf("knows %v of no gateway", k.ip)
	}
	if k.told.IP.Zone() != "" || k.told.IP.Is4In6() {
		return fmt.Errorf("has published %v", k.told.IP)
	}
	for _, m := range k.mappings {
		switch {
		case m.internal == 0 || m.wanted == 0:
			return fmt.Errorf("no port: %+v", m)
		case m.failures < 0 || m.failures >= maxFailures:
			return fmt.Errorf("%d failures", m.failures)
		case m.drop && m.external == 0:
			return errors.New("deletes a mapping that is none")
		case !k.found && m.external != 0:
			return errors.New("a mapping without gateway")
		}
	}
	return nil
}

// TestKeeperAnyAnswers plays any gateway. However it answers, the machine comes to rest at
// once, waits neither forever nor not at all, publishes only changes and only what is fit,
// and asks for no mapping more than twice within a minute.
func TestKeeperAnyAnswers(t *testing.T) {
	answers := []string{"34.1.1.1", "34.1.1.2", "10.0.0.1", "100.64.3.4", "0.0.0.0", "224.0.0.1", "::ffff:34.1.1.3", "2600::1", "fe80::1%x", "2600::2%x", "127.0.0.1"}
	lifetimes := []time.Duration{-1, 0, 1, time.Second, 30 * time.Second, 5 * time.Minute, lease, 1 << 62}
	rapid.Check(t, func(t *rapid.T) {
		ports := Ports{rapid.Uint16Range(0, 1).Draw(t, "tcp") * 30303, rapid.Uint16Range(0, 1).Draw(t, "udp") * 30304}
		k, now, told := newKeeper(ports), epoch, External{}
		failure := func() error {
			if rapid.IntRange(0, 2).Draw(t, "fails") == 0 {
				return errDown
			}
			return nil
		}
		for range 60 {
			asked := [2]int{}
			for steps := 0; ; steps++ {
				if steps > 12 {
					t.Fatal("does not come to rest")
				}
				s := k.next(now)
				if s.do == wait {
					if wait := s.deadline.Sub(now); wait <= 0 || wait > refresh {
						t.Fatalf("waits %v", wait)
					}
					now = s.deadline
					break
				}
				switch s.do {
				case find:
					k.onFound(now, failure())
				case askIP:
					k.onIP(now, "it", netip.MustParseAddr(rapid.SampledFrom(answers).Draw(t, "address")), failure())
				case mapPort:
					asked[s.mapping.proto]++
					g := Grant{rapid.Uint16().Draw(t, "port"), rapid.SampledFrom(lifetimes).Draw(t, "lifetime")}
					k.onMapped(now, s.index, g, failure())
				case unmapPort:
					k.onUnmapped(s.index)
				case publish:
					if s.external == told {
						t.Fatalf("publishes %v again", told)
					}
					told = s.external
				}
				if err := k.checkInvariants(); err != nil {
					t.Fatal(err)
				}
			}
			for proto, n := range asked {
				if n > 1 {
					t.Fatalf("asks %d times for %v at once", n, Proto(proto))
				}
			}
			if len(k.stop()) > len(k.mappings) {
				t.Fatal("deletes too much")
			}
		}
	})
}
