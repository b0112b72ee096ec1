// SPDX-License-Identifier: Apache-2.0

// Mutate shows what a package's tests do not notice. It changes the package's code in one small way at a time, runs the
// tests on the changed code, and lists the changes with which all tests still pass: the survivors.
//
// The tree is not written to: each mutant is an overlay of go test. Mutants run in a random order, so that a run that ends at its
// time limit has seen a sample; the printed seed repeats the order. A mutant that does not compile is not counted. A mutant
// of code that no test runs survives without a run. Survivors are work for a person, so they do not make the run fail.
//
//	mutate [-minutes 5] [-seed 0] [-tests ./a,./b] ./package
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	minutes := flag.Float64("minutes", 5, "time limit; 0 is none")
	seed := flag.Uint64("seed", 0, "repeats the order of a run; 0 picks one")
	tests := flag.String("tests", "", "packages, separated by commas, whose tests run too")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "mutate: name one package, such as ./discover/kad")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *minutes > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(*minutes*float64(time.Minute)))
		defer cancel()
	}
	for *seed == 0 {
		*seed = rand.Uint64() >> 32
	}
	also := strings.FieldsFunc(*tests, func(r rune) bool { return r == ',' })
	if err := mutate(ctx, os.Stdout, flag.Arg(0), also, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}
