// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/ethpeer/ethpeer/event"
	"github.com/ethpeer/ethpeer/rlpx"
)

// Each kind of end has one verdict, wrapped or not. A silent breach is not the network's fault, and costs the
// same score.
func TestJudge(t *testing.T) {
	broke := errors.New("broken")
	for _, test := range []struct {
		name  string
		cause error
		want  Verdict
	}{
		{"breach", Breach("bad"), Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true, Retry: retryBroken, Score: scoreBreach}},
		{"breach without words", unreadable(broke), Verdict{By: event.ByUs, Reason: ReasonProtocol, Retry: retryBroken, Score: scoreBreach}},
		{"another chain", Foreign("other"), Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true, Retry: retryNever, Score: scoreBreach}},
		{"they are full", &RemoteClose{Reason: ReasonTooManyPeers}, Verdict{By: event.ByThem, Reason: ReasonTooManyPeers, Said: true}},
		{"they find us useless", &RemoteClose{Reason: ReasonUseless}, Verdict{By: event.ByThem, Reason: ReasonUseless, Said: true, Retry: retryForeign, Score: scoreUseless}},
		{"they call us a liar", &RemoteClose{Reason: ReasonSubprotocol}, Verdict{By: event.ByThem, Reason: ReasonSubprotocol, Said: true, Retry: retryBroken, Score: scoreBreach}},
		{"they say network error", &RemoteClose{Reason: ReasonNetwork}, Verdict{By: event.ByThem, Reason: ReasonNetwork, Said: true, Score: scoreLost, Lost: true}},
		{"they were slow", &LocalClose{Reason: ReasonTimeout}, Verdict{By: event.ByUs, Reason: ReasonTimeout, Said: true, Score: scoreLost, Lost: true}},
		{"we quit", &LocalClose{Reason: ReasonQuitting}, Verdict{By: event.ByUs, Reason: ReasonQuitting, Said: true}},
		{"we leave without a word", &LocalClose{Silent: true}, Verdict{By: event.ByUs}},
		{"they hung up", io.EOF, Verdict{By: event.ByNetwork, Reason: ReasonNetwork, Score: scoreLost, Lost: true}},
		{"no answer", os.ErrDeadlineExceeded, Verdict{By: event.ByNetwork, Reason: ReasonNetwork, Score: scoreLost, Lost: true}},
		{"reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, Verdict{By: event.ByNetwork, Reason: ReasonNetwork, Score: scoreLost, Lost: true}},
		{"our protocol gave up", &gaveUp{err: io.EOF}, Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true}},
		{"our code", broke, Verdict{By: event.ByUs, Reason: ReasonSubprotocol, Said: true}},
	} {
		for _, cause := range []error{test.cause, fmt.Errorf("wrapped: %w", test.cause)} {
			if got := Judge(cause); got != test.want {
				t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
			}
		}
	}
}

// Nethermind sends "too many peers" right after its Hello, uncompressed. A Disconnect that is no snappy block
// is read uncompressed at any time; any other such message is a breach.
func TestUncompressedDisconnect(t *testing.T) {
	for _, test := range []struct {
		name    string
		code    uint64
		payload []byte
		reason  Reason
		ok      bool
	}{
		{"a list", codeDisconnect, []byte{0xc1, 0x04}, ReasonTooManyPeers, true},
		{"a bare integer", codeDisconnect, []byte{0x04}, ReasonTooManyPeers, true},
		{"a list of a long integer", codeDisconnect, []byte{0xc2, 0x81, 0x81}, 0x81, true},
		{"an empty list", codeDisconnect, []byte{0xc0}, ReasonRequested, true},
		{"nothing", codeDisconnect, nil, ReasonRequested, true},
		{"too long for one", codeDisconnect, make([]byte, maxDisconnect+1), 0, false},
		{"a ping", codePing, []byte{0xc0}, 0, false},
		{"a protocol's", baseLength, []byte{0xc1, 0x04}, 0, false},
	} {
		if test.name == "too long for one" {
			test.payload[0] = 0xff // so that it is no block
		}
		ours, theirs, _ := secured(t)
		_, protocols, c := oneTalk()
		p, err := NewPeer(ours, Config{Hello: &Hello{Version: BaseVersion, Caps: []Cap{c}}, Protocols: protocols})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- p.Run(t.Context()) }()
		theirs.SetSnappy(false)
		if err := theirs.Queue(&Out{Code: test.code, Raw: test.payload}); err != nil {
			t.Fatal(err)
		}
		if err := theirs.Flush(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		go func() { // our goodbye
			for {
				if _, _, err := theirs.Read(time.Now().Add(5 * time.Second)); err != nil && !errors.Is(err, rlpx.ErrBadSnappy) {
					return
				}
			}
		}()
		err = <-ended
		v := Judge(err)
		if said, ok := errors.AsType[*RemoteClose](err); ok != test.ok || ok && (said.Reason != test.reason || v.By != event.ByThem) {
			t.Errorf("%s: %v, %+v", test.name, err, v)
		}
		if !test.ok && (v.Said || v.Score != scoreBreach) {
			t.Errorf("%s: %v, %+v", test.name, err, v)
		}
	}
}
