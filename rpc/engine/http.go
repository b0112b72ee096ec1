// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"io"
	"log"
	"net/http"
	"slices"
)

// maxBody is how many bytes a request may have: what other execution clients take.
const maxBody = 128 << 20

// firstRead is how much memory a body gets before any of it has arrived.
const firstRead = 64 << 10

// discard returns a log for what net/http would print, such as connections that were reset.
func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// ServeHTTP answers one request: JSON-RPC by POST, with a JWT. A wrong token is the only HTTP error of a POST: consensus
// clients take others for an execution client that is broken.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := checkToken(s.cfg.Secret, r.Header.Get("Authorization"), s.now()); err != nil {
		s.doubts.refuse(s, err)
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	s.doubts.accept(s)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return
	}
	if s.takeTurn(r.Context()) != nil {
		return
	}
	defer s.endTurn()
	body, give, err := s.readBody(r)
	defer give()
	var answer []byte
	switch {
	case errors.Is(err, errTooLarge):
		w.Header().Set("Connection", "close")
		answer = appendError(nil, nil, &rpcError{codeInvalidRequest, err.Error()})
	case err != nil:
		return // the caller has left, or was too slow
	default:
		answer = s.answer(body)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

var errTooLarge = errors.New("the request has more than 128 MiB")

// readBody reads a body. Memory grows with the bytes that arrive, by doubling, and is charged to the budget until give is
// called: twice, because what is made of a payload is as large as its hexadecimal digits at most.
func (s *Server) readBody(r *http.Request) (body []byte, give func(), err error) {
	charged := 0
	give = func() { s.cfg.Budget.Give(charged) }
	if r.ContentLength > maxBody {
		return nil, give, errTooLarge
	}
	for {
		if len(body) == cap(body) {
			body = slices.Grow(body, max(firstRead, min(len(body), maxBody+1-len(body))))
			s.cfg.Budget.Charge(2*cap(body) - charged)
			charged = 2 * cap(body)
		}
		n, err := r.Body.Read(body[len(body):min(cap(body), maxBody+1)])
		body = body[:len(body)+n]
		switch {
		case len(body) > maxBody:
			return nil, give, errTooLarge
		case errors.Is(err, io.EOF):
			return body, give, nil
		case err != nil:
			return nil, give, err
		}
	}
}
