// SPDX-License-Identifier: Apache-2.0

package params

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"unicode"

	"github.com/holiman/uint256"
)

// A GenesisError says which field of a genesis file is wrong and what to do about it.
type GenesisError struct {
	Field   string // such as "config.londonBlock"; empty where the file is no JSON
	Problem string // what is wrong; what to do
}

func (e *GenesisError) Error() string {
	if e.Field == "" {
		return "genesis file: " + e.Problem
	}
	return "genesis file: " + e.Field + ": " + e.Problem
}

func wrong(field, format string, args ...any) error {
	return &GenesisError{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// entry is one key of a JSON object with its value, still undecoded.
type entry struct {
	key   string
	value json.RawMessage
}

// entries returns what is in the JSON object raw, in order. The caller has checked that
// raw is JSON.
func entries(path string, raw json.RawMessage) ([]entry, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, wrong(path, "want an object, {…}, have %s", excerpt(raw))
	}
	var list []entry
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, wrong(path, "%v", err)
		}
		var e entry
		e.key, _ = t.(string)
		if err := d.Decode(&e.value); err != nil {
			return nil, wrong(path, "%v", err)
		}
		list = append(list, e)
	}
	return list, nil
}

// object is a JSON object whose keys are known. As geth does, it ignores the case of
// keys, and takes null for absent.
type object struct {
	path   string
	fields map[string]json.RawMessage // keys in lower case
}

func readObject(path string, raw json.RawMessage) (object, error) {
	list, err := entries(path, raw)
	if err != nil {
		return object{}, err
	}
	return newObject(path, list)
}

func newObject(path string, list []entry) (object, error) {
	o := object{path, make(map[string]json.RawMessage, len(list))}
	for _, e := range list {
		key := strings.ToLower(e.key)
		if _, twice := o.fields[key]; twice {
			return object{}, wrong(o.at(e.key), "is there twice; remove one")
		}
		o.fields[key] = e.value
	}
	return o, nil
}

func (o object) at(key string) string {
	if o.path == "" {
		return shown(key)
	}
	return o.path + "." + shown(key)
}

func (o object) get(key string) (raw json.RawMessage, ok bool) {
	raw, ok = o.fields[strings.ToLower(key)]
	return raw, ok && !isNull(raw)
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

// excerpt shows a piece of the file in an error message, shortened, and so that no byte of
// it moves a terminal's cursor.
func excerpt(raw []byte) string {
	const limit = 70 // a hash with 0x and quotes fits
	var more string
	if len(raw) > limit {
		raw, more = raw[:limit], "…"
	}
	printable := func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}
	return strings.Map(printable, string(raw)) + more
}

func shown(key string) string { return excerpt([]byte(key)) }

// text returns the content of a JSON string.
func text(field string, raw json.RawMessage) (s string, err error) {
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", wrong(field, "want a string, have %s", excerpt(raw))
	}
	return s, nil
}

// number reads an unsigned integer of up to 256 bits: a JSON number, or a string in
// decimal or in hexadecimal after 0x. The empty string is zero, as for geth.
func number(field string, raw json.RawMessage) (v uint256.Int, err error) {
	s := string(raw)
	if raw[0] == '"' {
		if s, err = text(field, raw); err != nil {
			return v, err
		}
	}
	digits, base, allowed := s, 10, "0123456789"
	if len(s) >= 2 && (s[:2] == "0x" || s[:2] == "0X") {
		digits, base, allowed = s[2:], 16, "0123456789abcdefABCDEF"
	}
	if s == "" {
		return v, nil
	}
	if digits == "" || strings.Trim(digits, allowed) != "" {
		return v, wrong(field, "%s is no whole number; write it like 1337 or \"0x539\"", excerpt(raw))
	}
	// 78 decimal digits hold 256 bits; longer ones are not worth the work of parsing.
	if digits = strings.TrimLeft(digits, "0"); len(digits) > 78 {
		return v, wrong(field, "%s has more than 256 bits; write a smaller number", excerpt(raw))
	}
	b, ok := new(big.Int).SetString("0"+digits, base)
	if !ok || v.SetFromBig(b) {
		return v, wrong(field, "%s has more than 256 bits; write a smaller number", excerpt(raw))
	}
	return v, nil
}

// number64 reads an unsigned integer of up to 64 bits.
func number64(field string, raw json.RawMessage) (uint64, error) {
	v, err := number(field, raw)
	if err != nil {
		return 0, err
	}
	if !v.IsUint64() {
		return 0, wrong(field, "%s has more than 64 bits; write a smaller number", excerpt(raw))
	}
	return v.Uint64(), nil
}

// bytesOf reads hexadecimal after 0x.
func bytesOf(field string, raw json.RawMessage) ([]byte, error) {
	s, err := text(field, raw)
	if err != nil || s == "" {
		return nil, err
	}
	digits, ok := cutPrefix0x(s)
	if !ok {
		return nil, wrong(field, "%s does not begin with 0x; write 0x before the digits", excerpt(raw))
	}
	b, err := hex.DecodeString(digits)
	switch {
	case errors.Is(err, hex.ErrLength):
		return nil, wrong(field, "%s has an odd number of digits; put a 0 before the first", excerpt(raw))
	case err != nil:
		return nil, wrong(field, "%s is not hexadecimal; use the digits 0-9 and a-f", excerpt(raw))
	}
	return b, nil
}

// fixedBytes reads hexadecimal after 0x into dst, which it must fill exactly.
func fixedBytes(field string, raw json.RawMessage, dst []byte) error {
	b, err := bytesOf(field, raw)
	if err != nil {
		return err
	}
	if len(b) != len(dst) {
		return wrong(field, "%s has %d bytes, want %d; write 0x and %d digits", excerpt(raw), len(b), len(dst), 2*len(dst))
	}
	copy(dst, b)
	return nil
}

func cutPrefix0x(s string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "0x"); ok {
		return rest, true
	}
	return strings.CutPrefix(s, "0X")
}
