// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/hex"
	"strconv"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/types"
)

// A method is one row of the table: answer appends the result.
type method struct {
	name      string
	versioned bool // its name ends with V and a number; any is answered
	answer    func(s *Server, dst []byte, params [][]byte, version int) ([]byte, error)
}

// methods are what is answered. A consensus client that asks for another hears that it does not exist.
var methods = []method{
	{"engine_newPayload", true, (*Server).newPayload},
	{"engine_forkchoiceUpdated", true, (*Server).forkchoiceUpdated},
	{"engine_exchangeCapabilities", false, exchangeCapabilities},
	{"engine_exchangeTransitionConfiguration", true, exchangeTransitionConfiguration},
	{"engine_getClientVersion", true, (*Server).getClientVersion},
	{"engine_getPayloadBodiesByHash", true, (*Server).getPayloadBodiesByHash},
	{"engine_getPayloadBodiesByRange", true, (*Server).getPayloadBodiesByRange},
	{"engine_getPayload", true, getPayload},
	{"engine_getBlobs", true, getBlobs},
	{"eth_chainId", false, (*Server).chainID},
	{"eth_syncing", false, (*Server).syncing},
	{"eth_blockNumber", false, (*Server).blockNumber},
	{"net_version", false, (*Server).netVersion},
}

// capabilities are what exchangeCapabilities lists: what is answered with more than an error or null. The method
// itself must not be listed
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/common.md#engine_exchangecapabilities).
const capabilities = `["engine_newPayloadV1","engine_newPayloadV2","engine_newPayloadV3","engine_newPayloadV4","engine_newPayloadV5",` +
	`"engine_forkchoiceUpdatedV1","engine_forkchoiceUpdatedV2","engine_forkchoiceUpdatedV3","engine_forkchoiceUpdatedV4",` +
	`"engine_exchangeTransitionConfigurationV1","engine_getClientVersionV1",` +
	`"engine_getPayloadBodiesByHashV1","engine_getPayloadBodiesByHashV2","engine_getPayloadBodiesByRangeV1","engine_getPayloadBodiesByRangeV2"]`

func exchangeCapabilities(_ *Server, dst []byte, _ [][]byte, _ int) ([]byte, error) {
	return append(dst, capabilities...), nil
}

// exchangeTransitionConfiguration echoes the client's configuration: the merge is long past, and a difference would
// only alarm it.
func exchangeTransitionConfiguration(_ *Server, dst []byte, params [][]byte, _ int) ([]byte, error) {
	if len(params) == 0 || params[0][0] != '{' || len(params[0]) > maxAnswer {
		return dst, invalid("want the transition configuration, an object")
	}
	return append(dst, params[0]...), nil
}

// getClientVersion names this client
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/identification.md#engine_getclientversionv1).
func (s *Server) getClientVersion(dst []byte, _ [][]byte, _ int) ([]byte, error) {
	dst = append(dst, `[{"code":"EP","name":"ethpeer","version":`...)
	dst = appendText(dst, s.cfg.Version)
	dst = append(dst, `,"commit":"0x`...)
	dst = hex.AppendEncode(dst, s.cfg.Commit[:])
	return append(dst, `"}]`...), nil
}

// getPayload never has one: ethpeer executes nothing, so it builds no block.
func getPayload(_ *Server, dst []byte, _ [][]byte, _ int) ([]byte, error) {
	return dst, &rpcError{codeUnknownPayload, "Unknown payload"}
}

// maxBlobs is how many blobs a call may ask for
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/cancun.md#engine_getblobsv1).
const maxBlobs = 128

// getBlobs has none. Version 2 answers all or null; the others have an element for each hash.
func getBlobs(_ *Server, dst []byte, params [][]byte, version int) ([]byte, error) {
	if len(params) == 0 {
		return dst, invalid("the versioned hashes are missing")
	}
	hashes, err := elements(params[0], maxBlobs)
	if err != nil {
		return dst, &rpcError{codeTooLarge, "versioned hashes: " + err.Error()}
	}
	if version == 2 {
		return append(dst, "null"...), nil
	}
	return appendNulls(dst, len(hashes)), nil
}

