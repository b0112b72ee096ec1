// SPDX-License-Identifier: Apache-2.0

package eth

import (
	"testing"
	"time"
)

// The documentation states these bounds (doc.go, SPEC.md, docs/security.md). The other tests use
// the constants, so this one keeps their values.
func TestDocumentedBounds(t *testing.T) {
	for name, bound := range map[string]struct{ is, documented int }{
		"answers":                  {maxAnswers, 64},
		"bytes of answers":         {maxAnswerBytes, 1 << 20},
		"empty answers":            {maxEmpty, 1024},
		"requests in flight":       {maxInFlight, 64},
		"remembered requests":      {maxRemembered, 10_000},
		"known transactions":       {maxKnownTxs, 8192},
		"known blocks":             {maxKnownBlocks, 256},
		"blocks to tell":           {maxBlocksOut, 4},
		"block hashes to tell":     {maxHashesOut, 4},
		"announcements to tell":    {maxAnnouncedOut, 8192},
		"transactions to send":     {maxTxsOut, 4096},
		"bytes of transactions":    {maxTxBytesOut, 1 << 20},
		"a request's timeout, ms":  {int(requestTimeout.Milliseconds()), 5000},
		"a slow peer's, ms":        {int(maxTimeout.Milliseconds()), 20_000},
		"a caller's longest, ms":   {int(longestTimeout.Milliseconds()), 60_000},
		"how long it is late, ms":  {int(rememberFor.Milliseconds()), 300_000},
		"wait for the Status, ms":  {int(statusTimeout.Milliseconds()), 5000},
		"the least of an estimate": {int(new(estimate).timeout() / time.Millisecond), 5000},
	} {
		if bound.is != bound.documented {
			t.Errorf("%s: %d, documented as %d", name, bound.is, bound.documented)
		}
	}
}
