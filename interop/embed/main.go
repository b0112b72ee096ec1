// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// A part uses one package, or some that belong together.
type part struct {
	name string
	use  func(ctx context.Context) error
}

func main() {
	failed := false
	for _, parts := range [][]part{values, codecs, discovery, peers, stores, nodes} {
		for _, p := range parts {
			began := time.Now()
			err := p.use(context.Background())
			if err != nil {
				failed = true
				fmt.Printf("FAIL  %s: %v\n", p.name, err)
				continue
			}
			fmt.Printf("ok    %-40s %4d ms\n", p.name, time.Since(began).Milliseconds())
		}
	}
	if failed {
		os.Exit(1)
	}
}

// want returns an error unless something holds.
func want(holds bool, format string, args ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, args...)
}