func appendNulls(dst []byte, n int) []byte {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, "null"...)
	}
	return append(dst, ']')
}

func (s *Server) chainID(dst []byte, _ [][]byte, _ int) ([]byte, error) {
	return appendQuantity(dst, s.cfg.ChainID), nil
}

func (s *Server) netVersion(dst []byte, _ [][]byte, _ int) ([]byte, error) {
	return append(strconv.AppendUint(append(dst, '"'), s.cfg.NetworkID, 10), '"'), nil
}

// height returns the number of our own head; 0 before there is a chain.
func (s *Server) height() uint64 {
	if b := s.attached(); b.Head != nil {
		return b.Head().Number
	}
	return 0
}

func (s *Server) blockNumber(dst []byte, _ [][]byte, _ int) ([]byte, error) {
	return appendQuantity(dst, s.height()), nil
}

// syncing is never false: an execution client that answers SYNCING is syncing.
func (s *Server) syncing(dst []byte, _ [][]byte, _ int) ([]byte, error) {
	current := s.height()
	dst = appendQuantity(append(dst, `{"startingBlock":"0x0","currentBlock":`...), current)
	dst = appendQuantity(append(dst, `,"highestBlock":`...), max(current, s.last.Number))
	return append(dst, '}'), nil
}

const (
	statusSyncing = `{"status":"SYNCING","latestValidHash":null,"validationError":null}`
	statusInvalid = `{"status":"INVALID","latestValidHash":null,"validationError":`
)

// newPayload takes a block
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/paris.md#engine_newpayloadv1 and later). It is SYNCING, unless
// the block hash is another than that of the header: then the payload is not what the consensus client's peers call this block.
func (s *Server) newPayload(dst []byte, params [][]byte, version int) ([]byte, error) {
	p, err := readPayload(params)
	if err != nil {
		return dst, invalid("payload: %v", err)
	}
	if err := checkVersion(p.header.Optional, version); err != nil {
		return dst, err
	}
	switch {
	case p.broken == nil && p.matches():
		s.keep(p)
	case p.unknown != "":
		s.tellStranger(p.unknown)
		s.lose()
	case p.broken != nil:
		return append(appendText(append(dst, statusInvalid...), p.broken.Error()), '}'), nil
	default:
		return append(dst, statusInvalid+`"the block hash is not that of the payload's header"}`...), nil
	}
	return append(dst, statusSyncing...), nil
}

// checkVersion refuses a payload of a later fork than its method has
// (https://github.com/ethereum/execution-apis/blob/main/src/engine/cancun.md#update-the-methods-of-previous-forks). Versions
// that this build does not know have any payload.
func checkVersion(fields types.OptionalFields, version int) error {
	latest := [...]types.OptionalFields{1: types.LondonFields, types.ShanghaiFields, types.CancunFields, types.PragueFields}
	if version < len(latest) && fields > latest[version] {
		return &rpcError{codeWrongFork, "Unsupported fork: the payload is of a later fork than the method's version"}
	}
	return nil
}

// keep remembers the header and hands the block to the backend.
func (s *Server) keep(p *payload) {
	s.headers.add(known{ref: p.ref(), header: p.raw})
	b := s.attached()
	if b.AddBlock == nil || b.AddBlock(p.raw, p.body, p.accessList) != nil {
		s.lose()
	}
}

// tellStranger says once that payloads have parts that this build does not know.
func (s *Server) tellStranger(part string) {
	if s.stranger {
		return
	}
	s.stranger = true
	s.trouble(event.TroublePayload, "the consensus client sends payloads with "+part+", which this version of ethpeer does not know: "+
		"their blocks come from peers instead; update ethpeer", false)
}
