// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/p2p"
	"github.com/ethpeer/ethpeer/types"
)

// DefaultListen is where a [Server] listens if Config.Listen is empty: the port that consensus clients try, on loopback.
const DefaultListen = "127.0.0.1:8551"

// Config says for which chain a [Server] answers, and to which consensus client.
type Config struct {
	Listen string // host:port; "" = DefaultListen
	Secret []byte // of the JWTs, 32 bytes: see LoadSecret

	ChainID   uint64 // eth_chainId
	NetworkID uint64 // net_version

	Version string  // of this client, for engine_getClientVersion: "v1.2.3"; "" = "unknown"
	Commit  [4]byte // the first bytes of the commit that it was built from

	Budget *p2p.Budget // what a body in memory is charged to; nil = to none
	Record event.Recorder
}

// A Backend is what a node has of the chain. Any goroutine may call its functions. A nil function has nothing.
type Backend struct {
	Head      func() chain.Ref // the newest block of our own chain
	Canonical func(number uint64) (types.Hash, bool)
	Header    func(types.Hash) []byte // RLP; nil = not held
	Body      func(types.Hash) []byte // RLP; nil = not held

	// AccessList returns the RLP of the block access list (EIP-7928); nil = not held.
	AccessList func(types.Hash) []byte

	// AddBlock takes the block of a payload: RLP of header and body, and of the block access list, nil where there is none.
	// The header hashes to what the consensus client says. An error says that the block was not kept.
	AddBlock func(header, body, accessList []byte) error
}

// Server listens for a consensus client. It is a source of heads.
type Server struct {
	cfg      Config
	listener net.Listener

	turn    chan struct{} // holds one token while a request has its turn
	backend atomic.Pointer[Backend]
	believe atomic.Pointer[func(head.Believed)]
	now     func() time.Time

	doubts doubts // a leaf: requests without a turn use it
	state         // belongs to the request that has its turn
}

// state is what the Server remembers of its consensus client.
type state struct {
	headers  recent
	last     head.Believed // the last forkchoice update; its zero value = none
	builds   bool          // it has been told that there will be no block
	stranger bool          // it has been told that a payload has unknown parts
	lost     losses
}

// New returns a server that does not listen yet.
func New(cfg Config) (*Server, error) {
	if len(cfg.Secret) != secretSize {
		return nil, errors.New("engine: the JWT secret has not 32 bytes: see LoadSecret")
	}
	if cfg.Listen == "" {
		cfg.Listen = DefaultListen
	}
	if cfg.Version == "" {
		cfg.Version = "unknown"
	}
	return &Server{cfg: cfg, turn: make(chan struct{}, 1), now: time.Now}, nil
}

// Attach gives the server the rest of the node. Until then payloads name headers and blocks are not kept.
func (s *Server) Attach(b Backend) { s.backend.Store(&b) }

// attached returns the backend, or one that has nothing.
func (s *Server) attached() *Backend {
	if b := s.backend.Load(); b != nil {
		return b
	}
	return &Backend{}
}

// Listen opens the port, so that an error is known before anything runs; Run does it otherwise. It returns the address.
func (s *Server) Listen() (net.Addr, error) {
	if s.listener == nil {
		l, err := net.Listen("tcp", s.cfg.Listen)
		if err != nil {
			return nil, err
		}
		s.listener = l
	}
	return s.listener.Addr(), nil
}

// recent holds the headers of the latest payloads, in the order in which they came: at most maxRecent, the oldest are dropped.
type recent []known

type known struct {
	ref    chain.Ref
	header []byte
}

const maxRecent = 64

func (r *recent) add(k known) {
	if _, ok := r.get(k.ref.Hash); ok {
		return
	}
	if len(*r) == maxRecent {
		*r = append((*r)[:0], (*r)[1:]...)
	}
	*r = append(*r, k)
}

func (r *recent) get(h types.Hash) (known, bool) {
	for i := len(*r) - 1; i >= 0; i-- {
		if (*r)[i].ref.Hash == h {
			return (*r)[i], true
		}
	}
	return known{}, false
}
