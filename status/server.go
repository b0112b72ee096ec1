// SPDX-License-Identifier: Apache-2.0

// in: connections · out: a report for each · goroutines: one that accepts, one for each client

package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// SocketName is the name of the socket in a data directory.
const SocketName = "ethpeer.sock"

const (
	// MaxPath is how long the path of a socket may be, in bytes: sun_path has 108, with the 0 that ends it.
	MaxPath = 107

	maxClients = 8
	patience   = 5 * time.Second // for a client to read its report
)

// A Server has bound its socket.
type Server struct {
	path     string
	backend  Backend
	listener *net.UnixListener
}

// Listen binds the socket at path, with mode 0600. It replaces a socket that nothing listens at. The
// caller makes sure that no other process uses the directory.
func Listen(path string, b Backend) (*Server, error) {
	aside := filepath.Join(filepath.Dir(path), ".sock") // no longer than the name that it gets
	if len(path) > MaxPath {
		return nil, fmt.Errorf("the path %s has %d bytes: a socket's has at most %d", path, len(path), MaxPath)
	}
	for _, name := range []string{aside, path} {
		if info, err := os.Lstat(name); err == nil && info.Mode().Type() != fs.ModeSocket {
			return nil, fmt.Errorf("%s is no socket: move it away", name)
		}
	}
	_ = os.Remove(aside) // of a process that was killed
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: aside, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it would remove the name aside
	if err = os.Chmod(aside, 0o600); err == nil {
		err = os.Rename(aside, path)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close(), os.Remove(aside))
	}
	return &Server{path: path, backend: b, listener: l}, nil
}

// Run answers until ctx ends. Then it removes the socket and waits for its goroutines.
func (s *Server) Run(ctx context.Context) {
	var clients sync.WaitGroup
	defer clients.Wait()
	stop := context.AfterFunc(ctx, func() {
		_ = os.Remove(s.path)
		_ = s.listener.Close()
	})
	defer stop()
	free := make(chan struct{}, maxClients)
	for {
		c, err := s.listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = c.Close()
			}
			return
		case err != nil: // too many open files, say: the node needs them more
			select {
			case <-ctx.Done():
				return
			case <-time.After(patience):
			}
			continue
		}
		select {
		case free <- struct{}{}:
			clients.Go(func() {
				s.answer(ctx, c)
				<-free
			})
		default:
			_ = c.Close()
		}
	}
}

// answer writes one report. A client that is gone, or that does not read, costs its goroutine for a while.
func (s *Server) answer(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	_ = c.SetDeadline(time.Now().Add(patience))
	report, err := json.Marshal(Collect(time.Now(), s.backend))
	if err == nil {
		_, _ = c.Write(append(report, '\n'))
	}
}
