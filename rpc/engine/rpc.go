// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Codes of errors (https://www.jsonrpc.org/specification#error_object,
// https://github.com/ethereum/execution-apis/blob/main/src/engine/common.md#errors).
const (
	codeParse          = -32700
	codeInvalidRequest = -32600
	codeNoMethod       = -32601
	codeInvalidParams  = -32602
	codeUnknownPayload = -38001
	codeForkchoice     = -38002
	codeTooLarge       = -38004
	codeWrongFork      = -38005
)

// Bounds of one request.
const (
	maxBatch  = 128
	maxParams = 16
	maxID     = 128      // bytes
	maxMethod = 128      // bytes
	maxAnswer = 64 << 20 // bytes; what would be beyond it is an error instead
)

type rpcError struct {
	code    int
	message string
}

func (e *rpcError) Error() string { return e.message }

// invalid returns an error of the parameters.
func invalid(format string, args ...any) error {
	return &rpcError{codeInvalidParams, fmt.Sprintf(format, args...)}
}

// answer answers a body: one request or a batch. The answer to notifications alone is empty.
func (s *Server) answer(body []byte) []byte {
	if !json.Valid(body) {
		return appendError(nil, nil, &rpcError{codeParse, "the body is no JSON"})
	}
	body = body[skipSpace(body, 0):]
	if body[0] != '[' {
		return s.appendAnswer(nil, body)
	}
	all, err := elements(body, maxBatch)
	if err == nil && len(all) == 0 {
		err = errors.New("is empty")
	}
	if err != nil {
		return appendError(nil, nil, &rpcError{codeInvalidRequest, "batch: " + err.Error()})
	}
	answer := []byte{'['}
	for _, one := range all {
		before := len(answer)
		if before > 1 {
			answer = append(answer, ',')
		}
		start := len(answer)
		if answer = s.appendAnswer(answer, one); len(answer) == start {
			answer = answer[:before] // a notification
		}
	}
	if len(answer) == 1 {
		return nil
	}
	return append(answer, ']')
}

// A call is one request.
type call struct {
	id     []byte // nil = a notification
	method string
	params [][]byte
}

// appendAnswer appends the answer to one request; nothing if it is a notification.
func (s *Server) appendAnswer(dst, raw []byte) []byte {
	c, err := readCall(raw)
	if err != nil {
		return appendError(dst, c.id, &rpcError{codeInvalidRequest, err.Error()})
	}
	start := len(dst)
	dst = append(append(append(dst, `{"jsonrpc":"2.0","id":`...), c.id...), `,"result":`...)
	dst, err = s.call(dst, &c)
	if err == nil && len(dst) > maxAnswer {
		err = &rpcError{codeTooLarge, "the answer has more than 64 MiB: ask for less"}
	}
	switch {
	case c.id == nil:
		return dst[:start]
	case err != nil:
		var e *rpcError
		if !errors.As(err, &e) {
			e = &rpcError{codeInvalidParams, err.Error()}
		}
		return appendError(dst[:start], c.id, e)
	}
	return append(dst, '}')
}

// readCall reads a request object (https://www.jsonrpc.org/specification#request_object).
func readCall(raw []byte) (c call, err error) {
	all, err := fields(raw)
	if err != nil {
		return c, fmt.Errorf("request: %w", err)
	}
	for _, f := range all {
		switch string(f.name) {
		case "id":
			if isID := f.value[0] != '{' && f.value[0] != '[' && len(f.value) <= maxID; !isID {
				return c, errors.New("request: id is no short string or number")
			}
			c.id = f.value
		case "method":
			if f.value[0] != '"' || len(f.value) > maxMethod {
				return c, errors.New("request: method is no short string")
			}
			c.method = string(f.value[1 : len(f.value)-1])
		case "params":
			if isNull(f.value) {
				continue
			}
			if c.params, err = elements(f.value, maxParams); err != nil {
				return c, fmt.Errorf("request: params: %w", err)
			}
		}
	}
	if c.method == "" {
		return c, errors.New("request: method is missing")
	}
	return c, nil
}

// call appends the result of a method.
func (s *Server) call(dst []byte, c *call) ([]byte, error) {
	for _, m := range methods {
		version, ok := versionOf(c.method, m.name, m.versioned)
		if !ok {
			continue
		}
		return m.answer(s, dst, c.params, version)
	}
	return dst, &rpcError{codeNoMethod, fmt.Sprintf("the method %.60s does not exist", c.method)}
}

// versionOf returns the version of a method's name: "engine_newPayloadV4" is version 4.
func versionOf(method, name string, versioned bool) (version int, ok bool) {
	suffix, ok := strings.CutPrefix(method, name)
	if !ok || !versioned {
		return 0, ok && suffix == ""
	}
	digits, ok := strings.CutPrefix(suffix, "V")
	if !ok || len(digits) > 2 {
		return 0, false
	}
	version, err := strconv.Atoi(digits)
	return version, err == nil && version > 0 && digits[0] != '+'
}

// appendError appends an error answer. The message is of this package and short; what a caller sent is quoted in it.
func appendError(dst, id []byte, e *rpcError) []byte {
	if id == nil {
		id = []byte("null")
	}
	dst = append(append(append(dst, `{"jsonrpc":"2.0","id":`...), id...), `,"error":{"code":`...)
	dst = strconv.AppendInt(dst, int64(e.code), 10)
	return append(appendText(append(dst, `,"message":`...), e.message), "}}"...)
}

// appendText appends a JSON string.
func appendText(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a string has no error
	return append(dst, quoted...)
}
