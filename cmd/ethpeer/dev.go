// SPDX-License-Identifier: Apache-2.0

// in: settings · out: a node with a network of its own · goroutines: the network's

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ethpeer/ethpeer"
	"github.com/ethpeer/ethpeer/devnet"
	"github.com/ethpeer/ethpeer/params"
)

// devChain is the name of the chain of the embedded network.
const devChain = "dev"

// devNotice describes the embedded network to the user.
const devNotice = "an embedded network: its blocks are sealed, not executed"

// chainNames returns the chains that --chain knows without a file.
func chainNames() []string { return append(params.Names(), devChain) }

// dev takes settings for the embedded network, which is in this process: it listens on
// loopback, at any free port, unless the user says otherwise.
func (f *flags) dev(s *settings) error {
	if s.dev = strings.EqualFold(f.chain.Text(), devChain); !s.dev {
		return nil
	}
	if s.networkID != 0 && s.networkID != devnet.ChainID {
		return f.networkID.Wrong(f.networkID.Text(), "none: the embedded network has its own")
	}
	f.addr.FallBack("127.0.0.1")
	f.port.FallBack("0")
	return nil
}

// A devNode is a node that has a network of its own to watch.
type devNode struct {
	network *devnet.Network
	cfg     ethpeer.Config
}

func newDevNode(cfg ethpeer.Config) (*devNode, error) {
	network, err := devnet.New(devnet.Config{})
	if err != nil {
		return nil, failure{err}
	}
	cfg.Chain = network.Chain()
	return &devNode{network, cfg}, nil
}

// Run runs the network and, as soon as that listens, the node. The node ends first, so that no peer
// disconnects it.
func (d *devNode) Run(ctx context.Context) error {
	node, stopNode := context.WithCancel(ctx)
	defer stopNode()
	network, stopNetwork := context.WithCancel(context.WithoutCancel(ctx))
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		err := d.network.Run(network, func() { close(ready) })
		stopNode()
		ended <- err
	}()
	var err error
	select {
	case <-ready:
		err = d.watch(node)
	case <-node.Done():
	}
	stopNetwork()
	if failed := <-ended; failed != nil {
		err = errors.Join(err, failure{fmt.Errorf("the embedded network: %w", failed)})
	}
	return err
}

func (d *devNode) watch(ctx context.Context) error {
	d.cfg.Static = append(d.cfg.Static, d.network.Nodes()...)
	n, err := ethpeer.New(d.cfg)
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
