// SPDX-License-Identifier: Apache-2.0

// in: connections · out: requests that have their turn, one after the other · goroutines: net/http's, one for each connection

package engine

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ethpeer/ethpeer/chain/head"
)

// Bounds of connections.
const (
	maxConnections = 32
	maxHeader      = 16 << 10
	headerTimeout  = 5 * time.Second
	bodyTimeout    = 60 * time.Second
	answerTimeout  = 60 * time.Second
	idleTimeout    = 2 * time.Minute // consensus clients call once in a slot
	stopTimeout    = time.Second
)

// Run listens until ctx ends. It calls believe for each forkchoice update, which names another head or confirms the one
// before. It may be called once.
func (s *Server) Run(ctx context.Context, believe func(head.Believed)) error {
	if _, err := s.Listen(); err != nil {
		return err
	}
	if believe != nil {
		s.believe.Store(&believe)
	}
	server := &http.Server{
		Handler: s, MaxHeaderBytes: maxHeader, ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout,
		WriteTimeout: bodyTimeout + answerTimeout, IdleTimeout: idleTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    discard(),
	}
	var stopping sync.WaitGroup
	stopping.Go(func() {
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		if server.Shutdown(late) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(&limited{Listener: s.listener})
	if ctx.Err() == nil {
		return err
	}
	stopping.Wait()
	return nil
}

// limited closes connections beyond a limit at once.
type limited struct {
	net.Listener
	mu   sync.Mutex // a leaf
	open int
}

func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.enter() {
			return &counted{Conn: c, leave: sync.OnceFunc(l.leave)}, nil
		}
		_ = c.Close()
	}
}

func (l *limited) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == maxConnections {
		return false
	}
	l.open++
	return true
}

func (l *limited) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
}

type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}

// takeTurn waits until no other request is served.
func (s *Server) takeTurn(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errors.New("the caller has left")
	}
}

func (s *Server) endTurn() { <-s.turn }
