// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/ethpeer/ethpeer/discover"
	"github.com/ethpeer/ethpeer/discover/dns"
	"github.com/ethpeer/ethpeer/discover/dnstree"
	"github.com/ethpeer/ethpeer/discover/self"
	"github.com/ethpeer/ethpeer/discover/v4"
	"github.com/ethpeer/ethpeer/discover/v5"
	"github.com/ethpeer/ethpeer/ecc"
	"github.com/ethpeer/ethpeer/enr"
	"github.com/ethpeer/ethpeer/nat"
	"github.com/ethpeer/ethpeer/nodedb"
	"github.com/ethpeer/ethpeer/nodedb/pebble"
)

var discovery = []part{
	{"nat", useNAT},
	{"nodedb and nodedb/pebble", useDB},
	{"discover/dns", useDNS},
	{"discover/v4", useV4},
	{"discover/v5", useV5},
	{"discover", useFinder},
}

func useNAT(ctx context.Context) error {
	method, err := nat.Parse("extip:34.1.1.1")
	if err != nil {
		return err
	}
	var found nat.External
	err = nat.Run(ctx, nat.Config{Method: method, Ports: nat.Ports{TCP: 30303}, Changed: func(e nat.External) { found = e }})
	return errors.Join(err, want(found.IP.String() == "34.1.1.1", "%v", found))
}

func useDB(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "ethpeer-embed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, record, err := newNode("34.1.2.3", 30303)
	if err != nil {
		return err
	}
	for run := range 2 { // the second one finds what the first one kept
		disk, err := pebble.Open(dir, func(trouble string) { fmt.Println(trouble) })
		if err != nil {
			return err
		}
		db, err := nodedb.New(disk)
		if err != nil {
			return err
		}
		if db.Len() != run {
			return fmt.Errorf("run %d begins with %d nodes", run, db.Len())
		}
		db.Update(record.ID(), func(e *nodedb.Entry) { e.Node, e.LastPong = record.Node(), time.Now() })
		ended, end := context.WithCancel(ctx)
		end()
		if err := errors.Join(db.Run(ended, nil), disk.Close()); err != nil {
			return err
		}
	}
	return nil
}

// texts is a resolver that knows the list of one domain.
type texts map[string]string

func (t texts) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := t[name]; ok {
		return []string{text}, nil
	}
	return nil, fmt.Errorf("no such name: %s", name)
}

func useDNS(ctx context.Context) error {
	key, record, err := newNode("34.1.2.3", 30303)
	if err != nil {
		return err
	}
	url, list := dnstree.Build(1, []*enr.Record{record}, nil).Publish(key, "nodes.example.org")
	client, err := dns.New(dns.Config{Lists: []string{url.String()}, Resolver: texts(list)})
	if err != nil {
		return err
	}
	node, ok := client.Next(ctx)
	return want(ok && node.ID() == record.ID(), "%v", node)
}

// An engine does discovery of one version.
type engine interface {
	Run(context.Context) error
	Ping(context.Context, enr.Node) (uint64, error)
	Deliver(netip.AddrPort, []byte) bool
}

func useV4(ctx context.Context) error {
	return meet(ctx, func(key *ecc.PrivateKey, conn *net.UDPConn, record *enr.Record) (engine, error) {
		return v4.New(v4.Config{Key: key, Conn: conn, Self: func() *enr.Record { return record }})
	})
}

func useV5(ctx context.Context) error {
	return meet(ctx, func(key *ecc.PrivateKey, conn *net.UDPConn, record *enr.Record) (engine, error) {
		return v5.New(v5.Config{Key: key, Conn: conn, Self: func() *enr.Record { return record }})
	})
}

// meet starts two engines, and one pings the other.
func meet(ctx context.Context, start func(*ecc.PrivateKey, *net.UDPConn, *enr.Record) (engine, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var engines []engine
	var records []*enr.Record
	ended := make(chan error, 2)
	for range 2 {
		conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		defer conn.Close()
		key, record, err := newNode("127.0.0.1", conn.LocalAddr().(*net.UDPAddr).AddrPort().Port())
		if err != nil {
			return err
		}
		e, err := start(key, conn, record)
		if err != nil {
			return err
		}
		go read(conn, e)
		go func() { ended <- e.Run(ctx) }()
		engines, records = append(engines, e), append(records, record)
	}
	seq, err := engines[0].Ping(ctx, records[1].Node())
	cancel()
	return errors.Join(err, <-ended, <-ended, want(seq == 1, "sequence number %d", seq))
}

func read(conn *net.UDPConn, e engine) {
	buf := make([]byte, 1280)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		e.Deliver(netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), buf[:n])
	}
}

func useFinder(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	key, record, err := newNode("34.1.2.3", 30303)
	if err != nil {
		return err
	}
	url, list := dnstree.Build(1, []*enr.Record{record}, nil).Publish(key, "nodes.example.org")
	ourKey, err := ecc.NewPrivateKey(rand.Reader)
	if err != nil {
		return err
	}
	finder, err := discover.New(discover.Config{
		Key: ourKey, Self: self.New(self.Config{Key: ourKey, Start: time.Now()}), Lists: []string{url.String()}, TXT: texts(list),
	})
	if err != nil {
		return err
	}
	if err := finder.Open(); err != nil { // before Next, and before anything that wants the ports
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- finder.Run(ctx) }()
	found, ok := finder.Next(ctx)
	cancel()
	return errors.Join(<-ended, want(ok && found.Node.ID() == record.ID(), "%v", found))
}
