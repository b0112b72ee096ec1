// SPDX-License-Identifier: Apache-2.0

package dns

import (
	"context"
	"net"
	"testing"
	"time"
)

// A silent name server must not delay the end of the program. The system's resolver ignores its context while
// it waits for a datagram.
func TestEndDuringALookup(t *testing.T) {
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	old := net.DefaultResolver
	defer func() { net.DefaultResolver = old }()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		// A net.Dialer would read net.DefaultResolver, perhaps while the test puts the old one back.
		return net.DialUDP("udp4", nil, silent.LocalAddr().(*net.UDPAddr))
	}}
	c, err := New(Config{Lists: []string{listURL(t, "a.example").String()}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	began := time.Now()
	c.Next(ctx)
	if took := time.Since(began); took > time.Second {
		t.Errorf("Next returned %v after its ctx had ended", took-100*time.Millisecond)
	}
}
