// SPDX-License-Identifier: Apache-2.0

package txgossip

import "testing"

// TestDocumentedBounds: the bounds as docs/security.md states them. The tests of each bound use its name.
func TestDocumentedBounds(t *testing.T) {
	for name, b := range map[string]struct{ is, documented int }{
		"transactions of a turn":         {fullShare, 16},
		"transactions of one peer":       {maxLine, 512},
		"transactions of all":            {maxStage, 16_384},
		"useful deliveries, one in":      {usefulOneIn, 32},
		"deliveries without a judgement": {judgeAfter, 64},
		"junk that is remembered":        {maxJunk, 16_384},
		"blocks of all":                  {maxBlocks, 64},
		"bytes of blocks":                {maxBlockBytes, 32 << 20},
		"names of one peer":              {maxNamedBy, 4096},
		"names in all":                   {maxNamed, 65_536},
		"time of a name, ms":             {int(nameFor.Milliseconds()), 300_000},
		"transactions of several peers":  {maxOften, 131_072},
		"transactions of one":            {maxOnce, 65_536},
	} {
		if b.is != b.documented {
			t.Errorf("%s: %d, and %d is documented", name, b.is, b.documented)
		}
	}
}
