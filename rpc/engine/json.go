// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// The functions of this file split JSON that [json.Valid] has accepted, without copying it: a payload has megabytes.

// A field is a member of an object: its name as it stands between the quotes, and its value.
type field struct{ name, value []byte }

// maxFields bounds the members of an object: a payload has 20.
const maxFields = 64

// fields returns the members of an object.
func fields(raw []byte) (all []field, err error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, errors.New("want an object")
	}
	for i := 1; ; i++ {
		if i = skipSpace(raw, i); raw[i] == '}' {
			return all, nil
		}
		if len(all) == maxFields {
			return nil, fmt.Errorf("has more than %d members", maxFields)
		}
		end := skipValue(raw, i)
		f := field{name: raw[i+1 : end-1]}
		i = skipSpace(raw, skipSpace(raw, end)+1) // behind the colon
		end = skipValue(raw, i)
		f.value = raw[i:end]
		for _, other := range all {
			if string(other.name) == string(f.name) {
				return nil, fmt.Errorf("%.40q is there twice", f.name)
			}
		}
		all = append(all, f)
		if i = skipSpace(raw, end); raw[i] == '}' {
			return all, nil
		}
	}
}

// elements returns the elements of an array, at most limit.
func elements(raw []byte, limit int) (all [][]byte, err error) {
	if len(raw) == 0 || raw[0] != '[' {
		return nil, errors.New("want an array")
	}
	for i := 1; ; i++ {
		if i = skipSpace(raw, i); raw[i] == ']' {
			return all, nil
		}
		if len(all) == limit {
			return nil, fmt.Errorf("has more than %d elements", limit)
		}
		end := skipValue(raw, i)
		all = append(all, raw[i:end:end])
		if i = skipSpace(raw, end); raw[i] == ']' {
			return all, nil
		}
	}
}

func skipSpace(raw []byte, i int) int {
	for raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r' {
		i++
	}
	return i
}

// skipValue returns where the value that begins at i ends.
func skipValue(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i // a number or a word was the last of its list
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

func isNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

// digits returns what follows 0x in a JSON string.
func digits(raw []byte) ([]byte, error) {
	n := len(raw)
	if n < 4 || raw[0] != '"' || raw[1] != '0' || raw[2] != 'x' || raw[n-1] != '"' {
		return nil, errors.New(`want a string of hexadecimal digits, "0x…"`)
	}
	return raw[3 : n-1], nil
}

// fixed reads DATA of the length of dst.
func fixed(raw, dst []byte) error {
	d, err := digits(raw)
	if err != nil {
		return err
	}
	if len(d) != 2*len(dst) {
		return fmt.Errorf("has %d digits, want %d", len(d), 2*len(dst))
	}
	_, err = hex.Decode(dst, d)
	return err
}

// appendData appends the bytes of DATA.
func appendData(dst, raw []byte) ([]byte, error) {
	d, err := digits(raw)
	if err != nil {
		return dst, err
	}
	return hex.AppendDecode(dst, d)
}

// quantity reads a QUANTITY of at most 64 bits: no leading zeros, "0x0" for zero.
func quantity(raw []byte) (uint64, error) {
	d, err := digits(raw)
	if err != nil {
		return 0, err
	}
	if len(d) > 1 && d[0] == '0' {
		return 0, errors.New("has leading zeros")
	}
	n, err := strconv.ParseUint(string(d[:min(len(d), 17)]), 16, 64)
	if err != nil {
		return 0, errors.New("is no quantity of at most 64 bits")
	}
	return n, nil
}

// Appending of answers.

func appendQuantity(dst []byte, n uint64) []byte {
	dst = append(dst, `"0x`...)
	return append(strconv.AppendUint(dst, n, 16), '"')
}

func appendHex(dst, b []byte) []byte {
	dst = append(dst, `"0x`...)
	return append(hex.AppendEncode(dst, b), '"')
}
