// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/ethpeer/ethpeer/chain"
	"github.com/ethpeer/ethpeer/chain/head"
	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

func (p *payload) ref() chain.Ref { return chain.Ref{Number: p.header.Number, Hash: p.hash} }

// forkchoiceUpdated names the head
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#engine_forkchoiceupdatedv1 and later).
func (s *Server) forkchoiceUpdated(dst []byte, params [][]byte, _ int) ([]byte, error) {
	if len(params) == 0 {
		return dst, invalid("the forkchoice state is missing")
	}
	all, err := fields(params[0])
	if err != nil {
		return dst, invalid("forkchoice state: %v", err)
	}
	var top, safe, finalized types.Hash
	r := reader{fields: all}
	r.fixed("headBlockHash", top[:])
	r.fixed("safeBlockHash", safe[:])
	r.fixed("finalizedBlockHash", finalized[:])
	if r.err != nil {
		return dst, invalid("forkchoice state: %v", r.err)
	}
	if top.IsZero() {
		return dst, &rpcError{codeForkchoice, "Invalid forkchoice state: the head is zero"}
	}
	k := s.find(top)
	s.last = head.Believed{
		Ref: k.ref, Header: k.header, Safe: s.find(safe).ref, Finalized: s.find(finalized).ref, By: event.HeadByEngine, At: s.now(),
	}
	if believe := s.believe.Load(); believe != nil {
		(*believe)(s.last)
	}
	if len(params) > 1 && !isNull(params[1]) {
		s.tellBuilder()
	}
	return append(append(append(dst, `{"payloadStatus":`...), statusSyncing...), `,"payloadId":null}`...), nil
}

// find returns a block's header, from a payload or the backend. Without a header the number is 0.
func (s *Server) find(h types.Hash) known {
	if k, ok := s.headers.get(h); ok {
		return k
	}
	k := known{ref: chain.Ref{Hash: h}}
	b := s.attached()
	if h.IsZero() || b.Header == nil {
		return k
	}
	if raw := b.Header(h); raw != nil {
		if header, err := types.DecodeHeader(raw); err == nil {
			k.ref.Number, k.header = header.Number, raw
		}
	}
	return k
}

// tellBuilder says once that payload attributes lead to no block.
func (s *Server) tellBuilder() {
	if s.builds {
		return
	}
	s.builds = true
	s.trouble(event.TroubleProposer, "this consensus client proposes blocks, and ethpeer cannot build any: its validators miss their turns; "+
		"give them an execution client", false)
}
