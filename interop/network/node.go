// SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// A Node is one running client.
type Node struct {
	Name  string // n1, n2, …, as its logs are named
	Enode string
	ID    string // 64 hexadecimal digits
	rpc   *rpc
}

// Block is what the tests need of a block.
type Block struct {
	Number uint64
	Hash   string
	Parent string
	Size   uint64   // RLP, bytes
	Txs    []string // hashes
}

// Tx is what the tests compare of a mined transaction, as RPC writes it: amounts and
// numbers as 0x and hexadecimal digits, To empty for a creation, Type for a node that knows
// no types.
type Tx struct{ Hash, From, To, Nonce, Value, Gas, Type string }

// Connection is one connection of a node, as its admin_peers states it.
type Connection struct {
	ID            string // the other side's node ID
	Local, Remote string // addresses
	Inbound       bool   // for the node
	Eth           int    // negotiated version; 0 before the handshake
}

func newNode(name, url, endpoint string) (*Node, error) {
	n, err := enode.Parse(enode.ValidSchemes, url)
	if err != nil {
		return nil, fmt.Errorf("%s: %q: %w", name, url, err)
	}
	return &Node{Name: name, Enode: url, ID: n.ID().String(), rpc: newRPC(endpoint)}, nil
}

// Latest returns the newest block.
func (n *Node) Latest(ctx context.Context) (Block, error) { return n.block(ctx, "latest") }

// BlockAt returns the block at a number.
func (n *Node) BlockAt(ctx context.Context, number uint64) (Block, error) {
	return n.block(ctx, fmt.Sprintf("%#x", number))
}

// TxsAt returns the transactions of the block at a number.
func (n *Node) TxsAt(ctx context.Context, number uint64) ([]Tx, error) {
	var b *struct{ Transactions []Tx }
	if err := n.rpc.call(ctx, &b, "eth_getBlockByNumber", fmt.Sprintf("%#x", number), true); err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("%s: no block %d", n.Name, number)
	}
	return b.Transactions, nil
}

// AddPeer makes the node dial, and redial, an enode URL.
func (n *Node) AddPeer(ctx context.Context, url string) error {
	return n.admin(ctx, "admin_addPeer", url)
}

// RemovePeer undoes AddPeer, and makes the node disconnect from an enode URL.
func (n *Node) RemovePeer(ctx context.Context, url string) error {
	return n.admin(ctx, "admin_removePeer", url)
}

func (n *Node) admin(ctx context.Context, method, url string) error {
	var ok bool
	if err := n.rpc.call(ctx, &ok, method, url); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s: %s(%s) said no", n.Name, method, url)
	}
	return nil
}

// Connections returns the node's connections.
func (n *Node) Connections(ctx context.Context) ([]Connection, error) {
	var infos []struct {
		ID      string
		Network struct {
			LocalAddress, RemoteAddress string
			Inbound                     bool
		}
		Protocols map[string]any
	}
	if err := n.rpc.call(ctx, &infos, "admin_peers"); err != nil {
		return nil, err
	}
	var cs []Connection
	for _, i := range infos {
		c := Connection{ID: i.ID, Local: i.Network.LocalAddress, Remote: i.Network.RemoteAddress, Inbound: i.Network.Inbound}
		if eth, ok := i.Protocols["eth"].(map[string]any); ok { // a string before and during the handshake
			v, _ := eth["version"].(float64)
			c.Eth = int(v)
		}
		cs = append(cs, c)
	}
	return cs, nil
}

func (n *Node) block(ctx context.Context, at string) (Block, error) {
	var b *struct {
		Number, Hash, ParentHash, Size string
		Transactions                   []string
	}
	if err := n.rpc.call(ctx, &b, "eth_getBlockByNumber", at, false); err != nil {
		return Block{}, err
	}
	if b == nil {
		return Block{}, fmt.Errorf("%s: no block %s", n.Name, at)
	}
	number, err := strconv.ParseUint(b.Number, 0, 64)
	size, err2 := strconv.ParseUint(b.Size, 0, 64)
	if err := errors.Join(err, err2); err != nil {
		return Block{}, fmt.Errorf("%s: block %s: %w", n.Name, at, err)
	}
	return Block{Number: number, Hash: b.Hash, Parent: b.ParentHash, Size: size, Txs: b.Transactions}, nil
}

// waitFor returns when the node answers and has a block.
func (n *Node) waitFor(t testing.TB, number uint64, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	for {
		b, err := n.Latest(ctx)
		if err == nil && b.Number >= number {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s has no block %d after %v: at block %d, last error: %v", n.Name, number, limit, b.Number, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
