// SPDX-License-Identifier: Apache-2.0

package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// MaxReport bounds a report, in bytes of JSON.
const MaxReport = 16 << 20

// Errors of Fetch. Match with errors.Is.
var (
	ErrNotRunning = errors.New("no node runs there")                          // there is no socket
	ErrStale      = errors.New("no node runs there; the last one was killed") // the socket has no listener
)

// Fetch asks the node that serves the socket at path. It takes at most 5 s.
func Fetch(ctx context.Context, path string) (*Report, error) {
	if len(path) > MaxPath {
		return nil, fmt.Errorf("the path %s has %d bytes: a socket's has at most %d", path, len(path), MaxPath)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotRunning
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrStale
	case err != nil:
		return nil, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	text, err := io.ReadAll(io.LimitReader(c, MaxReport+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("no whole report in %v: %w", patience, err)
	case len(text) == 0:
		return nil, errors.New("the node closed the connection without a report: it is ending, or too many ask it")
	case len(text) > MaxReport:
		return nil, fmt.Errorf("the report has more than %d bytes", MaxReport)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("not a report: %w", err)
	}
	return &r, nil
}
