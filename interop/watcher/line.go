// SPDX-License-Identifier: Apache-2.0

package watcher

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Line is one line of output, with the fields that the tests look at.
type Line struct {
	Kind string    `json:"kind"`
	Time time.Time `json:"time"`
	Seq  uint64    `json:"seq"`

	Hash   string `json:"hash"` // tx, sighting, block, head
	Via    string `json:"via"`
	Peer   string `json:"peer"` // 64 hexadecimal digits
	Client string `json:"client"`
	Size   uint64 `json:"size"`

	Type  *uint8 `json:"type"` // tx; from From on once its body is known
	From  string `json:"from"`
	To    string `json:"to"`
	Nonce uint64 `json:"nonce"`
	Value string `json:"value"` // decimal
	Gas   uint64 `json:"gas"`

	Number uint64 `json:"number"` // block, head
	Parent string `json:"parent"`
	Txs    *int   `json:"txs"`

	Event     string `json:"event"` // peer: up, down, failed
	Stage     string `json:"stage"`
	Direction string `json:"direction"`
	Eth       int    `json:"eth"`
	By        string `json:"by"`
	Reason    string `json:"reason"`
	Error     string `json:"error"`

	Where string `json:"where"` // loss
	Count uint64 `json:"count"`

	Arrived time.Time `json:"-"` // when we read it
	Raw     string    `json:"-"`
}

// parse reads a line. What every line must have is checked; fields that this package does
// not know are not.
func parse(raw []byte, arrived time.Time) (Line, error) {
	l := Line{Arrived: arrived, Raw: string(raw)}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, fmt.Errorf("not a JSON object: %w: %.200s", err, raw)
	}
	switch {
	case l.Kind == "":
		return l, fmt.Errorf("no kind: %.200s", raw)
	case l.Time.IsZero():
		return l, fmt.Errorf("no time: %.200s", raw)
	case !bytes.Contains(raw, []byte(`Z"`)):
		return l, fmt.Errorf("time is not UTC: %.200s", raw)
	}
	return l, nil
}

// Problems returns everything that is wrong with a whole output: lines out of sequence, a
// summary that is not last, times that lie after the line arrived.
func Problems(lines []Line) error {
	var errs []error
	for i, l := range lines {
		if i > 0 && l.Seq != lines[i-1].Seq+1 {
			errs = append(errs, fmt.Errorf("line %d: seq %d after %d", i+1, l.Seq, lines[i-1].Seq))
		}
		if l.Time.After(l.Arrived) {
			errs = append(errs, fmt.Errorf("line %d: time lies %v after its arrival: %s", i+1, l.Time.Sub(l.Arrived), l.Raw))
		}
		if (l.Kind == "summary") != (i == len(lines)-1) {
			errs = append(errs, fmt.Errorf("line %d of %d is a %s", i+1, len(lines), l.Kind))
		}
		if len(errs) > 10 {
			break
		}
	}
	if len(lines) == 0 {
		errs = append(errs, errors.New("no output"))
	}
	return errors.Join(errs...)
}
